"""Arrays that a user gives, judged without a target: at any sizes, in any dtype, for kernels of any precision."""
