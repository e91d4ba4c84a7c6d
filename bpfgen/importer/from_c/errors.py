"""What stops the import of one declaration of C; the rest of the file goes on."""

from __future__ import annotations


class CError(Exception):
    """A declaration that can't be read or has no counterpart; the message says why."""
