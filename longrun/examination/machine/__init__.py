"""Checks of the step as a program: eager and graph, modes, resume, retracing, memory, precision."""
