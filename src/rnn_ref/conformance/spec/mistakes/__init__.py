"""The mistakes, each an edit of one right base."""
