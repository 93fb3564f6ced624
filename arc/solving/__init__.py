"""Whole tasks solved by test-time training: frames, relations, cells, votes, submissions."""
