"""Foreign code of cells with gates: which weight is which gate's, how states are handed on, and how it is called."""
