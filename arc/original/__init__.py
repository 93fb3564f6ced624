"""The original study as it was: its data, its models, its training."""
