"""One training on the skills: data, losses, step, guards, release."""
