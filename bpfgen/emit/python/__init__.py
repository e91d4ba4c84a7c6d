"""A model as a Python module: ctypes structures, enums and the facts of maps, for user space."""
