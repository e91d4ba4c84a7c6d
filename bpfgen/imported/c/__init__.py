"""C source -> source in the language: what a compiled object has lost, names and expressions.

:mod:`text` cuts the file into its declarations and keeps account of the preprocessor's lines,
:mod:`definitions` reads those that define maps, with pycparser, and :mod:`source` puts together
what the maps need. Types are carried over to the letter, since the language has C's.
"""

from __future__ import annotations

from bpfgen.imported.c.source import import_c

__all__ = ["import_c"]
