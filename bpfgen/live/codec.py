"""Bytes of the kernel as values of Python, and back: ctypes types, numbers, bytes.

What `bpfgen.live.typed` reads and writes through. A structure or union is an instance of its class,
made by its `from_bytes` if it has one, as those of generated code do; a number is a Python number;
an array of bytes is `bytes`, or an int where its class has `_signed_`, as generated code's
`__int128` has; everything else an instance of its ctypes type. Another form is a :class:`Codec` of
one's own.

What is given is the whole of it: what is too short, too long, too large or of another type is
refused, since it would be another key.
"""

from __future__ import annotations

import sys
from functools import partial
from typing import TYPE_CHECKING, Generic, TypeVar

from bpfgen.values.wanted import bytes_of, int_of, list_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType
    from typing import Any, TypeAlias

T = TypeVar("T")

_INTEGERS = frozenset("bBhHiIlLqQ")
"""The codes of ctypes' integers; its bool takes what is true or false."""

_ID_SIZE = 4
"""Bytes of an index, an id and a descriptor."""


class Codec(Generic[T]):
    """How a value is made of bytes, and bytes of a value.

    Attributes:
        size: In bytes; None for any.
        decode: Makes a value of `size` bytes, or of more: of a record that is padded.
        encode: Makes bytes of a value.
    """

    __slots__ = ("decode", "encode", "size")

    def __init__(
        self,
        size: int | None,
        decode: Callable[[bytes], T],
        encode: Callable[[T], bytes],
    ) -> None:
        self.size = size
        self.decode = decode
        self.encode = encode


if TYPE_CHECKING:
    Form: TypeAlias = Codec[T] | type[T] | int | None


def codec_of(form: Form[Any]) -> Codec[Any]:
    """Return the codec for *form*.

    Args:
        form: A ctypes type; a codec; a number of bytes, which stay bytes; None for any bytes.
    """
    if isinstance(form, Codec):
        return form
    if form is None or isinstance(form, int):
        return Codec(form, bytes, partial(bytes_of, size=form))
    import ctypes  # whoever has such a type has loaded it

    if not isinstance(form, type):
        raise TypeError(f"a form is a ctypes type, a codec, a size or None, and not {form!r}")
    return _codec_of_type(form, ctypes)


def _codec_of_type(form: Any, ctypes: ModuleType) -> Codec[Any]:
    size = ctypes.sizeof(form)
    if issubclass(form, ctypes.Array):
        if ctypes.sizeof(form._type_) == 1 and not issubclass(form._type_, ctypes.Structure):
            if hasattr(form, "_signed_"):
                return numbers(size, signed=form._signed_)
            return Codec(size, lambda data: bytes(data[:size]), partial(bytes_of, size=size))
        return Codec(size, form.from_buffer_copy, _sequence(form))
    if issubclass(form, ctypes._SimpleCData):  # noqa: SLF001 -- what it is called in the documentation
        return Codec(size, lambda data: form.from_buffer_copy(data).value, _number(form))
    decode = getattr(form, "from_bytes", form.from_buffer_copy)
    return Codec(size, decode, _instance(form))


def numbers(size: int | None, *, signed: bool = False) -> Codec[int]:
    """Return the codec for integers of *size* bytes, or of 4 where that isn't known."""
    length = size or _ID_SIZE

    def decode(data: bytes) -> int:
        return int.from_bytes(data[:length], sys.byteorder, signed=signed)

    def encode(value: Any) -> bytes:
        number = int_of(value)
        try:
            return number.to_bytes(length, sys.byteorder, signed=signed)
        except OverflowError:
            sign = "a sign" if signed else "no sign"
            raise OverflowError(
                f"{number} doesn't fit in {length} bytes that have {sign}"
            ) from None

    return Codec(size, decode, encode)


def _sequence(form: Any) -> Callable[[Any], bytes]:
    count = form._length_
    encode_item = codec_of(form._type_).encode

    def encode(value: Any) -> bytes:
        if isinstance(value, form):
            return bytes(value)
        return b"".join(map(encode_item, list_of(value, count)))

    return encode


def _number(form: Any) -> Callable[[Any], bytes]:
    is_integer = form._type_ in _INTEGERS

    def encode(value: Any) -> bytes:
        if isinstance(value, form):
            return bytes(value)
        number = form(value)
        if is_integer and number.value != value:
            raise OverflowError(f"{value!r} doesn't fit in a {form.__name__}")
        return bytes(number)

    return encode


def _instance(form: Any) -> Callable[[Any], bytes]:
    def encode(value: Any) -> bytes:
        if not isinstance(value, form):
            raise TypeError(f"a {form.__name__} is wanted, and this is a {type(value).__name__}")
        return bytes(value)

    return encode
