"""Object bytes -> maps and types, as libbpf's open step understands them.

Takes what clang, gcc or a static linker wrote; gives an :class:`ObjectFile`. Reading stops short of
libbpf's load-time adjustments (ring buffer sizes, CPU counts): the numbers are those of the
definitions. It shares nothing with the code that writes objects but the vocabulary of types and the
table of map kinds, so that the one can be held against the other.

In order: :mod:`read` goes through the file, :mod:`definition` reads the struct of a map in `.maps`,
:mod:`legacy` those of section `maps`.
"""

from __future__ import annotations

from bpfgen.object.read import read_object
from bpfgen.object.records import (
    DatasecEntry,
    Definition,
    Extern,
    InternalMap,
    ObjectFile,
    ObjectMap,
    StructOpsMap,
)

__all__ = [
    "DatasecEntry",
    "Definition",
    "Extern",
    "InternalMap",
    "ObjectFile",
    "ObjectMap",
    "StructOpsMap",
    "read_object",
]
