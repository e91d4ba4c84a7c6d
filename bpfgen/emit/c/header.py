"""A model as a C header, and as the translation unit that is compiled to verify it.

Spelling is done in the modules beside this one; the template templates/c/header.h.j2 arranges.
"""

from __future__ import annotations

from bpfgen.ctype.types import (
    Array,
    Composite,
    Const,
    FuncProto,
    Named,
    Pointer,
    Restrict,
    TypeTag,
    Volatile,
)
from bpfgen.emit.backend import base_name
from bpfgen.emit.c.anchors import anchors_of, extern_references
from bpfgen.emit.c.comments import comment, neutral
from bpfgen.emit.c.declarators import Speller, is_plain
from bpfgen.emit.c.include_guard import guard_name
from bpfgen.emit.c.literals import integer, number
from bpfgen.emit.c.map_definitions import MACROS, MAP_PREFIX, MapSpeller
from bpfgen.emit.c.options import HeaderOptions
from bpfgen.emit.c.prologue import prologue_of
from bpfgen.emit.c.type_bodies import assert_types, assertion, declare_types
from bpfgen.emit.templates import render
from bpfgen.model.maps import Map, Template
from bpfgen.model.model import ConstantDeclaration, ProgramDeclaration, TypeDeclaration
from bpfgen.record import TYPE_CHECKING, Record

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from bpfgen.ctype.types import Type
    from bpfgen.model.model import Declaration, Model
    from bpfgen.text.source import Span


class Header(Record):
    """A C header and where its lines come from.

    Attributes:
        text: The whole file.
        places: (line, span) pairs in rising order: from that line of the header on, from 1, the
            text comes from the declaration at that span.
    """

    text: str
    places: tuple[tuple[int, Span], ...]

    def place(self, line: int) -> Span | None:
        """Return the declaration that line *line* of the header comes from, or None."""
        found = None
        for first, span in self.places:
            if first > line:
                break
            found = span
        return found


def emit(model: Model, settings: Mapping[str, str]) -> list[str]:
    """Return the header of *model*; what :data:`bpfgen.emit.BACKENDS` calls."""
    return [emit_header(model, HeaderOptions(**settings))]


def emit_header(model: Model, options: HeaderOptions | None = None) -> str:
    """Return the C header that declares everything *model* declares."""
    return _written(model, options or HeaderOptions())[0]


def emit_anchored_unit(model: Model, options: HeaderOptions | None = None) -> Header:
    """Return the translation unit that is compiled for an object or for verification.

    Its text is that of the header and, behind it, references to the extern maps of *model*: one
    that nothing uses would leave no trace in the object.
    """
    text, blocks = _written(model, options or HeaderOptions())
    places = _places(text, blocks)
    references = extern_references(model)
    if references:
        text += "\n" + "\n".join(references) + "\n"
    return Header(text, places)


_latest: tuple[Model, HeaderOptions, str, _Blocks] | None = None


def _written(model: Model, options: HeaderOptions) -> tuple[str, _Blocks]:
    """Return the header of *model* and the blocks in it.

    The latest is kept, since a header that is written is compiled for its verification next.
    """
    global _latest  # noqa: PLW0603 -- a cache of one; models don't change any more
    if _latest is None or _latest[0] is not model or _latest[1] != options:
        blocks = _Blocks(model, options)
        _latest = (model, options, _render(model, blocks), blocks)
    return _latest[2], _latest[3]


def _places(text: str, blocks: _Blocks) -> tuple[tuple[int, Span], ...]:
    """Find each block in *text*; both go forward, so the time is linear."""
    places = []
    line, position = 1, 0
    for block, span in blocks.spans:
        found = text.find(block, position)
        if found < 0:
            continue
        line += text.count("\n", position, found)
        position = found
        places.append((line, span))
    return tuple(places)


class _Blocks:
    """The declarations of one header, spelled, in order.

    Attributes:
        texts: One entry a declaration, each ending in a newline; a blank line begins those that
            don't go on with a group of constants, prototypes or forward declarations.
        spans: (text, span) of the declarations whose place in the source is known.
    """

    def __init__(self, model: Model, options: HeaderOptions) -> None:
        self.speller = Speller()
        self.maps = MapSpeller(self.speller, options.style, alone=len(model.maps) < 2)
        self._model = model
        self._declared = {
            (used.declaration.defines.kind, used.declaration.defines.tag)
            for used in model.prelude_types
            if isinstance(used.declaration.defines, Composite)
        }
        self.texts: list[str] = []
        self.spans: list[tuple[str, Span]] = []
        previous = ""
        for declaration in model.declarations:
            text = self._spell(declaration)
            group = _group(declaration, text)
            self.texts.append(text if group and group == previous else f"\n{text}")
            previous = group
            if declaration.span is not None:
                self.spans.append((text, declaration.span))

    def _spell(self, declaration: Declaration) -> str:
        if isinstance(declaration, Map):
            return self.maps.map(declaration)
        if isinstance(declaration, TypeDeclaration):
            known = self._model.types
            forward = self._forward(declaration)
            spelled = declare_types(self.speller, declaration, known)
            return f"{forward}{spelled}{assert_types(declaration, known)}"
        if isinstance(declaration, ConstantDeclaration):
            return self._constant(declaration)
        if isinstance(declaration, Template):
            return self.maps.template(declaration)
        if isinstance(declaration, ProgramDeclaration):
            forward = self._forward(declaration)
            prototype = self.speller.declaration(declaration.type, declaration.name)
            return f"{forward}{comment(declaration.doc)}{prototype};\n"
        raise AssertionError(declaration)

    def _constant(self, declaration: ConstantDeclaration) -> str:
        constant = declaration.constant
        expression = constant.expression
        doc = comment(declaration.doc)
        if expression is None:
            return f"{doc}#define {constant.name} {integer(constant.value, constant.type)}\n"
        body = self.speller.expression(expression, anywhere=True)
        if len(expression.parts) > 1 and not _is_group(body):
            body = f"({body})"
        text = f"{doc}#define {constant.name} {body}\n"
        if not is_plain(expression):
            text += assertion(f"{constant.name} == {number(constant.value)}", constant.name)
        return text

    def _forward(self, declaration: TypeDeclaration | ProgramDeclaration) -> str:
        """Return `struct foo;` for tags that a parameter list would be the first to name.

        A tag that is declared inside a parameter list is unknown outside it.
        """
        if isinstance(declaration, ProgramDeclaration):
            tags = _parameter_tags([declaration.type])
        else:
            tags = _parameter_tags(_types_in(declaration))
            if isinstance(declaration.defines, Composite) and declaration.defines.tag:
                self._declared.add((declaration.defines.kind, declaration.defines.tag))
            if isinstance(declaration.forward, Named):
                self._declared.add((declaration.forward.kind, declaration.forward.name))
        lines = []
        for tag in tags:
            if tag not in self._declared:
                self._declared.add(tag)
                lines.append(f"{tag[0]} {tag[1]};\n")
        return "".join(lines)


def _group(declaration: Declaration, text: str) -> str:
    """Return which group of lines *declaration*, spelled *text*, may stand in; empty for none."""
    if declaration.doc:
        return ""
    if isinstance(declaration, ProgramDeclaration):
        return "program"
    if text.count("\n") > 1 + text.count("_Static_assert("):
        return ""
    if isinstance(declaration, TypeDeclaration):
        return "" if declaration.forward is None else "forward"
    return type(declaration).__name__


def _is_group(body: str) -> bool:
    """Whether *body* is one pair of parentheses and what is in it."""
    if not body.startswith("("):
        return False
    depth = 0
    for index, character in enumerate(body):
        depth += (character == "(") - (character == ")")
        if depth == 0:
            return index == len(body) - 1
    return False


def _types_in(declaration: TypeDeclaration) -> list[Type]:
    found: list[Type] = [typedef.target for typedef in declaration.typedefs]
    if isinstance(declaration.defines, Composite):
        found.append(declaration.defines)
    return found


def _parameter_tags(types: list[Type]) -> Iterator[tuple[str, str]]:
    """Yield the struct and union tags that parameter lists in *types* mention, in order."""
    pending = [(type, False) for type in reversed(types)]
    while pending:
        type, inside = pending.pop()
        if isinstance(type, (Pointer, Const, Volatile, Restrict, TypeTag)):
            pending.append((type.target, inside))
        elif isinstance(type, Array):
            pending.append((type.element, inside))
        elif isinstance(type, FuncProto):
            pending.extend((p.type, True) for p in reversed(type.parameters))
            pending.append((type.returns, inside))
        elif isinstance(type, Composite):
            if inside and type.tag is not None:
                yield type.kind, type.tag
            elif not inside:
                pending.extend(
                    (m.type, False) for m in reversed(type.members) if m.defines or _derived(m.type)
                )
        elif isinstance(type, Named) and inside and type.kind in {"struct", "union"}:
            yield type.kind, type.name


def _derived(type: Type) -> bool:
    """Whether *type* can hold a parameter list or a body written in place."""
    return isinstance(type, (Pointer, Array, Const, Volatile)) or (
        isinstance(type, Composite) and type.tag is None
    )


def _render(model: Model, blocks: _Blocks) -> str:
    speller = blocks.speller
    anchors = anchors_of(model, speller)
    prologue = prologue_of(model, speller)
    own_maps = [declared for declared in model.maps if declared.linkage != "extern"]
    kernel_names = {
        name: number(value, hexadecimal="_F_" in name)
        for name, value in speller.kernel_names.items()
    }
    names = (("BPFGEN_KERNEL_TYPES", kernel_names), ("__BPF_HELPERS__", blocks.maps.pins))
    return render(
        "c/header.h.j2",
        source=neutral(base_name(model.name)),
        doc=comment(model.doc),
        guard=guard_name(model),
        includes=[include.path for include in model.includes],
        imports=[(i.header, _has_own_maps(i.model)) for i in model.imports],
        kernel=prologue,
        uses_kernel=bool(model.prelude_types or kernel_names or model.maps),
        has_maps=bool(model.maps or blocks.maps.macros),
        macros=[(name, MACROS[name]) for name in MACROS if name in blocks.maps.macros],
        legacy=blocks.maps.legacy,
        kernel_names=[(condition, named) for condition, named in names if named],
        prefix=MAP_PREFIX if any(not declared.legacy for declared in own_maps) else "",
        blocks=blocks.texts,
        anchors=anchors,
    )


def _has_own_maps(model: Model) -> bool:
    """Whether including the header of *model* defines maps, its own or imported ones."""
    return any(
        declared.linkage != "extern" for each in model.with_imports() for declared in each.maps
    )
