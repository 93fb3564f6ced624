"""The original run as it was: its data, its models, its training."""
