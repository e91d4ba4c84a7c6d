"""Source texts, and all that is said about them: diagnostics, codes, how they look."""
