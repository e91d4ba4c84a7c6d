"""A run of the tests leaves nothing in the kernel, and takes no more there than it may."""
