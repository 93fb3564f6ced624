"""Models that leave a run: saved, halved, found again."""
