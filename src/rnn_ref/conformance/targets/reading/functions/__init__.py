"""The functions of a file: what can be called, what role each may play, and what bears the specification's names."""
