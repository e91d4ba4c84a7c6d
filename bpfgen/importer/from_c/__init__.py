"""C source -> source in the language: what a compiled object has lost, names and expressions.

:mod:`lines` takes comments out, :mod:`unit` reads the file as the preprocessor does, by what clang
says (:mod:`preprocessing`) or by the file's own macros (:mod:`conditions`), :mod:`declarations`
cuts it up, :mod:`macros` expands what has no name to keep, :mod:`attributes`, :mod:`declarators`
and :mod:`definitions` read maps, :mod:`map_texts` and :mod:`map_shapes` write them, :mod:`needs`
finds what they need, in the :mod:`trees` that the language's own parser makes of types and in
:mod:`headers`, and :mod:`source` puts it together. :mod:`compiled` holds the outcome against
clang's. Types are carried over to the letter, since the language has C's.
"""

from __future__ import annotations

from bpfgen.importer.from_c.source import import_c

__all__ = ["import_c"]
