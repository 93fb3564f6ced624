"""One training of encoder and decoder: data, regimes, losses, step, guards, release."""
