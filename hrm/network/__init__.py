"""The recurrent network, its carry and halting, and trained reasoners in use."""
