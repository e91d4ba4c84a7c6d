"""Declarations of maps in C -> their parts, read by pycparser.

Fourth of the import of C. libbpf's macros become what pycparser can read: `__uint(n, x)` is
`int (*n)[x]` as in the header, and `__type(n, T)` is made `char (*n)[…]`, since standard C has no
`typeof`. Expressions and types stay as they are written: a name stands for each while pycparser
reads what is around them.
"""

from __future__ import annotations

import copy
import re

from pycparser import c_ast, c_generator, c_parser

from bpfgen.importer.from_c.attributes import section_of_maps, without_attributes
from bpfgen.importer.from_c.declarations import closing_brackets, tokens_of
from bpfgen.importer.from_c.errors import CError
from bpfgen.importer.from_c.parts import TYPE_OF, CDefinition, CMap
from bpfgen.record import TYPE_CHECKING
from bpfgen.resolve.scope import C_KEYWORDS

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

_MACROS = ("__uint", "__type", "__array", "__ulong")
_TYPEOF = ("typeof", "__typeof__", "__typeof")
_TYPE, _ARRAY, _RAW, _RANGE = "__bpfgen_type_", "__bpfgen_array_", "__bpfgen_raw_", "__bpfgen_to_"
_DEEPEST = 50
_MOST_TOKENS = 50_000
_MOST_SLOTS = 4096
_CAST = re.compile(r"\(\s*([A-Za-z_]\w*)\s*\)\s*(?=[\w(~])|\(\s*([A-Za-z_]\w*)\s*\*+\s*\)")
_TAGGED = re.compile(r"(?:(?:const|volatile)\s+)*(struct|union|enum)\s+(\w+)\s*\{")


def read_maps(text: str) -> list[CMap]:
    """Return the maps that the declaration *text* defines; its macros are expanded.

    Raises:
        CError: It can't be read.
    """
    plain, attributes = without_attributes(text)
    section = section_of_maps(attributes.section)
    if section is None:
        raise CError(f"section `{attributes.section}` is none of maps")
    linkage = "weak" if "weak" in attributes.names else "global"
    reader = _Reader()
    maps = []
    try:
        for declared in reader.parsed(plain):
            if not isinstance(declared, c_ast.Decl) or declared.name is None:
                continue
            if "extern" in declared.storage:
                linkage = "extern"
            elif "static" in declared.storage:
                linkage = "static"
            base = declared.type
            if isinstance(base, c_ast.ArrayDecl):
                raise CError(f"`{declared.name}` is an array of maps, which libbpf refuses")
            if not isinstance(base, c_ast.TypeDecl):
                raise CError(f"`{declared.name}` is no struct")
            definition, struct = reader.definition_of(base.type)
            found = CMap(
                declared.name,
                linkage,
                definition,
                section[0] == "maps",
                attributes.section,
                "hidden" in attributes.names,
                struct,
                {},
                [],
                False,  # noqa: FBT003 -- has_values
            )
            reader.initial(declared.init, found)
            maps.append(found)
    except RecursionError:
        raise CError("it is nested too deep") from None
    if not maps:
        raise CError("there is no variable in this declaration")
    return maps


def read_definition(text: str) -> tuple[list[str], CDefinition]:
    """Return the names and contents of a named definition struct, or of a typedef of one.

    Raises:
        CError: It can't be read.
    """
    plain, _attributes = without_attributes(text)
    reader = _Reader()
    try:
        for declared in reader.parsed(plain):
            base = declared.type if isinstance(declared, c_ast.Typedef) else declared
            if isinstance(base, (c_ast.Decl, c_ast.TypeDecl)):
                base = base.type
            if isinstance(base, c_ast.TypeDecl):
                base = base.type
            if isinstance(base, c_ast.Struct) and base.decls is not None:
                names = [base.name, getattr(declared, "name", None)]
                return [name for name in names if name], reader.definition(base)
    except RecursionError:
        raise CError("it is nested too deep") from None
    raise CError("there is no struct in this declaration")


def is_definition(text: str) -> bool:
    """Return whether the type declaration *text* is a definition struct of maps."""
    return (
        "type" in text
        and re.search(r"\b__uint\s*\(\s*type\b|\(\s*\*\s*type\s*\)\s*\[", text) is not None
    )


class _Reader:
    """Reads one declaration; *raws* are the texts that names stand for."""

    def __init__(self, depth: int = 0) -> None:
        self._raws: list[str] = []
        self._ranges: list[tuple[str, str]] = []
        self._names: set[str] = set()
        self._depth = depth

    def parsed(self, text: str) -> list[Any]:
        """Return what pycparser makes of *text*, as a list of declarations."""
        tokens = tokens_of(text)
        depth = deepest = 0
        for token in tokens:
            depth += (token.text in ("(", "[", "{")) - (token.text in (")", "]", "}"))
            deepest = max(deepest, depth)
        if len(tokens) > _MOST_TOKENS:
            raise CError("it is too long for a map")
        if deepest > _DEEPEST:
            raise CError("its brackets are nested too deep")
        plain = self._rewritten(text)
        self._types_in(plain)
        known = self._names - C_KEYWORDS
        first = "".join(f"typedef int {name}; " for name in sorted(known))
        try:
            tree = c_parser.CParser().parse(f"{first}{plain};")
        except Exception as error:  # noqa: BLE001 -- pycparser raises its own and, on odd input, others
            said = str(error).rpartition(":")[2].strip()
            for raw, meant in enumerate(self._raws):
                said = said.replace(f"{_RAW}{raw}", meant)
            raise CError(f"this C can't be read ({said[:80]})") from None
        return [each for each in tree.ext if getattr(each, "name", None) not in known]

    def _types_in(self, plain: str) -> None:
        """Note the names in *plain* that stand where types do."""
        before, earlier = ";", ""
        for token in tokens_of(plain):
            begins = before == ";" or (before == "{" and earlier not in ("=", ",", "{"))
            if token.kind == "name" and token.text not in C_KEYWORDS and begins:
                self._names.add(token.text)
            if token.text not in ("const", "volatile", "static", "extern", "typedef"):
                before, earlier = token.text, before
        # Casts.
        self._names.update(found[1] or found[2] for found in _CAST.finditer(plain))

    def _raw(self, text: str) -> str:
        """Return a name that stands for *text*."""
        self._raws.append(" ".join(text.split()))
        return f"{_RAW}{len(self._raws) - 1}"

    def _rewritten(self, text: str) -> str:
        """Return *text* with libbpf's macros, and what isn't C, as plain C."""
        tokens = tokens_of(text)
        closing = closing_brackets(tokens)
        parts: list[str] = []
        position = 0
        index = 0
        while index < len(tokens):
            token = tokens[index]
            opening = index + 1
            if opening < len(tokens) and tokens[opening].text == "(":
                end = closing[opening]
                inside = text[tokens[opening].start + 1 : tokens[end].start]
                new = None
                if token.text in _MACROS:
                    new = self._macro(token.text, inside)
                elif token.text in _TYPEOF:
                    new = self._raw(inside)
                    self._names.add(new)
                elif token.text == "sizeof":
                    new = self._raw(f"sizeof({inside})")
                if new is not None:
                    parts += (text[position : token.start], new)
                    position = tokens[end].start + 1
                    index = end + 1
                    continue
            if token.text == "[" and (made := self._range(text, tokens, index, closing[index])):
                parts += (text[position : token.start], made)
                position = tokens[closing[index]].start + 1
                index = closing[index]
            index += 1
        return "".join([*parts, text[position:]])

    def _range(self, text: str, tokens: Sequence[Any], index: int, end: int) -> str:
        """Return GNU's `[first ... last]` between two tokens as `[name]`; empty if it is none."""
        for place in range(index + 1, min(end - 2, index + 40)):
            if [each.text for each in tokens[place : place + 3]] == [".", ".", "."]:
                first = text[tokens[index].start + 1 : tokens[place].start]
                last = text[tokens[place + 2].start + 1 : tokens[end].start]
                self._ranges.append((first.strip(), last.strip()))
                return f"[{_RANGE}{len(self._ranges) - 1}]"
        return ""

    def _macro(self, macro: str, inside: str) -> str:
        """Return `macro(inside)` as a member that C has."""
        name, comma, argument = inside.partition(",")
        if not comma or not name.strip().isidentifier():
            raise CError(f"`{macro}` takes two arguments")
        name = name.strip()
        raw = self._raw(argument)
        if macro == "__type":
            return f"char (*{_TYPE}{name})[{raw}]"
        if macro == "__array":
            return f"char (*{_ARRAY}{name})[{raw}]"
        return f"int (*{name})[{raw}]"

    def definition_of(self, base: Any) -> tuple[CDefinition | str, str]:
        """Return the definition that a variable of type *base* has, and its tag or typedef."""
        if isinstance(base, c_ast.Struct):
            if base.decls is None:
                return base.name, base.name
            return self.definition(base), base.name or ""
        if isinstance(base, c_ast.IdentifierType):
            return base.names[0], base.names[0]
        raise CError("a map is a struct of attributes")

    def definition(self, struct: c_ast.Struct) -> CDefinition:
        """Return what *struct* says."""
        made = CDefinition({}, {}, None, False, [])  # noqa: FBT003 -- programs
        for member in struct.decls or []:
            self._member(made, member)
        return made

    def _member(self, made: CDefinition, member: Any) -> None:
        name: str = getattr(member, "name", None) or ""
        type_ = getattr(member, "type", None)
        if isinstance(type_, c_ast.PtrDecl) and isinstance(type_.type, c_ast.ArrayDecl):
            length = type_.type.dim
            if name.startswith(_TYPE):
                name = name.removeprefix(_TYPE)
                made.types[name] = self._own_type(made, self._text(length))
            elif name == f"{_ARRAY}values":
                self._values(made, self._text(length))
            elif name in ("key", "value") and length is not None:
                made.types[name] = f"int[{self._text(length)}]"  # `__uint(key, 0)`
            elif length is not None and not name.startswith(_ARRAY):
                made.numbers[name] = self._text(length)
            else:
                raise CError(f"attribute `{name.removeprefix(_ARRAY)}` can't be read")
        elif isinstance(type_, c_ast.ArrayDecl) and name == "values":
            target = type_.type
            if not isinstance(target, c_ast.PtrDecl):
                raise CError("`values` is no array of pointers")
            if isinstance(target.type, c_ast.FuncDecl):
                made.programs = True
            elif isinstance(target.type, c_ast.TypeDecl):
                named = getattr(target.type.type, "names", [""])[0]
                if named.startswith(_RAW):
                    self._values(made, self._text(c_ast.ID(named)))
                else:
                    made.inner = self.definition_of(target.type.type)[0]
            else:
                raise CError("`values` holds neither maps nor programs")
        elif isinstance(type_, c_ast.PtrDecl):
            made.types[name] = self._type_name(type_.type)
        elif isinstance(type_, c_ast.TypeDecl) and isinstance(type_.type, c_ast.Enum):
            listed = type_.type.values.enumerators if type_.type.values is not None else []
            if len(listed) != 1 or listed[0].value is None:
                raise CError(f"attribute `{name}` is an enum without the one value that it needs")
            made.numbers[name] = self._text(listed[0].value)
        elif isinstance(type_, c_ast.TypeDecl):
            made.numbers.setdefault(name, "")  # its value is in the initializer
        else:
            raise CError(f"attribute `{name}` can't be read")

    def _own_type(self, made: CDefinition, text: str) -> str:
        """Return the type *text*; one that is declared there, with a tag, is by its tag."""
        found = _TAGGED.match(text)
        if found is None:
            return text
        tokens = tokens_of(text)
        brace = next(i for i, token in enumerate(tokens) if token.text == "{")
        end = tokens[closing_brackets(tokens)[brace]].start + 1
        made.declared.append(text[found.start(1) : end])
        return f"{found[1]} {found[2]}{text[end:]}"

    def _text(self, node: Any) -> str:
        """Return *node* as C text: as it was written where that is known."""
        if isinstance(node, c_ast.ID) and node.name.startswith(_RAW):
            return self._raws[int(node.name.removeprefix(_RAW))]
        text = " ".join(c_generator.CGenerator().visit(node).split())
        text = re.sub(r"\((sizeof\([^()]*\))\)", r"\1", text)
        return re.sub(rf"{_RAW}(\d+)", lambda found: self._raws[int(found[1])], text)

    def _type_name(self, type_: Any) -> str:
        """Return the type that a declaration has, without the name that is declared."""
        type_ = copy.deepcopy(type_)
        inner = type_
        while not isinstance(inner, c_ast.TypeDecl):
            inner = inner.type
        inner.declname = None
        return self._text(c_ast.Typename(None, inner.quals, None, type_))

    def _values(self, made: CDefinition, text: str) -> None:
        """Enter what *text*, a type, says of `values`."""
        named = re.fullmatch(r"(?:const\s+)?(?:struct\s+)?(\w+)", text)
        like = re.fullmatch(r"(?:typeof|__typeof__|__typeof)\s*\(\s*(\w+)\s*\)", text)
        if named is not None:
            made.inner = named[1]
        elif like is not None:
            made.inner = f"{TYPE_OF}{like[1]}"
        elif re.match(r"(?:const\s+)?struct\b[^(]*\{", text):
            if self._depth > _DEEPEST:
                raise CError("maps are nested too deep")
            reader = _Reader(self._depth + 1)
            for declared in reader.parsed(f"{text} __bpfgen_inner"):
                base = getattr(getattr(declared, "type", None), "type", None)
                if isinstance(base, c_ast.Struct):
                    made.inner = reader.definition(base)
                    made.declared += made.inner.declared
            if made.inner is None:
                raise CError("`values` can't be read")
        elif text.endswith(")") and "{" not in text:
            made.programs = True
        else:
            raise CError("`values` holds neither maps nor programs")

    def initial(self, init: Any, found: CMap) -> None:
        """Enter what the initializer *init* says of the map *found*."""
        if init is None:
            return
        for place, item in enumerate(init.exprs if isinstance(init, c_ast.InitList) else []):
            if not isinstance(item, c_ast.NamedInitializer):
                found.numbers[str(place)] = self._text(item)
                continue
            name = getattr(item.name[0], "name", "")
            if name == "values":
                found.has_values = True
                if len(item.name) > 1 or not isinstance(item.expr, c_ast.InitList):
                    item = c_ast.InitList([c_ast.NamedInitializer(item.name[1:], item.expr)])  # noqa: PLW2901 -- `.values[0] = x` is the same
                    found.slots += self._slots(item)
                else:
                    found.slots += self._slots(item.expr)
            else:
                found.numbers[name] = self._text(item.expr)

    def _slots(self, values: c_ast.InitList) -> list[tuple[str, str]]:
        slots: list[tuple[str, str]] = []
        base, more = "", 0
        for item in values.exprs:
            target = item
            count = 1
            if isinstance(item, c_ast.NamedInitializer):
                designator = item.name[0] if item.name else c_ast.Constant("int", "0")
                if type(designator).__name__ == "ArrayDesignator":  # newer versions of pycparser
                    designator = designator.children()[0][1]
                base, count = self._designated(designator)
                more = 0
                target = item.expr
            while isinstance(target, (c_ast.Cast, c_ast.UnaryOp)):
                target = target.expr
            for _ in range(count):
                index = _index(base, more)
                more += 1
                if isinstance(target, c_ast.Constant):
                    continue  # an empty slot: 0
                if isinstance(target, c_ast.ID) and target.name == "NULL":
                    continue
                if not isinstance(target, c_ast.ID):
                    raise CError(f"slot {index} holds no name")
                slots.append((index, target.name))
        return slots

    def _designated(self, designator: Any) -> tuple[str, int]:
        """Return the first index that *designator* means, and how many there are."""
        if not (isinstance(designator, c_ast.ID) and designator.name.startswith(_RANGE)):
            return self._text(designator), 1
        first, last = self._ranges[int(designator.name.removeprefix(_RANGE))]
        try:
            count = int(last, 0) - int(first, 0) + 1
        except ValueError:
            raise CError(f"the slots `{first} ... {last}` are no plain numbers") from None
        if not 0 < count <= _MOST_SLOTS:
            raise CError(f"the slots `{first} ... {last}` are {count}")
        return first, count


def _index(base: str, more: int) -> str:
    """Return the index of the slot that is *more* behind *base*."""
    if not base:
        return str(more)
    if not more:
        return base
    return str(int(base) + more) if base.isdecimal() else f"{base} + {more}"
