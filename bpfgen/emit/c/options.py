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


class Accessors(Record):
    """The accessors of a header's maps for one side, as text; empty where there are none.

    Attributes:
        head: What all of them need.
        maps: The functions of each map that has any, with its name.
        end: What undefines it.
    """

    head: str = ""
    maps: tuple[tuple[str, str], ...] = ()
    end: str = ""

    @property
    def text(self) -> str:
        """All of it."""
        functions = "\n".join([text for _, text in self.maps])
        return f"{self.head}\n{functions}{self.end}" if self.head else ""


class Access(Record):
    """The accessors of a header's maps.

    Attributes:
        program: For BPF programs.
        user: For user space, over libbpf.
    """

    program: Accessors = Accessors()
    user: Accessors = Accessors()
