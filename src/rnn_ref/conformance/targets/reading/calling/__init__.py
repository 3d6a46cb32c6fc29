"""Foreign callables with places for the parts of a network, and how they are called."""
