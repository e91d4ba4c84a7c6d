"""Names of C as names of Python: the same ones, but for those that Python or ctypes has itself.

What another language would rename for its style stays as it is; `class` is `class_`, and two
leading underscores become one, since Python would take `__pad` for a private name of whichever
class mentions it.
"""

from __future__ import annotations

from bpfgen.emit.user_space.names import Names
from bpfgen.record import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

LANGUAGE = "Python"

KEYWORDS = frozenset(
    "False None True and as assert async await break class continue def del elif else except"
    " finally for from global if import in is lambda nonlocal not or pass raise return try while"
    " with yield".split()
)
"""keyword.kwlist of every Python from 3.9 on; soft keywords can be had."""

MODULES = frozenset({"annotations", "bpfgen", "builtins", "ctypes", "enum", "sys", "typing"})
"""What the file binds by its imports."""

BUILTINS = frozenset(
    "ImportError NotImplemented ValueError bool bytes classmethod float getattr hash int isinstance"
    " len list object property staticmethod str super tuple type".split()
)
"""The builtins that the file uses: a class of such a name would stand in their way."""

OWN_NAMES = frozenset(
    "_E _Structure _StructureT _T _Union _UnionT _assert_layout _bits _enumerator _given _int128"
    " _members _place _plain _resized _rest _set_bits _set_text _signed_bits _text _uint128".split()
)
"""What the file defines for itself, see templates/python/."""

MODULE_NAMES = KEYWORDS | MODULES | BUILTINS | OWN_NAMES

MEMBER_NAMES = KEYWORDS | frozenset(
    "bpfgen builtins ctypes typing"
    " _align_ _anonymous_ _b_base_ _b_needsfree_ _fields_ _flexible_ _layout_ _members_ _objects"
    " _pack_ _swappedbytes_"
    " from_address from_buffer from_buffer_copy from_bytes from_param in_dll".split()
)
"""What a member can't be called: attributes of ctypes' classes and of ours, and modules."""

ENUMERATOR_NAMES = KEYWORDS | frozenset(
    "as_integer_ratio bit_count bit_length conjugate denominator from_bytes imag is_integer mro"
    " name numerator real to_bytes value".split()
)
"""What a member of an IntEnum can't be called without losing what int or Enum has there."""


def python_name(name: str, reserved: frozenset[str]) -> str:
    """Return what *name* is called in Python, where the names *reserved* can't be had."""
    if name.startswith("__"):
        name = f"_{name.lstrip('_')}"
    return f"{name}_" if name in reserved else name


def enumerator_name(name: str, enum: str) -> str:
    """Return what the constant *name* is called in the IntEnum *enum*.

    Between single underscores a name is one of enum's own (`_missing_`), and after that of the
    class, with an underscore before and two after it, a private one, which is no member.
    """
    name = python_name(name, ENUMERATOR_NAMES)
    if len(name) > 2 and name[0] == name[-1] == "_" != name[-2]:
        return f"{name}_"
    return f"{name}__" if name.startswith(f"_{enum.lstrip('_')}__") else name


class PythonNames(Names):
    """The names of a module or of one of its classes."""

    def __init__(self, reserved: Iterable[str] = ()) -> None:
        """The names *reserved* are used by the file itself."""
        super().__init__(LANGUAGE)
        for name in reserved:
            self.free(name)
