"""What a model is worth: attacks, camera, scores beside floors, pages, speed."""
