"""What can be made of one picture: families of transformations, splits into lists of pictures, and choices among them."""
