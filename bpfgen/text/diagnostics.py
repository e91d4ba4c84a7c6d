"""What is said to the user: diagnostics as values. Every stage may import this module.

A stage reports and goes on; it doesn't raise for a mistake in the program. How a diagnostic looks
on a terminal or in JSON is the business of :mod:`bpfgen.text.render` alone.
"""

from __future__ import annotations

from bpfgen.record import TYPE_CHECKING, Record

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from bpfgen.text.source import Span

ERROR = "error"
WARNING = "warning"
NOTE = "note"
STYLE = "style"
"""Of what works, and could be nicer: off unless -W wants it, and then reported as a warning."""


class Label(Record):
    """A second place that belongs to a diagnostic, underlined with *text* beside it."""

    span: Span
    text: str


class Subject(Record):
    """What a diagnostic is about, by the names that the source has for it.

    Decisions are made by this and by the code, never by the words of a message.

    Attributes:
        kind: The keyword or word of the field: `map`, `template`, `struct`, `union`, `enum`,
            `typedef`, `const`, `include`, `import`, `kind`, `flag`, `tag`, `option` and so on.
        name: Its name; empty for what has none.
        part: What of it: a member's path, an attribute, a flag; empty for the whole.
    """

    kind: str
    name: str
    part: str = ""


class Edit(Record):
    """A change of the text that would follow the advice: *text* instead of the characters there."""

    span: Span
    text: str


class Diagnostic(Record):
    """One thing to report: what is wrong, where, who says so, and what to type instead.

    Attributes:
        code: Stable kebab-case name, as `bpfgen explain` knows it.
        message: What is, and what is wanted: lower case, names in backticks, no full stop.
        span: The culprit; None only where there is no place in a text to point at.
        label: Short text beside the carets of *span*.
        labels: Related places ("declared here").
        notes: Reasons, among them who refuses it (Linux since which version, libbpf, C).
        help: What to type instead; empty if there is no better advice than the message.
        severity: `error`: C, libbpf or the target's kernel refuses it, or what it declares can't be
            used. `warning`: it loads, and something may go wrong later. `style`: it works.
            `note`: nobody need do anything.
        map: The name of the map concerned, or None.
        subject: What it is about; None where nothing has a name.
        edits: What a machine would change to follow the help; empty where that takes a person.
        changes_meaning: The edits choose what is declared (a type, a size, another member), where
            others do no more than say it rightly: `--fix` leaves them to `--fix-all`.
    """

    code: str
    message: str
    span: Span | None
    label: str = ""
    labels: tuple[Label, ...] = ()
    notes: tuple[str, ...] = ()
    help: str = ""
    severity: str = ERROR
    map: str | None = None
    subject: Subject | None = None
    edits: tuple[Edit, ...] = ()
    changes_meaning: bool = False


class Report:
    """The diagnostics of one run, in the order in which they were found."""

    __slots__ = ("diagnostics",)

    def __init__(self) -> None:
        self.diagnostics: list[Diagnostic] = []

    def __iter__(self) -> Iterator[Diagnostic]:
        return iter(self.diagnostics)

    def add(self, diagnostic: Diagnostic) -> None:
        """Append *diagnostic*."""
        self.diagnostics.append(diagnostic)

    def extend(self, diagnostics: Iterable[Diagnostic]) -> None:
        """Append all of *diagnostics*."""
        self.diagnostics.extend(diagnostics)

    def error(  # noqa: PLR0913 -- the members of a Diagnostic, by name
        self,
        code: str,
        message: str,
        span: Span | None,
        *,
        label: str = "",
        labels: tuple[Label, ...] = (),
        notes: tuple[str, ...] = (),
        help: str = "",
        severity: str = ERROR,
        map: str | None = None,
        subject: Subject | None = None,
        edits: tuple[Edit, ...] = (),
        changes_meaning: bool = False,
    ) -> None:
        """Append a diagnostic with these members; an error unless *severity* says otherwise."""
        self.add(
            Diagnostic(
                code,
                message,
                span,
                label,
                labels,
                notes,
                help,
                severity,
                map,
                subject,
                edits,
                changes_meaning,
            )
        )

    @property
    def failed(self) -> bool:
        """Whether there is an error among the diagnostics."""
        return any(diagnostic.severity == ERROR for diagnostic in self.diagnostics)

    def in_source_order(self) -> list[Diagnostic]:
        """Return the diagnostics sorted by file (in order of appearance) and place, stably."""
        files: dict[str, int] = {}
        for diagnostic in self.diagnostics:
            if diagnostic.span is not None:
                files.setdefault(diagnostic.span.source.name, len(files))

        def place(diagnostic: Diagnostic) -> tuple[int, int]:
            if diagnostic.span is None:
                return (len(files), 0)
            return (files[diagnostic.span.source.name], diagnostic.span.start)

        return sorted(self.diagnostics, key=place)


class FormatError(Exception):
    """Bytes that are not what they claim to be: ELF, BTF.

    Attributes:
        what: The part of the format that failed and why, in one clause.
        offset: Byte offset of the culprit in the file or section, or None.
    """

    def __init__(self, what: str, offset: int | None = None) -> None:
        self.what = what
        self.offset = offset
        super().__init__(what if offset is None else f"{what} (at byte {offset:#x})")
