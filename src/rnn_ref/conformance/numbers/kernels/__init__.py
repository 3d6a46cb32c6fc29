"""What kernels of few bits compute: the bound for them, and programs that round as they do."""
