"""Exact arithmetic: the map, valuations, features, and the sets that are scored."""
