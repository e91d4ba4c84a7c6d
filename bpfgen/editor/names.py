"""What each name in a text means: here, in what it imports, in what imports it.

What resolution noted decides (:mod:`bpfgen.resolve.references`). Where it got nowhere, because
something else is broken, or where it doesn't look, as in a forward declaration or a condition, a
name is looked up in the declarations of the file and of its imports, by resolution's own order.
"""

from __future__ import annotations

from bpfgen.editor.file_names import FileNames
from bpfgen.editor.occurrences import (
    ATTRIBUTE,
    CONDITION,
    CONSTANT,
    HELD,
    HOLDER,
    INNER,
    LOOSE,
    MAP_ATTRIBUTE,
    ORDINARY,
    SHAPE,
    SLOT,
    TAGS,
    TARGET,
    TYPE,
    VARIABLE,
    WORD,
)
from bpfgen.files.reading import identity
from bpfgen.kernel.map_kinds import MAP_KINDS
from bpfgen.providers.imports import find_import
from bpfgen.providers.prelude import Prelude
from bpfgen.record import TYPE_CHECKING, Record
from bpfgen.resolve.references import Declared
from bpfgen.syntax.tree import ImportItem

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from bpfgen.editor.analysis import Analysis
    from bpfgen.editor.occurrences import Occurrence
    from bpfgen.syntax.tree import File
    from bpfgen.text.source import Span

LANGUAGE = "language"
"""The origin of what the language itself has: kinds of maps, attributes."""

UNKNOWN = "unknown"
"""The origin of what nobody is seen to declare: a mistake, or a header that isn't read yet."""

COMMAND_LINE = "command line"
"""The origin of a name in a condition that `-D` or `-U` decides."""

_ANY_TYPE = frozenset((TYPE, INNER, CONSTANT, LOOSE))
_ANY_CONSTANT = frozenset((CONSTANT, CONDITION, LOOSE))
_BUILT_IN = frozenset((MAP_ATTRIBUTE, ATTRIBUTE, TARGET, WORD))


class Use(Record):
    """A place where a name stands.

    Attributes:
        span: Its characters; the name of their source is the path of the file.
        is_declaration: It declares the name.
        is_certain: It stands in text that could be read.
    """

    span: Span
    is_declaration: bool
    is_certain: bool = True


class Name(Record):
    """A name at a place of a text.

    Attributes:
        occurrence: Where it stands, and what part it plays there.
        meanings: What it means: several declarations where conditions decide which one is there;
            never empty.
    """

    occurrence: Occurrence
    meanings: tuple[Declared, ...]

    @property
    def span(self) -> Span:
        """Where it stands."""
        return self.occurrence.span

    @property
    def declaration(self) -> Declared:
        """What it means; of several meanings the first."""
        return self.meanings[0]


class Names:
    """The names of a text and of other files around it.

    Args:
        analysis: The text.
        others: The other files in which uses are to be found: those that import what it imports,
            or it. What they themselves import is known with them.
    """

    def __init__(self, analysis: Analysis, others: Iterable[Analysis] = ()) -> None:
        self._analyses = [analysis, *others]
        self._options = analysis.options
        self._identities: dict[str, str] = {}
        self._trees: dict[str, File] = {}
        for one in self._analyses:
            self._trees.setdefault(self.identity(one.path), one.tree)
        for one in self._analyses:
            for tree in one.imported:
                self._trees.setdefault(self.identity(tree.source.name), tree)
        self._files: dict[str, FileNames] = {}
        self._own = self.identity(analysis.path)
        self._noted = self._references()

    def identity(self, path: str) -> str:
        """Return the text that is the same for all paths of the file *path*."""
        known = self._identities.get(path)
        if known is None:
            known = self._identities[path] = identity(path, self._options.opener)
        return known

    def own(self) -> Iterator[Name]:
        """Yield the names of the text itself, in order."""
        return self.of(self._own)

    def of(self, path: str) -> Iterator[Name]:
        """Yield the names of the file whose identity is *path*, in order."""
        file = self._file(path)
        for occurrence in file.names:
            yield Name(occurrence, self._meanings(file, occurrence))

    def files(self) -> dict[str, File]:
        """Return the trees of all files, by their identities; the text itself is the first."""
        return dict(self._trees)

    def named(self, path: str, name: str) -> list[Occurrence]:
        """Return the places in the file *path* that have the *name*, whatever it means there."""
        return [one for one in self._file(path).names if one.name == name]

    def visible(self, path: str, name: str, roles: Sequence[str]) -> list[Occurrence]:
        """Return the declarations of *name* as one of *roles* which the file *path* sees."""
        file = self._file(path)
        around = (file, *(self._file(one) for one in file.imports))
        return [found for one in around for found in one.declared(name, roles)]

    def at(self, offset: int) -> Name | None:
        """Return the name of the text that the character at *offset* is part of, or comes after."""
        file = self._file(self._own)
        occurrence = file.at(offset)
        return None if occurrence is None else Name(occurrence, self._meanings(file, occurrence))

    def in_types(self, name: Name) -> list[Name]:
        """Return the names of the types that what *name* means is declared with."""
        found: list[Name] = []
        for meaning in name.meanings:
            declaration = self.occurrence_of(meaning)
            if declaration is None:
                continue
            file = self._file(self.identity(declaration.span.source.name))
            for span in declaration.types:
                occurrence = file.at(span.start)
                if occurrence is not None and occurrence.span.start == span.start:
                    found.append(Name(occurrence, self._meanings(file, occurrence)))
        return found

    def occurrence_of(self, declared: Declared) -> Occurrence | None:
        """Return the name in the declaration *declared*, or None where no text here has it."""
        if declared.span is None:
            return None
        path = self.identity(declared.span.source.name)
        return self._file(path).at(declared.span.start) if path in self._trees else None

    def uses(self, name: Name) -> list[Use]:
        """Return every place where what *name* means, a name of the text, is named.

        By file, the text itself first, and place; declarations are among them. Those of one name
        that exclude one another are the same, and so are those that one use may mean.
        """
        keys = set(self._keys(self._file(self._own), name.occurrence))
        found: dict[tuple[str, int], Use] = {}
        text = name.occurrence.name
        candidates = [
            (file, occurrence, self._keys(file, occurrence))
            for path, tree in self._trees.items()
            if text in tree.source.text
            for file in (self._file(path),)
            for occurrence in file.names
            if occurrence.name == text
        ]
        is_growing = True
        while is_growing:
            is_growing = False
            for file, occurrence, meant in candidates:
                place = file.path, occurrence.span.start
                if place not in found and not keys.isdisjoint(meant):
                    found[place] = _use(occurrence)
                    keys |= meant
                    is_growing = True
        order = {path: number for number, path in enumerate(self._trees)}
        return [found[place] for place in sorted(found, key=lambda at: (order[at[0]], at[1]))]

    # What names mean.

    def _keys(self, file: FileNames, occurrence: Occurrence) -> frozenset[tuple[str, str, int]]:
        """Return what is the same for all names of what *occurrence*, in *file*, means.

        Declarations in other branches, and other prototypes of a program, are one with the first.
        """
        keys = set()
        for meaning in self._meanings(file, occurrence):
            key = self.key(meaning)
            roles = next((roles for roles in (TAGS, ORDINARY) if meaning.kind in roles), ())
            if key[0] == "declared" and roles and key[1] in self._trees:
                first = self._file(key[1]).first(meaning.name, roles)
                key = key if first is None else (*key[:2], first.span.start)
            keys.add(key)
        return frozenset(keys)

    def key(self, declared: Declared) -> tuple[str, str, int]:
        """Return what is the same for the same declaration, whichever analysis found it."""
        if declared.kind == "macro":  # of C, which has one of each name
            return "macro", declared.name, 0
        if declared.span is not None:
            return "declared", self.identity(declared.span.source.name), declared.span.start
        if declared.origin == LANGUAGE:
            return LANGUAGE, declared.kind, 0
        return declared.origin, "tag" if declared.kind in TAGS else "name", 0

    def _references(self) -> dict[tuple[str, int], tuple[Declared, ...]]:
        """Return what resolution noted, by file and place; a file's own analysis comes first."""
        noted: dict[tuple[str, int], dict[tuple[str, str, int], Declared]] = {}
        for one in self._analyses:
            references = one.compilation.references
            if references is None:
                continue
            before = frozenset(noted)
            current: dict[int, str | None] = {}
            for reference in references:
                source = reference.span.source
                if id(source) not in current:
                    path = self.identity(source.name)
                    tree = self._trees.get(path)
                    # What another text said, of an earlier state of the file, is of no use.
                    is_current = tree is not None and tree.source.text == source.text
                    current[id(source)] = path if is_current else None
                file = current[id(source)]
                if file is None or (file, reference.span.start) in before:
                    continue
                meaning = reference.declaration
                known = noted.setdefault((file, reference.span.start), {})
                known.setdefault(self.key(meaning), meaning)
        return {place: tuple(meanings.values()) for place, meanings in noted.items()}

    def _file(self, path: str) -> FileNames:
        """Return the names of the file whose identity is *path*."""
        known = self._files.get(path)
        if known is None:
            tree = self._trees[path]
            imports: list[str] = []
            for item in tree.items:
                if isinstance(item, ImportItem):
                    directories, opener = self._options.include_directories, self._options.opener
                    found = find_import(tree.source.name, item.path, directories, opener)
                    if found is not None and self.identity(found) in self._trees:
                        imports.append(self.identity(found))
            known = self._files[path] = FileNames(tree, path, tuple(dict.fromkeys(imports)))
        return known

    def _meanings(self, file: FileNames, occurrence: Occurrence) -> tuple[Declared, ...]:
        """Return what *occurrence*, a name in *file*, means."""
        if occurrence.is_declaration:
            return (_declared(occurrence),)
        noted = self._noted.get((file.path, occurrence.span.start))
        if noted is not None:
            return noted
        role, name = occurrence.role, occurrence.name
        if role in _BUILT_IN:
            return (Declared(role, name, LANGUAGE, None),)
        if role in (SHAPE, INNER, LOOSE) and name in MAP_KINDS:
            return (Declared("kind", name, LANGUAGE, None),)
        found = self._looked_up(file, occurrence)
        if found:
            return tuple(map(_declared, found))
        return (self._elsewhere(name, role),)

    def _looked_up(self, file: FileNames, occurrence: Occurrence) -> list[Occurrence]:
        """Return the declarations that *occurrence* may mean, in *file* or in what it imports."""
        name, role = occurrence.name, occurrence.role
        if role == HELD:
            return self._members(file, occurrence)
        if role == CONDITION:
            listed = file.declared(name, ("macro",))
            if listed or name in self._options.definitions or name in self._options.undefined:
                return listed
        around = [file, *(self._file(path) for path in file.imports)]
        for roles in _SOUGHT.get(role, (TAGS,)):
            is_bare = roles is _TYPE_TAGS
            if is_bare and Prelude.shared().find_type("typedef", name) is not None:
                return []  # which goes before a tag
            for one in around:
                found = one.declared(name, roles)
                if found:
                    return found
        return []

    def _members(self, file: FileNames, occurrence: Occurrence) -> list[Occurrence]:
        """Return the members that `__contains(STRUCT, MEMBER)` may name."""
        holder = None if occurrence.owner is None else file.at(occurrence.owner.start)
        if holder is None:
            return []
        structs = [meaning.span for meaning in self._meanings(file, holder) if meaning.span]
        found: list[Occurrence] = []
        for span in structs:
            path = self.identity(span.source.name)
            if path in self._trees:
                members = self._file(path).declared(occurrence.name, ("member",))
                found += (one for one in members if one.owner and one.owner.start == span.start)
        return found

    def _elsewhere(self, name: str, role: str) -> Declared:
        """Return what a *name* means that neither the file nor its imports declare."""
        prelude = Prelude.shared()
        is_given = name in self._options.definitions or name in self._options.undefined
        if role == CONDITION and is_given:
            return Declared("macro", name, COMMAND_LINE, None)
        if role in _ANY_TYPE and prelude.find_type("typedef", name) is not None:
            return Declared("typedef", name, "prelude", None)
        if role in _ANY_CONSTANT and prelude.find_constant(name) is not None:
            return Declared("constant", name, "prelude", None)
        for kind in _TYPE_TAGS if role in _ANY_TYPE or role == HOLDER else (role,):
            if kind in TAGS and prelude.find_type(kind, name) is not None:
                return Declared(kind, name, "prelude", None)
        return Declared(role, name, UNKNOWN, None)


_TYPEDEF = ("typedef",)
_TYPE_TAGS = ("struct", "union", "enum")
_CONSTANTS = ("const", "enumerator")
_SOUGHT = {
    TYPE: (_TYPEDEF, _TYPE_TAGS, ORDINARY, (VARIABLE,)),
    INNER: (("template",), _TYPEDEF, _TYPE_TAGS),
    SHAPE: (("template",),),
    CONSTANT: (_CONSTANTS, _TYPEDEF, _TYPE_TAGS, ORDINARY),
    CONDITION: (_CONSTANTS,),
    SLOT: (("map", "program"), ORDINARY),
    HOLDER: (("struct",),),
    LOOSE: (ORDINARY, TAGS, ("macro",)),
}
"""What a name is looked for as, in order, by the part that it plays; a tag with its keyword in
none of them is looked for among the tags."""


def _use(occurrence: Occurrence) -> Use:
    return Use(occurrence.span, occurrence.is_declaration, occurrence.is_certain)


def _declared(occurrence: Occurrence) -> Declared:
    return Declared(occurrence.role, occurrence.name, "declared", occurrence.span)
