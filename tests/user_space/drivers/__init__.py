"""Programs in each language that read and write what bpfgen generated: see `differential`."""
