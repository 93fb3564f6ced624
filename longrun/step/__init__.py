"""One training step and what it is made of: the guarded function, gradients, schedules, random numbers, devices."""
