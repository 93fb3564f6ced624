"""Stamps found in photos and films: a small network marks pictures in a frame, OpenCV fits quads, the Stamper has the last word."""
