"""Targets that are no functions: a framework's modules, layers and files, offered under the functions' names."""
