"""What libbpf and the kernel ask of map definitions."""
