"""What a unit declares that matters to its maps: definitions, types, functions, annotations.

Goes through the preprocessed declarations in order, each in its written form where it has one. What
can't be read is reported with its line, and reading goes on.
"""

from __future__ import annotations

import re

from bpfgen.emit.c.map_definitions import MAP_PREFIX
from bpfgen.importer.from_c.attributes import (
    SIGNS_OF_MAPS,
    section_of_maps,
    without_attributes,
)
from bpfgen.importer.from_c.comments import Comments, inside, trailing
from bpfgen.importer.from_c.declarations import (
    CALL,
    FUNCTION,
    PREFIXES,
    TAG_WORDS,
    declarations,
    tokens_of,
)
from bpfgen.importer.from_c.declarators import DeclarationReader
from bpfgen.importer.from_c.definitions import (
    TYPE_OF,
    CDefinition,
    annotated_pair,
    is_definition,
    names_of,
    read_definition,
    read_maps,
    read_record,
)
from bpfgen.importer.from_c.errors import CError
from bpfgen.importer.from_c.lines import GONE
from bpfgen.importer.from_c.map_names import map_names, names_of_maps
from bpfgen.importer.from_c.needs import Needs
from bpfgen.importer.from_c.written import Written, WrittenForms
from bpfgen.model.anchors import RECORD_PREFIX
from bpfgen.model.model import VMLINUX
from bpfgen.record import TYPE_CHECKING, Record
from bpfgen.text.diagnostics import NOTE, WARNING, Diagnostic, Subject

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from bpfgen.importer.from_c.declarations import Declaration
    from bpfgen.importer.from_c.definitions import CMap
    from bpfgen.importer.from_c.unit import LeftOut, Unit

_PAIR = re.compile(r"BPF_ANNOTATE_KV_PAIR\s*\(([^,]+),([^,]+),(.+)\)\s*;?", re.DOTALL)
_NO_PROTOTYPE = re.compile(r"[{}=]|\btypedef\b")
_CALLED = re.compile(r"\b(\w+)\s*\(")
_BCC = re.compile(r"BPF_(?:\w*HASH|\w*ARRAY|TABLE\w*|PERF_OUTPUT|RINGBUF_OUTPUT|QUEUE|STACK\w*)")


class NamedDefinition(Record):
    """A named definition struct and where it stands."""

    definition: CDefinition
    name: str
    start: int
    place: int
    doc: str


class FoundMap(Record):
    """A map in C, where it begins in the text, on which line, and its doc comment."""

    start: int
    place: int
    doc: str
    map: CMap


class FileReader:
    """Reads one unit; names of constants are lost unless *with_names*.

    Attributes:
        code: The preprocessed text of the unit.
        needs: The types of the unit.
        functions: Those with bodies.
        heads: Of functions, by name; the first that declares them.
        definitions: Named definition structs, by tag and typedef; :meth:`definition_of` has those,
            too, that only their use makes one.
        pairs: Key and value of legacy maps that are annotated with them.
        pair_starts: Where those annotations begin.
        prototypes: Where functions are declared that :attr:`heads` are of, but not defined.
        trailing: The lines of comments that stand after declarations, by where those begin.
        chunks: The declarations, those that share lines together, and where the next begin.
        comments: Those of the unit.
        records: The types of records that our own headers keep, by map.
        maps: In order.
        uses: How often a struct is that of a map, or of inner maps.
        left_out: What was reported of branches that aren't active, by their places.
        reported: Maps of which something was reported that explains their absence.
        diagnostics: What was reported.
    """

    def __init__(self, unit: Unit, *, with_names: bool) -> None:
        self.unit = unit
        self._with_names = with_names
        self.code = "\n".join(unit.expanded)
        self.comments = Comments("\n".join(line.text for line in unit.lines))
        self.diagnostics: list[Diagnostic] = []
        self.needs = Needs(unit, self.comments, self.note)
        self._forms = WrittenForms(unit, self.needs.is_type, self.needs.is_enumerator)
        self.functions: list[Declaration] = []
        self.heads: dict[str, str] = {}
        self.definitions: dict[str, NamedDefinition] = {}
        self._structs: dict[str, tuple[Written, int, int, str]] = {}
        self.pairs: dict[str, tuple[str, str]] = {}
        self.pair_starts: dict[str, int] = {}
        self.prototypes: dict[str, int] = {}
        self.trailing: dict[int, int] = {}
        self.chunks: list[tuple[list[Declaration], int]] = []
        self.records: dict[str, str] = {}
        self.maps: list[FoundMap] = []
        self.uses: dict[str, int] = {}
        self.left_out: dict[int, Diagnostic] = {}
        self.reported: set[str] = set()
        self._read()
        self.needs.constants = self._forms.constants
        self._report_on_the_unit()

    def warn(self, code: str, place: int, message: str, map: str | None = None) -> None:
        """Add a warning about the line *place*."""
        if map is not None:
            self.reported.add(map)
        if not self.unit.is_meant(place):
            return
        where = self.unit.where(place)
        self.diagnostics.append(Diagnostic(code, where + message, None, severity=WARNING, map=map))

    def note(self, place: int, message: str, once: bool = False, code: str = "import-lost") -> None:
        """Add a note about the line *place*; with *once*, not the same twice."""
        if not self.unit.is_meant(place):
            return
        note = Diagnostic(code, self.unit.where(place) + message, None, severity=NOTE)
        if not once or note not in self.diagnostics:
            self.diagnostics.append(note)

    def _read(self) -> None:
        """Go through the declarations."""
        for place, message in self.unit.unexpanded.items():
            self.warn("import-map", place, f"macros aren't expanded from here on: {message}")
        for chunk, end in self._chunks():
            self.chunks.append((chunk, end))
            for declaration, written in zip(chunk, self._written(chunk, end), strict=True):
                try:
                    self._enter(declaration, written)
                except CError as error:
                    place = self.unit.place_of(declaration.start)
                    self.warn("import-map", place, f"no map is imported from here: {error}")
        self._forms.pass_line(len(self.unit.lines) - 1)

    def _chunks(self) -> Iterator[tuple[list[Declaration], int]]:
        """Yield the declarations, those that share a line together, and where the next begin."""
        chunk: list[Declaration] = []
        last = -1
        for declaration in declarations(self.code):
            if chunk and self.unit.place_of(declaration.start) > last:
                yield chunk, declaration.start
                chunk = []
            chunk.append(declaration)
            last = self.unit.place_of(declaration.end - 1)
        if chunk:
            yield chunk, len(self.code)

    def _written(self, chunk: list[Declaration], end: int) -> list[Written]:
        """Return the written forms of *chunk*, after which comes *end* in the text."""
        start = chunk[0].start
        texts = [self.code[declaration.start : declaration.end] for declaration in chunk]
        plain = [Written(text, text, {}) for text in texts]
        if not self._with_names or all(declaration.kind == FUNCTION for declaration in chunk):
            return plain
        expanded = self.code[start:end]
        first = self.unit.place_of(start)
        after = self.unit.place_of(end) if end < len(self.code) else len(self.unit.lines)
        found = self._forms.of(expanded, first, after)
        if found is None:
            return plain
        return [
            found.part(declaration.start - start, declaration.end - start) for declaration in chunk
        ]

    def _enter(self, declaration: Declaration, written: Written) -> None:
        """Note what *declaration* declares."""
        if declaration.kind == FUNCTION:
            self._function(declaration, written.code)
        elif declaration.kind != CALL or not self._call(declaration, written):
            self._prototype(written.code, declaration.start)
            self._declared(declaration, written)

    def keep_constants(self, names: Iterable[str]) -> None:
        """Let those of *names* stay that are constants, though nothing here may ask for them."""
        if self._with_names:
            for name in names:
                self._forms.keep(name)

    def _prototype(self, code: str, start: int) -> None:
        """Note what function *code*, which begins at *start*, declares, if it does."""
        if "(" not in code or _NO_PROTOTYPE.search(code) is not None:
            return
        bare = without_attributes(code)[0].rstrip("; \t\n")
        called = next((word for word in _CALLED.findall(bare) if word not in PREFIXES), None)
        if called is not None and bare.endswith(")") and called not in self.heads:
            self.heads[called] = bare
            self.prototypes[called] = start

    def _function(self, declaration: Declaration, code: str) -> None:
        self.functions.append(declaration)
        self.heads.setdefault(declaration.name, self.code[declaration.start : declaration.head_end])
        if 'maps"' in code and (names := map_names(code)):
            place = self.unit.place_of(declaration.start)
            listed = ", ".join(f"`{name}`" for name in names)
            message = f"{listed} can't be seen: they stand in a function, whose brackets"
            self.warn("import-map", place, f"{message} don't close, it seems")

    def _declared(self, declaration: Declaration, written: Written) -> None:
        """Note what a declaration says."""
        start, place = declaration.start, self.unit.place_of(declaration.start)
        expanded, text = written.code, written.text
        line = self.unit.starts[place]
        doc = ""
        if not self.code[line:start].strip():
            indent = self.unit.lines[place].code
            column = len(indent) - len(indent.lstrip())
            doc = self.comments.above(self.unit.written_starts[place] + column)
        if "maps" in expanded:
            plain, attributes = without_attributes(expanded)
            is_odd = attributes.section.startswith((".maps", "maps")) and is_definition(expanded)
            if is_odd or section_of_maps(attributes.section) is not None:
                if MAP_PREFIX not in self.unit.lines[place].code:  # a header of ours says it itself
                    doc += inside(text)
                doc += self._trailing(declaration)
                self._maps_of(written, start, place, doc)
                return
        else:
            plain = expanded
        if RECORD_PREFIX in plain:
            name, record = read_record(expanded)
            self.records[name] = record
            return
        words = [token.text for token in tokens_of(plain)[:4]]
        if any(word in ("struct", "typedef") for word in words):
            self._structs |= dict.fromkeys(names_of(expanded), (written, start, place, doc))
        if is_definition(expanded):
            self._warn_of_enclosed_maps(expanded, place)
            doc += inside(text) + self._trailing(declaration)
            if not self._define(written, start, place, doc):
                raise CError("a definition without a name is no map")
        elif any(word in (*TAG_WORDS, "typedef") for word in words):
            pair = annotated_pair(plain)
            if pair is not None:
                self.pairs[pair[0]] = pair[1:]
                self.pair_starts[pair[0]] = start
            self._type(expanded, text, start, place, doc + self._trailing(declaration))

    def _trailing(self, declaration: Declaration) -> str:
        """Return the comment after *declaration* on its last line, as a line of a doc comment."""
        chunk, end = self.chunks[-1]
        if len(chunk) > 1:
            return ""
        lines = self.unit.lines
        place = (self.unit.place_of(end) if end < len(self.code) else len(lines)) - 1
        while place > 0 and not lines[place].code.strip():
            place -= 1
        said = trailing(lines[place].code, lines[place].text).removeprefix("  // ")
        if not said:
            return ""
        self.trailing[declaration.start] = place
        return f"/// {said}\n"

    def _define(self, written: Written, start: int, place: int, doc: str) -> list[str]:
        """Note the definition struct *written*, and return its names."""
        names, definition = read_definition(written.code, written.plain)
        for declared in definition.declared:
            self.needs.add_type(f"{declared};", declared, start, place, "")
        if names:
            named = NamedDefinition(definition, names[0], start, place, doc)
            self.definitions.update((name, named) for name in names)
        return names

    def definition_of(self, struct: str) -> NamedDefinition | None:
        """Return the definition that *struct* is, or None where the file has no such struct.

        Whatever the struct looks like, a map that has its type makes it one.

        Raises:
            CError: It is no definition that could be read.
        """
        if struct not in self.definitions and struct in self._structs:
            try:
                self._define(*self._structs[struct])
            except CError as error:
                raise CError(f"its struct `{struct}` can't be read: {error}") from None
        return self.definitions.get(struct)

    def _warn_of_enclosed_maps(self, expanded: str, place: int) -> None:
        """Warn of maps in what should define none: a brace that isn't closed takes them in."""
        names = map_names(expanded)
        if names:
            message = f"{names_of_maps(expanded)} can't be read: a brace before isn't closed"
            self.warn("import-map", place, message, names[0])

    def _type(self, expanded: str, text: str, start: int, place: int, doc: str) -> None:
        """Note the types of a declaration, of which *text* is the form with comments."""
        written = text
        is_part = False
        if "typedef" not in expanded:
            cut = _through_type(written)
            if cut is None:
                return
            is_part = not text.rstrip("; \t\n").endswith(cut.rstrip(";"))
            written, expanded = cut, _through_type(expanded) or expanded
        self.needs.add_type(written, expanded, start, place, doc, is_part=is_part)

    def _call(self, declaration: Declaration, written: Written) -> bool:
        """Note what the call of a macro is; return whether there is nothing more in it."""
        pair = _PAIR.fullmatch(written.code.strip())
        if pair is not None:
            self.pairs[pair[1].strip()] = (pair[2].strip(), pair[3].strip())
            self.pair_starts[pair[1].strip()] = declaration.start
            return True
        if declaration.name in self._forms.macros:
            return False
        place = self.unit.place_of(declaration.start)
        if _BCC.fullmatch(declaration.name):
            self.warn("import-map", place, f"`{declaration.name}` makes a map of BCC's own C")
        elif declaration.name not in ("_Static_assert", "static_assert", "asm", "__asm__"):
            message = (
                f"nobody defines the macro `{declaration.name}`; if it makes a map, that is lost"
            )
            self.note(place, message)
        return True

    def _maps_of(self, written: Written, start: int, place: int, doc: str) -> None:
        try:
            maps = read_maps(written.code, written.plain)
        except CError as error:
            names = map_names(written.code)
            called = f"map `{names[0]}` is left out" if names else "no map is imported from here"
            self.warn("import-map", place, f"{called}: {error}", names[0] if names else None)
            return
        for c_map in maps:
            self.maps.append(FoundMap(start, place, doc, c_map))
            definition = c_map.definition
            if isinstance(definition, CDefinition):
                for declared in definition.declared:
                    self.needs.add_type(f"{declared};", declared, start, place, "")
                if c_map.struct:
                    named = NamedDefinition(definition, c_map.struct, start, place, "")
                    self.definitions.setdefault(c_map.struct, named)
                if isinstance(definition.inner, str):
                    self._use(definition.inner.removeprefix(TYPE_OF))
            self._use(c_map.struct)
            doc = ""

    def _use(self, struct: str) -> None:
        self.uses[struct] = self.uses.get(struct, 0) + 1

    def _report_on_the_unit(self) -> None:
        """Report what of the file as a whole isn't imported."""
        unit = self.unit
        if unit.complaint is not None:
            self.diagnostics.append(
                Diagnostic(
                    "import-lost",
                    f"clang can't preprocess the file ({unit.complaint}); its own macros decide "
                    "conditionals, and those of headers are unknown",
                    None,
                    severity=NOTE,
                )
            )
        if unit.unfinished is not None:
            message = "a comment begins here that never ends; what follows isn't seen"
            self.warn("import-map", unit.unfinished, message)
        for header, place in unit.missing.items():
            advice = "`-I DIR` names its directory"
            if header == VMLINUX.strip('"'):
                advice += ", and `--btf FILE` the kernel's types instead of it"
            message = f"the header `{header}` isn't found; {advice}"
            where = Subject("header", header)
            self.diagnostics.append(
                Diagnostic(
                    "import-lost",
                    unit.where(place) + message,
                    None,
                    severity=NOTE,
                    subject=where,
                )
            )
        for header in () if unit.asked.is_of_project or unit.asked.maps_of else unit.read_in:
            message = (
                f"{header} is read as part of the file, not included: "
                "take out of it what the source declares"
            )
            self.diagnostics.append(Diagnostic("import-lost", message, None, severity=NOTE))
        for include in unit.includes:
            if include.header is not None and include.header.has_maps:
                text = "\n".join(include.header.lines)
                self.reported.update(map_names(text))
                names = names_of_maps(text)
                self.note(include.place, f"the maps of {include.name} ({names}) stay there")
        for part in unit.left_out:
            codes = [line.code for line in part.lines]
            text = "\n".join(code for code in codes if not code.lstrip().startswith("#"))
            if SIGNS_OF_MAPS.search(text) is None and not self._makes_maps(text):
                continue
            if self._stands_elsewhere(part):
                continue
            what = self._left_out(text)
            message = f"`{part.condition}` leaves out {what}; `-D` decides otherwise"
            self.note(part.place, message)
            self.left_out[part.place] = self.diagnostics[-1]

    def _stands_elsewhere(self, part: LeftOut) -> bool:
        """Whether the same lines are read: a header that was included before has a guard."""
        first = next(line for line in part.lines if line.code.strip())
        place = (first.file, first.number)
        return any(
            (line.file, line.number) == place and line.text != GONE for line in self.unit.lines
        )

    def _left_out(self, text: str) -> str:
        """Return what of maps stands in *text*, of a branch that isn't active, for a message."""
        names = map_names(text)
        if (
            not names
            and re.search(r"\bstruct\b[^;{]*\{", text) is None
            and not self._makes_maps(text)
        ):
            return "members of a map"
        others = names and {found.map.name for found in self.maps}.issuperset(names)
        return f"another form of {names_of_maps(text)}" if others else names_of_maps(text)

    def _makes_maps(self, text: str) -> bool:
        """Whether a macro that is used in *text* is one that makes maps."""
        for name in set(re.findall(r"\b([A-Za-z_]\w*)\s*\(", text)):
            macro = self._forms.macros.get(name)
            if macro is not None and SIGNS_OF_MAPS.search(macro.body):
                return True
        return False


def _through_type(text: str) -> str | None:
    """Return `struct foo { … } attributes;` out of a declaration; None without a body."""
    reader = DeclarationReader(text)
    first = next((at for at in range(reader.count) if reader.word(at) in TAG_WORDS), reader.count)
    brace, *ends = (reader.find(mark, first, reader.count) for mark in "{;=*")
    if brace >= min(ends):
        return None
    after = reader.closing[brace] + 1
    while reader.word(after).startswith("__") or reader.word(after) == "(":
        after = reader.closing.get(after, after) + 1
    return f"{reader.text(first, after)};"
