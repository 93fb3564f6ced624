"""What a reasoner is worth: exact answers, use of its input, votes, pictures, speed."""
