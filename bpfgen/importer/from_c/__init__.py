"""C source -> source in the language: what a compiled object has lost, names and expressions.

:mod:`lines` takes comments out, :mod:`unit` has the file preprocessed by clang
(:mod:`preprocessing`), or by its own :mod:`macros` and :mod:`conditions` where there is none,
:mod:`declarations` cuts up what came out, :mod:`written` finds how it was written, with the names
of constants, :mod:`attributes`, :mod:`declarators`, :mod:`definitions` and :mod:`initializers` read
maps, :mod:`completion` asks the compiled object for what the language can't read, :mod:`map_texts`
and :mod:`map_shapes` write them, :mod:`needs` finds what they need, in the :mod:`trees` that the
language's own parser makes of types and in :mod:`headers`, and :mod:`source` puts it together.
:mod:`compiled` holds the outcome against clang's object of the preprocessed text. What a source
declares is what the preprocessor said; what was written decides on names and comments alone.

All this is one :mod:`view` of a file. Where its :mod:`conditionals` ask for :mod:`open_macros`,
:mod:`views` asks :mod:`variants` for one view for each case of the :mod:`branch_conditions` that
have :mod:`relevance` for the maps, and :mod:`merging` makes one source of them.
"""

from __future__ import annotations

from bpfgen.importer.from_c.source import import_c

__all__ = ["import_c"]
