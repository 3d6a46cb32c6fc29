"""The catalogue of mistakes, each a small wrong implementation: one right base, and an edit of its text for each."""
