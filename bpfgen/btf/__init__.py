"""BTF, the types of BPF objects and of the kernel: :mod:`decode` reads it, :mod:`dump` lists it."""
