"""Films: read frame by frame from any container, stamped with a steady mark, read back, and written with their sound"""
