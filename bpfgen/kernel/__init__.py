"""The kernel's tables: kinds of maps, flags, special fields, tags, versions."""
