"""One training of V: sampler, losses, step, schedules, guards, release."""
