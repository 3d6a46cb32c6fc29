"""Foreign code of several layers: lists of weights, or weights whose names are numbered, read as a stack."""
