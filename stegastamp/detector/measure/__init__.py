"""What a detector is worth on held-out frames."""
