"""Methods of a struct for what its fields don't say by themselves: getters, setters, texts, tails.

After the layout. A member that shares bytes with others, is a bit-field or stands unaligned has a
getter and a setter; so have a number in another byte order and a `bool`, whose fields hold what is
in memory. An array of `char` is read and written as text, too.
"""

from __future__ import annotations

from bpfgen.emit.rust.comments import doc
from bpfgen.emit.rust.form import call, chain, function
from bpfgen.emit.rust.layout import has_text, integer, is_converted, is_text
from bpfgen.emit.rust.names import INHERENT, is_snake_case, member_name
from bpfgen.emit.user_space.names import Names
from bpfgen.emit.user_space.storage import Direct, Empty, Storage
from bpfgen.emit.user_space.types import (
    BIG,
    BOOLEAN,
    FLOATING,
    NATIVE,
    Enumeration,
    Number,
    Sequence,
    resolved,
    size_of,
)
from bpfgen.record import TYPE_CHECKING, Record

if TYPE_CHECKING:
    from bpfgen.emit.rust.layout import Field, Form, Layouts
    from bpfgen.emit.user_space.types import Structure, UserMember, UserType

GET, PUT, GET_BITS, GET_SIGNED, PUT_BITS, TEXT, PUT_TEXT, QUOTED, QUOTED_EACH = (
    "get",
    "put",
    "get_bits",
    "get_signed_bits",
    "put_bits",
    "text",
    "put_text",
    "quoted",
    "quoted_each",
)
"""The functions that generated methods call, which the end of the file has where they are used."""

_DEPTH = 8
"""Columns in front of a method's body."""


class Method(Record):
    """A method as programs call it.

    Attributes:
        member: The name in C of what it reads or writes.
        role: Which of the methods of that it is.
        signature: Its parameters and its result.
    """

    member: str
    role: str
    name: str
    signature: str


class Methods(Record):
    """The methods of one struct.

    Attributes:
        lines: As they stand in its `impl`.
        values: For the name of each member with a value, the expression that `Debug` shows.
        used: The functions that they call.
        lints: Names of lints that have something to say about them.
        declared: What programs may call.
    """

    lines: tuple[str, ...]
    values: dict[str, str]
    used: frozenset[str]
    lints: tuple[str, ...]
    declared: tuple[Method, ...]


def methods_of(
    structure: Structure, form: Form, layouts: Layouts, words: dict[str, str]
) -> Methods:
    """Return the methods of *structure*, which is written as *form*.

    Args:
        layouts: Spells the types.
        words: How names of Rust's prelude are written, see `bpfgen.emit.rust.names.words_beside`.
    """
    writer = _Writer(form, layouts, words)
    places = {
        id(member): field
        for field in form.fields
        for member in (
            field.piece.members
            if isinstance(field.piece, Storage)
            else (field.piece.member,)
            if isinstance(field.piece, (Direct, Empty))
            else ()
        )
    }
    getters: list[tuple[UserMember, Field, str]] = []
    for member in structure.members:
        field = places.get(id(member))
        if field is None or size_of(member.type) == 0:
            continue
        if isinstance(field.piece, Storage) or is_converted(member.type):
            getters.append((member, field, writer.names.free(member_name(member.name))))
        else:
            value = f"self.{field.name}"
            writer.values[member.name] = f"{{ {value} }}" if form.packed else value
    for member, field, name in getters:
        writer.getter(member, field, name)
        writer.setter(member, field)
    for member in structure.members:
        field = places.get(id(member))
        if field is not None and member.bit_width is None and is_text(member.type):
            writer.text(member, field)
        if not structure.is_union and member.name in writer.values and has_text(member.type):
            writer.show_text(member)
        writer.tail(member)
    lints = list(writer.lints)
    if getters and structure.size <= _SMALL:
        lints.append("clippy::trivially_copy_pass_by_ref")
    if not all(is_snake_case(name) for name in writer.methods):
        lints.append("non_snake_case")
    if any(name.startswith(_CONVENTIONS) for name in writer.methods):
        lints.append("clippy::wrong_self_convention")
    lints += [lint for name, lint in _NAMES_WITH_LINTS.items() if name in writer.methods]
    return Methods(
        tuple(writer.lines),
        writer.values,
        frozenset(writer.used),
        tuple(lints),
        tuple(writer.declared),
    )


_NAMES_WITH_LINTS = {
    "len": "clippy::len_without_is_empty",
    "new": "clippy::new_ret_no_self",
}
"""Methods of which clippy expects more than a getter does."""

_SMALL = 8
"""The most bytes of a value that clippy would have a method take by value."""

_CONVENTIONS = ("as_", "from_", "into_", "is_", "to_")
"""What clippy expects of a method from the beginning of its name."""


class _Writer:
    """Writes the methods of one struct, one after the other."""

    def __init__(self, form: Form, layouts: Layouts, words: dict[str, str]) -> None:
        self.lines: list[str] = []
        self.values: dict[str, str] = {}
        self.used: set[str] = set()
        self.lints: list[str] = []
        self.methods: list[str] = []
        self.declared: list[Method] = []
        self.names = Names("Rust")
        for name in INHERENT:
            self.names.free(name)
        self._form = form
        self._layouts = layouts
        self._words = words

    def _method(
        self,
        whose: tuple[UserMember, str],
        name: str,
        parameters: list[str],
        result: str,
        body: list[str],
        about: list[str],
    ) -> None:
        """Write a method; *whose* is the member that it is about, and its role."""
        self._declare(whose, name, parameters, result)
        if self.lines:
            self.lines.append("")
        self.lines += about
        if result and not result.startswith(self._words["Result"]):  # which is `must_use` itself
            self.lines.append("    #[must_use]")
        self.lines += function(f"pub fn {name}", parameters, result, body, "    ")

    def _declare(
        self, whose: tuple[UserMember, str], name: str, parameters: list[str], result: str
    ) -> None:
        member, role = whose
        self.methods.append(name)
        signature = f"fn({', '.join(parameters)}) -> {result or '()'}"
        self.declared.append(Method(member.name, role, name, signature))

    def getter(self, member: UserMember, field: Field, name: str) -> None:
        """Write the method *name* that returns the value of *member*, which is in *field*."""
        self.values[member.name] = f"self.{name}()"
        result = self._value_type(member)
        if member.bit_width is not None:
            body = self._bits(member, field)
        elif isinstance(field.piece, Storage):
            offset = member.offset - field.piece.offset
            self.used.add(GET)
            arguments = [f"&self.{field.name}", str(offset)]
            if is_converted(member.type):
                stored = f"get::<{self._layouts.type(member.type)}>({', '.join(arguments)})"
                body = _converted(stored, member.type)
            else:
                body = call("get", arguments, "", _DEPTH)
        else:
            body = _converted(f"self.{field.name}", member.type)
        self._method((member, "get"), name, ["&self"], result, body, _about(member))

    def setter(self, member: UserMember, field: Field) -> None:
        """Write the method that changes *member*, which is in *field*."""
        name = self.names.free(f"set_{member.name}")
        if member.bit_width is not None:
            self.used.add(PUT_BITS)
            place = [str(member.bit_offset - 8 * field.piece.offset), str(member.bit_width)]
            value = self._as_bits(member.type)
            body = call("put_bits", [f"&mut self.{field.name}", *place, value], ";", _DEPTH)
        else:
            value = _to_stored("value", member.type) if is_converted(member.type) else "value"
            if isinstance(field.piece, Storage):
                self.used.add(PUT)
                offset = str(member.offset - field.piece.offset)
                body = call("put", [f"&mut self.{field.name}", offset, value], ";", _DEPTH)
            else:
                body = [f"self.{field.name} = {value};"]
        parameters = ["&mut self", f"value: {self._value_type(member)}"]
        self._method((member, "set"), name, parameters, "", body, [])

    def text(self, member: UserMember, field: Field) -> None:
        """Write the methods that read and write *member*, an array of `char`, as text."""
        self.used |= {TEXT, PUT_TEXT}
        word = member.name
        size = size_of(member.type)
        place = f"self.{field.name}"
        if isinstance(field.piece, Storage):
            offset = member.offset - field.piece.offset
            if (offset, size) != (0, field.piece.size):
                place += f"[{offset or ''}..{offset + size}]"
        raw = self.names.free(f"{word}_bytes")
        self._method(
            (member, "bytes"),
            raw,
            ["&self"],
            "&[u8]",
            call("text", [f"&{place}"], "", _DEPTH),
            [f"    /// Returns the bytes of `{member.name}` before the first NUL."],
        )
        error = "core::str::Utf8Error"
        self._method(
            (member, "text"),
            self.names.free(f"{word}_text"),
            ["&self"],
            f"{self._words['Result']}<&str, {error}>",
            [f"core::str::from_utf8(self.{raw}())"],
            [
                f"    /// Returns `{member.name}` before its first NUL as text.",
                "    ///",
                "    /// # Errors",
                "    ///",
                "    /// It isn't UTF-8.",
            ],
        )
        self._method(
            (member, "set text"),
            self.names.free(f"set_{word}_text"),
            ["&mut self", "text: &str"],
            "",
            call("put_text", [f"&mut {place}", "text"], ";", _DEPTH),
            [f"    /// Sets `{member.name}` to the bytes of `text`, cut or filled up with NULs."],
        )

    def show_text(self, member: UserMember) -> None:
        """Have `Debug` show *member*, of which there is text, as strings."""
        self.used |= {TEXT, QUOTED}
        argument = f"&{self.values[member.name]}"
        if is_text(member.type):
            self.values[member.name] = f"quoted(text({argument}))"
        else:
            self.used.add(QUOTED_EACH)
            self.values[member.name] = f"quoted_each({argument})"

    def tail(self, member: UserMember) -> None:
        """Write the function that reads *member*, if it is a flexible array, of a longer slice."""
        type = resolved(member.type)
        if not isinstance(type, Sequence) or not type.flexible or size_of(type.element) == 0:
            return
        name = self.names.free(f"{member.name}_in")
        rest = [f"get({member.offset}..)", "unwrap_or_default()"] if member.offset else []
        about = [
            f"    /// Returns the elements of `{member.name}` in `bytes`, which begin as this does."
        ]
        if is_text(type) or self._logical(resolved(type.element)) == "u8":
            body = chain("bytes", rest, _DEPTH)
            self._method((member, "in"), name, ["bytes: &[u8]"], "&[u8]", body, about)
            return
        self.used.add(GET)
        item = self._logical(type.element)
        if is_converted(type.element):
            stored = f"get::<{self._layouts.type(type.element)}>(element, 0)"
            read = _from_stored(stored, type.element)
        else:
            read = "get(element, 0)"
        calls = [*rest, f"chunks_exact({size_of(type.element)})", f"map(|element| {read})"]
        result = f"impl {self._words['Iterator']}<Item = {item}> + '_"
        # An iterator is `must_use` by itself.
        self._declare((member, "in"), name, ["bytes: &[u8]"], result)
        if self.lines:
            self.lines.append("")
        self.lines += about
        body = chain("bytes", calls, _DEPTH)
        self.lines += function(f"pub fn {name}", ["bytes: &[u8]"], result, body, "    ")

    def _value_type(self, member: UserMember) -> str:
        if member.bit_width is None:
            return self._logical(member.type)
        type = resolved(member.type)
        if isinstance(type, Enumeration):
            return self._layouts.path(type)
        assert isinstance(type, Number)
        return "bool" if type.kind == BOOLEAN else integer(type.size, signed=type.signed)

    def _logical(self, type: UserType) -> str:
        """Return the type of what a program works with for *type*."""
        if not is_converted(type):
            return self._layouts.type(type)
        bare = resolved(type)
        if isinstance(bare, Sequence):
            return f"[{self._logical(bare.element)}; {bare.length}]"
        assert isinstance(bare, Number)
        if bare.kind == BOOLEAN:
            return "bool"
        assert bare.kind != FLOATING
        return integer(bare.size, signed=bare.signed)

    def _bits(self, member: UserMember, field: Field) -> list[str]:
        """Return the body of the getter of the bit-field *member*, which is in *field*."""
        assert member.bit_width is not None
        type = resolved(member.type)
        assert isinstance(type, (Number, Enumeration))
        signed = type.signed and not (isinstance(type, Number) and type.kind == BOOLEAN)
        head = "get_signed_bits" if signed else "get_bits"
        self.used |= {GET_BITS, GET_SIGNED} if signed else {GET_BITS}
        place = [
            f"&self.{field.name}",
            str(member.bit_offset - 8 * field.piece.offset),
            str(member.bit_width),
        ]
        if isinstance(type, Number) and type.kind == BOOLEAN:
            return call(head, place, " != 0", _DEPTH)
        cast = ""
        if type.size < 16:
            cast = f" as {integer(type.size, signed=signed)}"
            if "clippy::cast_possible_truncation" not in self.lints:
                self.lints.append("clippy::cast_possible_truncation")
        if isinstance(type, Enumeration):
            inside = f"{head}({', '.join(place)}){cast}"
            return call(self._layouts.path(type), [inside], "", _DEPTH)
        return call(head, place, cast, _DEPTH)

    def _as_bits(self, type: UserType) -> str:
        """Return the expression of `value`, of *type*, as the `u128` that `put_bits` takes."""
        bare = resolved(type)
        assert isinstance(bare, (Number, Enumeration))
        value = "value.0" if isinstance(bare, Enumeration) else "value"
        if bare.signed:
            if "clippy::cast_sign_loss" not in self.lints:
                self.lints.append("clippy::cast_sign_loss")
            return f"{value} as u128"
        return value if bare.size == 16 else f"u128::from({value})"


def _about(member: UserMember) -> list[str]:
    """Return the doc comment of the getter of *member*."""
    own = doc(member.doc, "    ")
    if own:
        return own
    type = resolved(member.type)
    if isinstance(type, Number) and member.bit_width is None and type.byte_order != NATIVE:
        return [f"    /// Returns `{member.name}` in the byte order of this machine."]
    return []


def _converted(stored: str, type: UserType) -> list[str]:
    """Return the body of a method that returns the value that *stored* is of *type*."""
    value = _from_stored(stored, type)
    if value.startswith(f"{stored}."):
        return chain(stored, [value.removeprefix(f"{stored}.")], _DEPTH)
    return [value]


def _from_stored(stored: str, type: UserType, level: int = 0) -> str:
    """Return the expression of the value that *stored*, an expression, is of *type*."""
    bare = resolved(type)
    if isinstance(bare, Sequence):
        inner = resolved(bare.element)
        if isinstance(inner, Number) and inner.kind != BOOLEAN:
            return f"{stored}.map({_integer_of(inner)}::from_{_order(inner)}_bytes)"
        name = "part" if isinstance(inner, Sequence) else "byte"
        name += str(level) if level else ""
        return f"{stored}.map(|{name}| {_from_stored(name, inner, level + 1)})"
    assert isinstance(bare, Number)
    if bare.kind == BOOLEAN:
        return f"{stored} != 0"
    return f"{_integer_of(bare)}::from_{_order(bare)}_bytes({stored})"


def _to_stored(value: str, type: UserType, level: int = 0) -> str:
    """Return the expression of what is stored for *value*, an expression of *type*."""
    bare = resolved(type)
    if isinstance(bare, Sequence):
        inner = resolved(bare.element)
        if isinstance(inner, Sequence):
            name = f"part{level or ''}"
            return f"{value}.map(|{name}| {_to_stored(name, inner, level + 1)})"
        assert isinstance(inner, Number)
        if inner.kind == BOOLEAN:
            return f"{value}.map(u8::from)"
        return f"{value}.map({_integer_of(inner)}::to_{_order(inner)}_bytes)"
    assert isinstance(bare, Number)
    if bare.kind == BOOLEAN:
        return f"u8::from({value})"
    return f"{value}.to_{_order(bare)}_bytes()"


def _integer_of(type: Number) -> str:
    return integer(type.size, signed=type.signed)


def _order(type: Number) -> str:
    return "be" if type.byte_order == BIG else "le"
