"""What :mod:`bpfgen.ctype.compare` works with and gives back: pairs of types, and differences."""

from __future__ import annotations

from bpfgen.record import TYPE_CHECKING, Record, replace
from bpfgen.text.diagnostics import Subject

if TYPE_CHECKING:
    from typing import TypeAlias

    from bpfgen.ctype.types import Type
    from bpfgen.record import Uncompared
    from bpfgen.text.source import Span

    Path: TypeAlias = tuple["Path", int] | None

TARGET = -1
"""A step of a path: what a pointer, typedef, qualifier or tag is of, or what a function returns."""
ELEMENT = -2
"""A step of a path: the element of an array. Steps from 0 are members and parameters."""


class Difference(Record):
    """One thing in which the emitted type is not the declared one.

    Attributes:
        message: Both sides in words, with the place: "member `b` of `struct s` is declared …".
        forward: The emitted type is a forward declaration where it must be whole.
        path: How to go from the emitted type to the culprit, the last step first.
        span: Where the declared side stands, or None.
        help: What to do about it, where that is known.
        subject: What differs, by name: a struct with its member, an enum with its enumerator, a
            typedef; what was compared as a whole, where it is none of them; or None.
        names: The declared name and the emitted one, where both are types of one kind, members or
            enumerators, and nothing but their names is reported to differ.
    """

    message: str
    forward: bool
    path: Path
    span: Uncompared[Span | None]
    help: str = ""
    subject: Subject | None = None
    names: tuple[str, str] | None = None

    def says_the_same(self, other: Difference) -> bool:
        """Return whether *other* is this difference once more, met further in."""
        return replace(self, path=None, names=None) == replace(other, path=None, names=None)


class Pair(Record):
    """A declared and an emitted type that should be the same, and where they are met.

    Attributes:
        subject: What the two are the type of, in words.
        by_name: A pointer or a prototype is in front of them, so that what has a name is a name.
        typedef: The typedef that names them, or empty.
        top: The types that *subject* has; the two themselves where None.
        place: Where they are met, by name: see :attr:`Difference.subject`.
        is_nameless: They are of a member without a name.
    """

    declared: Type
    emitted: Type
    subject: str
    path: Path
    span: Uncompared[Span | None]
    by_name: bool = False
    typedef: str = ""
    top: tuple[Type, Type] | None = None
    place: Subject | None = None
    is_nameless: bool = False


def part_of(subject: Subject | None, kind: str, name: str) -> Subject:
    """Return the member or enumerator (*kind*) *name* of *subject*; alone where that is None."""
    if subject is None:
        return Subject(kind, name)
    part = f"{subject.part}.{name}" if subject.part else name
    return Subject(subject.kind, subject.name, part)


def is_called(
    declared: tuple[str, str] | None, emitted: tuple[str, str] | None, *, flavors: bool
) -> bool:
    """Whether a type that is *declared* as (kind, name) may be *emitted* so.

    With *flavors*, `v___2` is `v`, as for libbpf's CO-RE (bpf_core_essential_name_len): a linked
    object may have several types of one name, and C has no other way to speak of them.
    """
    if not flavors or declared is None or emitted is None or declared == emitted:
        return declared == emitted
    return declared[0] == emitted[0] and declared[1].rpartition("___")[0] == emitted[1] != ""
