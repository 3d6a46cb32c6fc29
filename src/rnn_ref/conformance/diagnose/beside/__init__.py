"""What is wrong beside a habit of most hand-written code: habits themselves, averages, what stands for nothing."""
