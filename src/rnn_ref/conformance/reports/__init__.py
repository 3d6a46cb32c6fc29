"""The report on one target or on several, and the formats in which it is written."""
