"""Pictures as people have them: files of all kinds, photos for training, messages put in and read out."""
