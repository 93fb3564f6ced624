"""What tells a sick run from a healthy one: guards over the logged numbers, and the floors beside every score."""
