"""The functions V: closed forms, the clock, the networks."""
