"""Checks of the data: what must not matter, what train and held-out share, pairs under augmentation, speed."""
