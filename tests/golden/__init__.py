"""Outputs held against files: a missing file means that nothing is expected."""
