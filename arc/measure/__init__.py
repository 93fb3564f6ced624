"""Scores beside floors, tables over models, pages, speed."""
