"""One training of a reasoner: data, losses, step, guards, release."""
