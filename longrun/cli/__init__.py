"""The command line that every project has."""
