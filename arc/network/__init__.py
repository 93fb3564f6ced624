"""The transformers, and how they answer."""
