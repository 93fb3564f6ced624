"""Grids, tasks, their symmetries and pictures: plain NumPy, the one door through which another project may come."""
