"""What C, libbpf and the kernel ask of the types of keys, values and records."""
