"""The networks: encoder, decoder, localiser; the trained pair in use, and its export to other runtimes."""
