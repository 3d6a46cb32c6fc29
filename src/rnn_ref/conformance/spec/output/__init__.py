"""The output layer, from states to logits."""
