"""Which number is the loss, which gradients are its derivatives, and what is known of those that are not."""
