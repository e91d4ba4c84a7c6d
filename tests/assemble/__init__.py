"""Objects that bpfgen assembles itself, held against those that clang makes of the same model."""
