"""Classes as callables: how objects of them are made, what they hold, and how their methods are called."""
