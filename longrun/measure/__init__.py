"""What every project measures in the same way."""
