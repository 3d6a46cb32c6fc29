"""What is wrong beside a habit of most hand-written code: habits themselves, and losses that are averages."""
