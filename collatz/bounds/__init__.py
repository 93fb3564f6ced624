"""What no function of the features can do better than."""
