"""The project that a check is part of: its configuration, its record of what was asked, and its targets by name."""
