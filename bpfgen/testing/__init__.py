"""Golden files for projects that use bpfgen; `bpfgen.pytest_plugin` brings them into pytest."""
