"""The losses as it is specified."""
