"""A file or a notebook as text: its cells, its lines, and what of it is IPython or Python 2."""
