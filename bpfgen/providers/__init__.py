"""Names from elsewhere: the prelude, imported files, C headers."""
