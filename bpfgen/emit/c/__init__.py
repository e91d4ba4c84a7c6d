"""A model as a C header, and as the translation unit that is compiled to verify it."""
