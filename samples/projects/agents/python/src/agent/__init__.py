"""An agent: it says which system calls a BPF program counts, and prints what that has to say."""
