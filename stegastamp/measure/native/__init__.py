"""Stamps at the images' own resolution: measured photo by photo, and a page that shows what came out."""
