"""What a model sees that it must not."""
