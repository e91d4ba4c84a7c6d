"""How many programs of real projects bpfgen moves: `python -m tests.adoption`."""
