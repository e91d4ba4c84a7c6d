"""Typed access to maps in C, where `--accessors` asks for it: `program` on the BPF side, `user`."""
