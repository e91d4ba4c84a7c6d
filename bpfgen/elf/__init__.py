"""ELF, the container of BPF objects: :mod:`read` takes it apart by the names of the gABI."""
