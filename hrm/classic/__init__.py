"""The original run: the training of September 2025 ("fresh HRM") that hrm is about, as it was, each of its faults a switch."""
