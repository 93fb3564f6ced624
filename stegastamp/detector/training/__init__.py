"""One training of the detector: composed frames, step, loop."""
