"""Where in a picture the mark lies, read off the picture's spectrum: crops along one axis and both, turned by any angle, mirrored"""
