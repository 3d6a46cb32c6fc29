"""Which one edit of a function makes its gradients right."""
