"""The life of a run: its folder, its loop, its checkpoints, what it writes down."""
