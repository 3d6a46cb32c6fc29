"""What is specified of every function: probes, truth, allowances, framework calls, mistakes and their words."""
