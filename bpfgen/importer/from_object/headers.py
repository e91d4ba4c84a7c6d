"""Types of an object that live in the project's own headers: they are included, not declared again.

Beside :mod:`kernel_types`, which does the same for linux/bpf.h. clang reads each header that was
named, alone where that compiles, else after linux/types.h or after those named before it, and
answers for the names that the object's maps need. A header's type that is the object's is included;
one that is another leaves the name to the header, and the object's own gets another.
"""

from __future__ import annotations

import os

from bpfgen.clang.messages import diagnostics_from_messages
from bpfgen.ctype.compare import Comparison
from bpfgen.ctype.types import Composite, Enum, Typedef
from bpfgen.object import read_object
from bpfgen.providers.c_headers import ask
from bpfgen.record import TYPE_CHECKING, Record, replace
from bpfgen.resolve.possible_names import is_name
from bpfgen.syntax.names import UsedNames
from bpfgen.syntax.tree import IncludeItem
from bpfgen.text.diagnostics import NOTE, Diagnostic, FormatError, Report
from bpfgen.text.header_names import header_name_fault
from bpfgen.text.source import Source, Span
from bpfgen.verify.types import has_old_enums

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from bpfgen.btf.decode import Btf
    from bpfgen.clang.compiler import Compiler
    from bpfgen.clang.messages import ClangMessage
    from bpfgen.compiler import Options
    from bpfgen.ctype.types import Type

_KERNEL_TYPES = "<linux/types.h>"
_HELPERS = "<bpf/bpf_helpers.h>"


class Header(Record):
    """One header that was read.

    Attributes:
        spelled: With its quotes or brackets, as `include` has it.
        before: What has to be included before it, in order.
    """

    spelled: str
    before: tuple[str, ...]


class ProjectHeaders:
    """What the headers of a project define of the types of one object.

    Attributes:
        maps: The maps that they define, by name, and the header.
        diagnostics: What is to be said of them.
        dependencies: The files that were read.
        failed: One of them can't be read, and the diagnostics say why.
    """

    def __init__(self, btf: Btf) -> None:
        self._types: dict[tuple[str, str], tuple[Header, Type]] = {}
        self._old_enums = has_old_enums(btf)
        self._needed: dict[Header, None] = {}
        self._order: list[Header] = []
        self.maps: dict[str, str] = {}
        self.diagnostics: list[Diagnostic] = []
        self.dependencies: list[str] = []
        self.failed = False

    @property
    def includes(self) -> list[str]:
        """What the source has to include, in order."""
        names: dict[str, None] = {}
        for header in self._order:
            if header in self._needed:
                names |= dict.fromkeys((*header.before, header.spelled))
        return list(names)

    @property
    def tags(self) -> frozenset[str]:
        """The tags that the headers define; nothing else can have them."""
        return frozenset(name for kind, name in self._types if kind != "typedef")

    @property
    def ordinary(self) -> frozenset[str]:
        """The typedefs and enumerators that the headers define."""
        names = {name for kind, name in self._types if kind == "typedef"}
        for _header, type in self._types.values():
            if isinstance(type, Enum):
                names.update(enumerator.name for enumerator in type.enumerators)
        return frozenset(names)

    def read(self, headers: Sequence[str], names: Iterable[tuple[str, str]], place: Place) -> None:
        """Have clang read *headers*, and answer for *names*, pairs of kind and name."""
        compiler = place.compiler
        used = UsedNames()
        used.tags.update(dict.fromkeys(names))
        # A typedef of a tag's name, int key_t in vmlinux.h, is what the name alone means.
        used.tags.update((("typedef", name), None) for _kind, name in [*used.tags])
        before: dict[str, None] = {}
        for spelled in headers:
            fault = header_name_fault(spelled[1:-1])
            if fault:
                message = f"--headers: no header can have {fault} in its name"
                self._fail([Diagnostic("include", message, None)], "")
                return
            header = self._compiled(spelled, [*before], place)
            if header is None:
                return
            self._order.append(header)
            before |= dict.fromkeys((*header.before, spelled))
            report = Report()
            included = ask(
                compiler,
                _items((*header.before, spelled)),
                used,
                (),
                (),
                {},
                place.include_directories,
                place.name,
                report,
            )
            if included is None:
                self._fail(report.diagnostics, spelled)
                return
            for kind, name in used.tags:
                type = included.find_type(kind, name)
                if type is not None:
                    self._types.setdefault((kind, name), (header, type))

    def _compiled(self, spelled: str, before: Sequence[str], place: Place) -> Header | None:
        """Return the header *spelled* with what it needs before it; None where nothing helps."""
        first: Sequence[ClangMessage] = ()
        for prologue in _prologues(before):
            text = "".join(f"#include {name}\n" for name in (*prologue, spelled))
            result = place.compiler.compile_object(
                text,
                include_directories=place.include_directories,
                name=place.name,
                flags=("-Wno-everything",),
                is_kept=True,
            )
            if result.object is not None:
                self.dependencies += result.dependencies
                self._note_maps(result.object, spelled)
                return Header(spelled, prologue)
            first = first or result.messages
        self._fail(_why(first), spelled)
        return None

    def _note_maps(self, data: bytes, spelled: str) -> None:
        try:
            object = read_object(data)
        except FormatError:
            return
        for map in object.maps:
            self.maps.setdefault(map.name, spelled)

    def _fail(self, diagnostics: Sequence[Diagnostic], spelled: str) -> None:
        self.failed = True
        for said in diagnostics:
            message = f"--headers {spelled[1:-1]}: {said.message}" if spelled else said.message
            self.diagnostics.append(
                replace(said, message=message, span=None, label="", labels=(), edits=())
            )

    def is_same(self, kind: str, name: str, type: Type) -> bool:
        """Return whether a header defines `kind name`, and as *type*, which the object has."""
        return (kind, name) in self._types and not self.difference(kind, name, type)

    def difference(self, kind: str, name: str, type: Type) -> str:
        """Return how the `kind name` of a header differs from *type*; nothing if it doesn't."""
        known = self._types.get((kind, name))
        if known is None:
            return ""
        header, own = known
        differences = Comparison(old_enums=self._old_enums).differences(own, type, name)
        if not differences:
            return ""
        return f"is another type in {header.spelled}: {differences[0].message}"

    def need(self, kind: str, name: str) -> None:
        """Note that the source needs `kind name` of a header."""
        self._needed[self._types[kind, name][0]] = None

    def left_out(self, name: str) -> Diagnostic:
        """Return the note that the map *name* is a header's."""
        return Diagnostic(
            "import-lost",
            f"map `{name}` is defined by {self.maps[name]}, and left out",
            None,
            severity=NOTE,
            map=name,
        )


class Place(Record):
    """Where headers are looked for, and by whom.

    Attributes:
        name: The source that is going to include them.
        include_directories: As after `-I`.
    """

    compiler: Compiler
    name: str
    include_directories: tuple[str, ...]

    @classmethod
    def of(cls, options: Options, directory: str) -> Place:
        """Return the place of a source in *directory* that is compiled with *options*.

        Raises:
            ToolMissing: There is no clang.
        """
        name = os.path.join(directory, "maps.dsl")
        return cls(options.clang.find(), name, options.include_directories)


def spelled_header(typed: str, directory: str, include_directories: Iterable[str]) -> str:
    """Return how a source in *directory* includes the header that was *typed*.

    `<…>` and what is below one of the *include_directories* stay as they are; any other is a path
    from the working directory.
    """
    if typed.startswith("<") and typed.endswith(">"):
        return typed
    below = any(os.path.exists(os.path.join(place, typed)) for place in include_directories)
    if below or os.path.isabs(typed):
        return f'"{typed}"'
    return f'"{os.path.relpath(typed, directory or ".")}"'


def named_types(types: Iterable[Type]) -> dict[tuple[str, str], None]:
    """Return kind and name of those of *types* that have one which C can have, in order.

    An object's names are anybody's, and these become a part of what clang is asked.
    """
    names: dict[tuple[str, str], None] = {}
    for type in types:
        if isinstance(type, Typedef):
            names["typedef", type.name] = None
        elif isinstance(type, Composite) and type.tag:
            names[type.kind, type.tag] = None
        elif isinstance(type, Enum) and type.tag:
            names["enum", type.tag] = None
    return {pair: None for pair in names if is_name(pair[1])}


def _prologues(before: Sequence[str]) -> Iterator[tuple[str, ...]]:
    """Yield what may stand before a header so that it compiles, the least first.

    *before* are the headers that were named before it: the first is vmlinux.h, as a rule.
    """
    tried = set()
    for helpers in ((), (_HELPERS,)):
        for first in ((), before[:1], before, (_KERNEL_TYPES,), (_KERNEL_TYPES, *before)):
            prologue = tuple(dict.fromkeys((*first, *helpers)))
            if prologue not in tried:
                tried.add(prologue)
                yield prologue


def _why(messages: Sequence[ClangMessage]) -> list[Diagnostic]:
    """Return why a header doesn't compile by itself, of what clang said of it."""
    complaints = [message for message in messages if message.severity in {"error", "note"}]
    errors = [message for message in complaints if message.is_error]
    if any(error.missing_header for error in errors):
        advice = "name the directory that has it: `-I DIR`"
    else:
        advice = "name what it needs before it: `--headers vmlinux.h,types.h`"
    diagnostics = diagnostics_from_messages(complaints, ())[:1]
    return [replace(one, code="include", help=advice) for one in diagnostics]


def _items(names: Iterable[str]) -> list[IncludeItem]:
    """Return *names* as if a source included them."""
    lines = [f"include {name};\n" for name in names]
    source = Source("--headers", "".join(lines))
    items, start = [], 0
    for name, line in zip(names, lines, strict=True):
        items.append(IncludeItem(name, Span(source, start, start + len(line))))
        start += len(line)
    return items
