"""Finding the reading of one function: what may stand in its places, how arrays may lie, what its answer then is."""
