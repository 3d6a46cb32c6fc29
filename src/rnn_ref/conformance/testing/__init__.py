"""The checks as items of test frameworks."""
