"""The kernel's types and constants, in the language itself."""
