"""What the bits say: formats, error correction, soft decision, and when a message is accepted."""
