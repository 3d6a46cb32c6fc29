"""The arithmetic by which answers are judged: exact, of twice the precision, bounded, and plain."""
