"""PyTorch's modules: how they are made, called and read, a class for every check and an instance as it is."""
