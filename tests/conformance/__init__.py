"""Tests against independent witnesses: clang, bpftool, libbpf, pahole, the kernel's headers."""
