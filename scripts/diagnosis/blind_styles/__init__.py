"""Right programs in styles of their own; ``blind.py`` plants mistakes in their text."""
