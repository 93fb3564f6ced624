"""What happens to a stamp on its way to the decoder, differentiable."""
