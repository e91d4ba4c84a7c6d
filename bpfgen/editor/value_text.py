"""What names of a text come to, as Markdown: types with their layout, constants, maps, programs.

For hovers and for the text beside a completion. What the numbers are, the model and the tables say;
here is how they look.
"""

from __future__ import annotations

from bpfgen.ctype.describe import counted, described
from bpfgen.ctype.padding import has_padding, holes
from bpfgen.ctype.sizes import alignof, sizeof
from bpfgen.ctype.types import (
    WRAPPERS,
    Array,
    Composite,
    Constant,
    Enum,
    Named,
    Typedef,
    Unknown,
    underlying,
)
from bpfgen.editor.expressions import constant_used
from bpfgen.editor.kernel_names import kernel_type
from bpfgen.editor.table_text import fenced, flag_text, inline, kind_form, sentence, special_text
from bpfgen.editor.visible import (
    BUILT_IN,
    CONSTANT_KINDS,
    IMPORTED,
    INCLUDED,
    TYPE_KINDS,
    models_of,
    type_of,
    whole,
)
from bpfgen.emit.c.declarators import REST, Speller
from bpfgen.emit.dsl.dialect import DSL
from bpfgen.emit.dsl.maps import MapWriter
from bpfgen.inspection.memory import sizes_of_model
from bpfgen.inspection.types import definition
from bpfgen.kernel.map_flags import MAP_FLAGS, described_flags
from bpfgen.kernel.map_kinds import MAP_KINDS
from bpfgen.kernel.version import format_version
from bpfgen.model.fingerprint import fingerprint_of_map
from bpfgen.model.maps import FILLED_IN, PINNING, Map, Template
from bpfgen.model.model import ProgramDeclaration
from bpfgen.record import TYPE_CHECKING, replace
from bpfgen.text.quantities import spelled_bytes

if TYPE_CHECKING:
    from bpfgen.ctype.types import Expression, Member, Type
    from bpfgen.editor.analysis import Analysis
    from bpfgen.editor.expressions import Body
    from bpfgen.editor.visible import Name
    from bpfgen.inspection.memory import SizedMap
    from bpfgen.model.maps import Shape

CACHE_LINE = 64
"""Bytes, of x86-64 and of nearly all of arm64."""

_MOST_LINES = 60
"""Of a type's body; a window of an editor shows no more."""

_LONGEST = 1 << 10
"""Characters of one declaration."""

_PINNINGS = {value: word for word, value in PINNING.items()}
"""The words of the language, by what libbpf has for them."""

_LAID_OUT = replace(DSL, listing=True)
"""The language, each member with a declaration of its own."""


def name_text(analysis: Analysis, name: Name) -> str:
    """Return what *name* means: its declaration, what it comes to, its comment, its origin."""
    name = whole(name)
    if name.kind == "constant" and name.value is None:
        value_used = constant_used(models_of(analysis.compilation), name.name)
        name = replace(name, value=value_used)
    elif name.kind in TYPE_KINDS and name.value is None:
        name = kernel_type(analysis, name.name, name.kind) or name
    value = name.value
    parts: list[str] = []
    if name.kind in TYPE_KINDS:
        parts.append(_type_part(name))
        parts.append(special_text(name.name))
    elif name.kind in CONSTANT_KINDS:
        parts.append(_constant_part(name))
        if name.name in MAP_FLAGS:
            parts.append(flag_text(name.name, None, None))
    elif isinstance(value, (Map, Template)):
        parts.append(map_text(analysis, value))
    elif isinstance(value, ProgramDeclaration):
        speller = Speller(_LAID_OUT)
        parts.append(fenced(f"{speller.declaration(value.type, value.name)};"))
        parts.append("A program, which is defined in C.")
    elif name.kind == "macro":
        parts.append(fenced(f"macro {name.name};"))
        parts.append("A macro of C, which the program defines before it includes the header.")
    else:
        parts.append(fenced(f"{name.kind} {name.name}"))
    if name.origin != BUILT_IN:
        parts.append(name.doc)
    parts.append(_origin(name))
    return "\n\n".join(part for part in parts if part)


def _origin(name: Name) -> str:
    if name.origin == IMPORTED:
        return f"Imported: {inline(name.where)}."
    if name.origin == INCLUDED:
        return "Of a C header, or of the kernel."
    if name.origin == BUILT_IN:
        return f"Built in ({name.doc})." if name.doc else "Built in."
    return ""


def _type_part(name: Name) -> str:
    called = name.name if name.kind == "typedef" else f"{name.kind} {name.name}"
    type = type_of(name)
    if type is None or isinstance(type, Unknown):
        return fenced(called)
    return type_text(type, called)


def type_text(type: Type, called: str = "") -> str:
    """Return *type* with its layout, and its size and alignment; *called* where it has no name."""
    lines = layout_lines(type) or [called or described(type)]
    parts = [fenced("\n".join(lines), "c")]
    summary = size_text(type)
    if summary:
        parts.append(summary)
    return "\n\n".join(parts)


def layout_lines(type: Type) -> list[str]:
    """Return the definition of *type* with the place of each member; empty without a name."""
    speller = Speller(_LAID_OUT)
    speller.room = _LONGEST
    if isinstance(type, Typedef):
        named = type.underlying
        if isinstance(named, (Composite, Enum)) and not named.tag:
            return _definition(named, "typedef ", f" {type.name};")
        lines = [f"typedef {speller.declaration(named, type.name)};"]
        body = _body(named)
        if body is not None:
            lines += ["", *_definition(body)]
        return lines
    if isinstance(type, (Composite, Enum)):
        return _definition(type)
    if isinstance(type, Named):
        return [f"{speller.type_name(type)};"]
    return []


def _definition(type: Composite | Enum, before: str = "", after: str = ";") -> list[str]:
    line = CACHE_LINE if isinstance(type, Composite) and type.size > CACHE_LINE else 0
    return definition(Speller(_LAID_OUT), type, before, after, most=_MOST_LINES, cache_line=line)


def _body(type: Type) -> Composite | Enum | None:
    """Return the struct, union or enum with a body that *type* is, or is an array of."""
    while isinstance(type, (*WRAPPERS, Array)):
        type = type.element if isinstance(type, Array) else type.underlying
    return type if isinstance(type, (Composite, Enum)) else None


def size_text(type: Type) -> str:
    """Return how large *type* is, how it is aligned, and what of it is padding; or nothing."""
    size = sizeof(type)
    if size is None:
        return ""
    parts = [f"{counted(size, 'byte')}, aligned to {alignof(type)}"]
    bare = underlying(type)
    if isinstance(bare, Composite):
        own = sum(hole.bit_size for hole in holes(bare))
        if own:
            parts.append(f"{bits_text(own)} of padding")
        elif has_padding(bare):
            parts.append("padding in what it holds")
        if size > CACHE_LINE:
            parts.append(f"{-(-size // CACHE_LINE)} cache lines of {CACHE_LINE} bytes")
    return sentence("; ".join(parts))


def bits_text(bits: int) -> str:
    """Return a length in bytes where it is whole: `3 bytes`, `13 bits`."""
    return counted(bits // 8, "byte") if bits % 8 == 0 else counted(bits, "bit")


def member_text(body: Body, member: Member) -> str:
    """Return where *member*, which is in *body*, is, and how large it is."""
    speller = Speller(_LAID_OUT)
    speller.room = _LONGEST
    text = f"{speller.declaration(member.type, member.name or '')}{speller.suffix(member)};"
    around = body.around
    kind = around.kind if isinstance(around, Composite) else "enum"
    called = f"{kind} {around.tag}" if around.tag else f"{kind} {{{REST[2:-2]}}}"
    place = f"in {inline(called)} {member_place(body.type, member, body.bit_offset)}"
    parts = [fenced(text, "c"), sentence(place), member.doc]
    bare = _body(member.type)
    if bare is not None:
        parts.append(size_text(bare))
        parts.append(special_text(bare.tag or ""))
    return "\n\n".join(part for part in parts if part)


def member_place(owner: Composite | Enum, member: Member, base: int = 0) -> str:
    """Return `at 8, 4 bytes`, or for a bit-field `at bit 64, 3 bits`; and the hole before it.

    Places are counted from *base* bits before *owner*, which has *member*.
    """
    offset = base + member.bit_offset
    if member.is_bitfield or member.bitfield_size:
        text = f"at bit {offset}, {counted(member.bitfield_size, 'bit')}"
    else:
        text = f"at {offset // 8}"
        size = sizeof(member.type)
        if size is not None:
            text += f", {counted(size, 'byte')}"
    if isinstance(owner, Composite) and owner.kind == "struct":
        for hole in holes(owner):
            if hole.bit_offset + hole.bit_size == member.bit_offset:
                text += f", after a hole of {bits_text(hole.bit_size)}"
    return text


def _constant_part(name: Name) -> str:
    value = name.value
    if not isinstance(value, Constant):
        return fenced(f"const {name.name}" if name.kind == "const" else name.name)
    written = ""
    if value.expression is not None:
        written = expression_text(value.expression)
    number = str(value.value)
    first = f"const {name.name}" if name.kind == "const" else name.name
    shown = f"{first} = {written or number}{';' if name.kind == 'const' else ''}"
    return f"{fenced(shown)}\n\n{number_text(value.value)}, {inline(value.type.name)}."


def expression_text(expression: Expression) -> str:
    """Return *expression* as it is written, on one line."""
    speller = Speller(_LAID_OUT)
    speller.room = _LONGEST
    return speller.expression(expression)


def number_text(value: int) -> str:
    """Return *value* as a decimal and a hexadecimal number: `= 4096 = 0x1000`."""
    if -10 < value < 10:
        return f"= {value}"
    sign = "-" if value < 0 else ""
    return f"= {value} = {sign}{abs(value):#x}"


def map_text(analysis: Analysis, declared: Map | Template) -> str:
    """Return what *declared* is with all that is filled in, its sizes, its memory, its number."""
    shape = declared.shape
    speller = Speller(_LAID_OUT)
    speller.room = 4 * _LONGEST
    writer = MapWriter(speller, lambda _tag: False)
    text = writer.map(declared) if isinstance(declared, Map) else writer.template(declared)
    parts = [fenced(text), f"{sentence(shape.kind.meaning)}"]
    rows = shape_rows(shape)
    if isinstance(declared, Map):
        rows += _memory_rows(analysis, declared)
        number = _fingerprint(declared)
        if number is not None:
            rows.append(f"fingerprint: `{number:#018x}`")
    parts.append("\n".join(f"- {row}" for row in rows))
    return "\n\n".join(part for part in parts if part)


def shape_rows(shape: Shape) -> list[str]:
    """Return what *shape* comes to: sizes of key and value, entries, flags, what is filled in."""
    rows: list[str] = []
    attributes = shape.attributes
    for role, argument in (("key", shape.key), ("value", shape.value), ("record", shape.record)):
        if argument is not None:
            size = sizeof(argument.type)
            text = described(argument.type)
            if size is not None:
                text = f"{inline(text)}, {counted(size, 'byte')}"
                if has_padding(argument.type):
                    text += ", with padding"
            rows.append(f"{role}: {text}")
    for name, attribute in attributes.items():
        why = f" (filled in: {attribute.reason})" if attribute.origin == FILLED_IN else ""
        if attribute.value is None:
            text = "`runtime`: the loader sets it"
        elif name == "map_flags":
            text = f"{inline(described_flags(attribute.value))} = {attribute.value:#x}"
        elif name == "pinning" and attribute.value in _PINNINGS:
            text = inline(_PINNINGS[attribute.value])
        elif name == "max_entries" and shape.kind.entries.pages:
            text = spelled_bytes(attribute.value)
        else:
            text = str(attribute.value)
        rows.append(f"{name}: {text}{why}")
    if shape.kind.of_maps:
        inner = "set by the loader" if shape.inner is None else inline(kind_form(shape.inner.kind))
        rows.append(f"inner maps: {inner}")
    return rows


def _memory_rows(analysis: Analysis, declared: Map) -> list[str]:
    rows = []
    for sized in memory_of(analysis, declared):
        text = memory_text(sized)
        if text:
            what = "memory of each inner map" if sized.is_inner else "memory"
            cpus = counted(analysis.options.machine.cpus, "CPU")
            counts = f" with {cpus}" if MAP_KINDS[sized.kind].per_cpu else ""
            rows.append(f"{what}: {text}{counts}")
    return rows


def memory_of(analysis: Analysis, declared: Map) -> list[SizedMap]:
    """Return what *declared* costs the kernel, and what each map in it does; empty if unknown."""
    model = replace(analysis.compilation.model, declarations=(declared,))
    return list(sizes_of_model(model, analysis.options.machine))


def memory_text(sized: SizedMap) -> str:
    """Return `64 KiB`, or what it is when it is created and when it is full; or nothing."""
    memory = sized.memory
    if memory is None:
        return ""
    created = spelled_bytes(memory.created)
    full = memory.full
    if full is None:
        each = spelled_bytes(memory.element + memory.uncounted)
        return f"{created}, and {each} for each element"
    if full == memory.created:
        return created
    when_full = f"{spelled_bytes(full)} when full"
    return f"{created}, {when_full}" if memory.created else when_full


def _fingerprint(declared: Map) -> int | None:
    try:
        return fingerprint_of_map(declared)
    except (ValueError, TypeError, AssertionError):
        return None  # of a map whose types are wrong


def kernel_of(analysis: Analysis) -> tuple[int, int] | None:
    """Return the kernel that the maps are checked for; None for the newest that is known."""
    if analysis.options.kernel is not None:
        return analysis.options.kernel
    aim = analysis.compilation.model.targets.get("kernel")
    return None if aim is None else aim.version


def since_text(analysis: Analysis, version: tuple[int, int]) -> str:
    """Return a sentence where the kernel that is aimed at is older than *version*; or nothing."""
    kernel = kernel_of(analysis)
    if kernel is None or kernel >= version:
        return ""
    return f"**The target, Linux {format_version(kernel)}, is older than that.**"


KIND_NAMES = tuple(name for name, kind in MAP_KINDS.items() if not kind.from_variable)
"""The kinds of which there can be a definition."""
