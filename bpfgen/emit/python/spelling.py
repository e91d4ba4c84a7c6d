"""Types as Python text: as a class of ctypes, and as an annotation.

A name in the body of a class means the class's own attribute first, to type checkers always: there
a module's name that a member has, too, is reached through an alias beside the class.
"""

from __future__ import annotations

from bpfgen.emit.python.fields import BYTE, is_bytes
from bpfgen.emit.user_space.types import (
    BOOLEAN,
    CHARACTER,
    FLOATING,
    NATIVE,
    Alias,
    Enumeration,
    Number,
    Opaque,
    Sequence,
    Structure,
    resolved,
)
from bpfgen.record import TYPE_CHECKING, assert_never

if TYPE_CHECKING:
    from collections.abc import Callable, Container

    from bpfgen.emit.user_space.types import Declared, UserType

INT128, UINT128 = "_int128", "_uint128"
"""Classes of the file, of 16 bytes that a map has as an int."""


class Speller:
    """Spells types in one scope: the module's, or that of a class's body.

    Attributes:
        aliases: The lines that this scope needs before it: `_flow = flow`.
        uses_builtins: Whether a builtin is spelled with its module.
        uses: The classes of the file's own that were spelled.
    """

    def __init__(
        self,
        name_of: Callable[[Declared], str],
        aliases: dict[str, str],
        free: Callable[[str], str],
    ) -> None:
        """Spell for the module.

        Args:
            name_of: The name of a declared type in this module, that of its own module before it.
            aliases: Those that the module has so far, by what they stand for.
            free: Makes a name that nobody has of one that is wanted.
        """
        self.aliases: list[str] = []
        self.uses_builtins = False
        self.uses: set[str] = set()
        self._name_of = name_of
        self._known = aliases
        self._free = free
        self._shadowed: Container[str] = ()

    def within(self, shadowed: Container[str]) -> Speller:
        """Return the speller of the body of a class that has the attributes *shadowed*."""
        speller = Speller(self._name_of, self._known, self._free)
        speller._shadowed = shadowed
        return speller

    def builtin(self, name: str) -> str:
        """Return how the builtin *name* is written here."""
        if name not in self._shadowed:
            return name
        self.uses_builtins = True
        return f"builtins.{name}"

    @property
    def outside(self) -> Speller:
        """The speller of the bodies of functions, which see the module's names alone."""
        return self.within(())

    def name(self, declared: Declared) -> str:
        """Return how the class of *declared* is written here."""
        name = self._name_of(declared)
        first, dot, rest = name.partition(".")
        if first not in self._shadowed:
            return name
        alias = self._known.get(first)
        if alias is None:
            alias = self._known[first] = self._free(f"_{first.lstrip('_')}")
            self.aliases.append(f"{alias} = {first}")
        return f"{alias}{dot}{rest}"

    def c_type(self, type: UserType) -> str:
        """Return the class of ctypes that has the bytes of *type*."""
        lengths = ""
        while True:
            match type:
                case Number():
                    # The bytes of a text have no sign.
                    is_text = bool(lengths) and type.kind == CHARACTER
                    return f"{_number(BYTE if is_text else type)}{lengths}"
                case Enumeration():
                    return f"{_integer(type.size, signed=type.signed)}{lengths}"
                case Opaque():
                    return f"ctypes.c_uint8 * {type.size}{lengths}"
                case Structure():
                    return f"{self.name(type)}{lengths}"
                case Sequence():
                    lengths = f" * {type.length}{lengths}"
                    type = type.element
                case Alias():
                    type = type.target
                case _:
                    assert_never(type)

    def map_type(self, type: UserType) -> str:
        """Return the class for a key, value or record of *type*: one that says how it is read.

        Members have properties for that; their fields are of :meth:`c_type`.
        """
        bare = resolved(type)
        if isinstance(bare, Number) and bare.kind == BOOLEAN:
            return "ctypes.c_bool"
        if isinstance(bare, Number) and bare.kind != FLOATING and is_bytes(bare):
            name = INT128 if bare.signed else UINT128
            self.uses.add(name)
            return name
        return self.c_type(type)

    def annotation(self, type: UserType) -> str:
        """Return the type of what a program reads where the field is of *type*."""
        bare = resolved(type)
        if isinstance(bare, Number) and not is_bytes(bare):
            return self.builtin("float" if bare.kind == FLOATING else "int")
        return self.builtin("int") if isinstance(bare, Enumeration) else self._element(bare)

    def _element(self, type: UserType) -> str:
        """Return *type* as the element of an array that is annotated."""
        closing = ""
        opening = ""
        while True:
            match type:
                case Sequence():
                    opening += "ctypes.Array["
                    closing += "]"
                    type = type.element
                case Alias():
                    type = type.target
                case Number() if type.kind == CHARACTER:
                    type = BYTE
                case Number() if not is_bytes(type):
                    plain = _number(type).removesuffix(".__ctype_be__").removesuffix(_LITTLE)
                    return f"{opening}{plain}{closing}"
                case Enumeration():
                    return f"{opening}{_integer(type.size, signed=type.signed)}{closing}"
                case Number() | Opaque():
                    return f"{opening}ctypes.Array[ctypes.c_uint8]{closing}"
                case Structure():
                    return f"{opening}{self.name(type)}{closing}"
                case _:
                    assert_never(type)

    def argument(self, type: UserType) -> str:
        """Return the type of what a program may pass for a field of *type*."""
        bare = resolved(type)
        annotation = self.annotation(bare)
        if not annotation.startswith("ctypes.Array["):
            return annotation
        element = resolved(bare.element) if isinstance(bare, Sequence) else bare
        item = "typing.Any"
        if isinstance(bare, Opaque) or isinstance(element, Enumeration):
            item = self.builtin("int")
        elif isinstance(element, (Number, Structure)):
            item = self.annotation(element)
        if item.startswith("ctypes.Array["):
            item = "typing.Any"
        return f"{annotation} | typing.Sequence[{item}]"


_LITTLE = ".__ctype_le__"


def static_type(spelled: str) -> str:
    """Return what a type checker takes the class *spelled* for: of any length and byte order."""
    element, *lengths = spelled.split(" * ")
    element = element.removesuffix(".__ctype_be__").removesuffix(_LITTLE)
    return " * ".join((element, *("…" for _ in lengths)))


def _number(number: Number) -> str:
    if is_bytes(number):
        return f"ctypes.c_uint8 * {number.size}"
    if number.kind == FLOATING:
        return "ctypes.c_float" if number.size == 4 else "ctypes.c_double"
    plain = _integer(number.size, signed=number.signed)
    if number.byte_order == NATIVE or number.size == 1:
        return plain
    return f"{plain}.__ctype_{number.byte_order[0]}e__"


def _integer(size: int, *, signed: bool) -> str:
    return f"ctypes.c_{'' if signed else 'u'}int{8 * size}"
