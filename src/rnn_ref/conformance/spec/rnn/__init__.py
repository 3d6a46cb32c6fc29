"""The tanh network as it is specified."""
