"""What holds the weights of cells with gates: objects, records, and what makes them."""
