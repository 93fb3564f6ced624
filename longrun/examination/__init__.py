"""What is asked of a training before its long run: one check a file, a table of verdicts, and the guards for `model.fit`."""
