"""Pictures made of the input by composed transformations, rules read off them, and answers for which such rules vote (new here)."""
