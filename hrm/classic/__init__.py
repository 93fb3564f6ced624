"""The network and training of the report, rebuilt as they were, each fault behind a switch of its own."""
