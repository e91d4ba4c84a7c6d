"""What the C backend can be asked for."""

from __future__ import annotations

from bpfgen.record import Record

MODERN = "modern"
"""`__uint(type, …); __type(key, …);`: libbpf's macros, all in BTF."""

INITIALIZER = "initializer"
"""`int type; … = { .type = … }`: the form of the commit that introduced BTF-defined maps."""

STYLES = (MODERN, INITIALIZER)
"""The values of `--style`."""


class HeaderOptions(Record):
    """How a header is to be written.

    Attributes:
        style: One of :data:`STYLES`.
        accessors: Whether it has typed access to its maps, on both sides.
    """

    style: str = MODERN
    accessors: bool = False


class Access(Record):
    """The accessors of a header's maps, as text; empty where there are none.

    Attributes:
        program: For BPF programs.
        user: For user space, over libbpf.
    """

    program: str = ""
    user: str = ""
