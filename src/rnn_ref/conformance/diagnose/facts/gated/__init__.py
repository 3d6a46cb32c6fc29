"""What is known of a step with gates, line by line."""
