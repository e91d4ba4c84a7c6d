"""The maps and types of an object, as source."""
