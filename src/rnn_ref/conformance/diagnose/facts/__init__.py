"""What is known of an error that has no name: a file for each kind of fact, and ``told``, which ranks them."""
