"""Reading losses as they stand: of logits and targets under any name, forward and backward."""
