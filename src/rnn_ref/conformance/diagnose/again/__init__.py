"""Questions that a diagnosis asks the target again: with less in them, or with other text."""
