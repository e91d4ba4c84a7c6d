"""A model as JSON."""
