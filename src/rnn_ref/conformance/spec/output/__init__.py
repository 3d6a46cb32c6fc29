"""The output layer as it is specified."""
