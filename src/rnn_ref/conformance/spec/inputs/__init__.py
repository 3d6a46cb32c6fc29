"""What inputs are made of: numbers from names, what is special about some, and how far they keep from a kink."""
