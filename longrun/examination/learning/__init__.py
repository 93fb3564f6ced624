"""Checks of what can be learnt: gradients, one batch by heart, the loss at the start, simple predictors, use of the input."""
