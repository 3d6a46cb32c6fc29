"""What kernels compute in: formats of few bits, the bound for them, and programs that round as they do."""
