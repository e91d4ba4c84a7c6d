"""What could be typed in quotes, in angle brackets and in comments: files, headers, codes."""

from __future__ import annotations

import os
import re

from bpfgen.editor.completion_item import LIKELY, OTHER, USUAL, Completion
from bpfgen.editor.places import following_text
from bpfgen.files import is_source_name
from bpfgen.files.reading import identity
from bpfgen.kernel.uapi_headers import CONSTANTS, STRUCTS
from bpfgen.providers.imports import places_of
from bpfgen.record import TYPE_CHECKING, Record
from bpfgen.syntax.tree import BROKEN
from bpfgen.text.codes import CHANGES, TOPICS, can_be_allowed
from bpfgen.text.source import Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bpfgen.editor.analysis import Analysis
    from bpfgen.editor.context import Context

_MOST = 500
"""Entries of one directory."""

_ALLOWANCE = re.compile(r"//[ \t]*bpfgen:[ \t]*(allow|allow-break)[ \t]+([a-z0-9-]*)\Z")
_DIRECTIVE = re.compile(r"//[ \t]*bpfgen:[ \t]*([a-z-]*)\Z")
_CODE = frozenset("abcdefghijklmnopqrstuvwxyz0123456789-")
_HEADERS = tuple(sorted({*STRUCTS, *CONSTANTS, "linux/types.h", "linux/bpf.h"}))
_TOPICS = (
    "Names from elsewhere",
    "The text",
    "Names, constants and types",
    "Map definitions",
    "Rules about maps",
    "Rules about types and special fields",
    "What a change breaks",
)
"""What is reported of a source, and can be allowed in one."""

_SYSTEM = ("/usr/include",)


def imported_files(
    analysis: Analysis, context: Context, offset: int
) -> tuple[Completion, ...] | None:
    """Return the sources that an import may name; None where *offset* is in no path of an import.

    They are those beside the file, and those in the directories of `-I`.
    """
    places = places_of(analysis.path, analysis.options.include_directories)
    own = identity(analysis.path, analysis.options.opener)
    if context.kind(1) == "IMPORT":
        names = [
            name
            for place in places
            for name, is_directory in _entries(place)
            if not is_directory
            and is_source_name(name)
            and identity(os.path.join(place, name), analysis.options.opener) != own
        ]
        return tuple(_quoted(context, f'"{name}"', "file") for name in dict.fromkeys(names))
    at = _opened(context, "import", '"')
    if at is None:
        return None
    written, path = _path(analysis, context, at, offset, '"')
    found: dict[str, Completion] = {}
    for place in places:
        for name, is_directory in _entries(os.path.join(place, os.path.dirname(written))):
            if not is_directory and not is_source_name(name):
                continue
            named = os.path.join(place, os.path.dirname(written), name)
            if identity(named, analysis.options.opener) == own:
                continue
            found.setdefault(name, path.file(name, is_directory=is_directory))
    return tuple(found.values())


def included_headers(
    analysis: Analysis, context: Context, offset: int
) -> tuple[Completion, ...] | None:
    """Return the headers that an `include` may name; None where *offset* is in no path of one."""
    for opening in ("<", '"'):
        at = _opened(context, "include", opening)
        if at is None:
            continue
        closing = ">" if opening == "<" else '"'
        written, path = _path(analysis, context, at, offset, closing)
        directories = _places(analysis) if opening == '"' else analysis.options.include_directories
        found: dict[str, Completion] = {}
        folder = os.path.dirname(written)
        for header in _HEADERS if opening == "<" else ():
            if header.startswith(f"{folder}/" if folder else ""):
                rest = header[len(folder) + 1 if folder else 0 :]
                is_directory = "/" in rest
                name = rest.partition("/")[0]
                if not is_directory or name not in found:
                    found[name] = path.file(name, is_directory=is_directory, rank=LIKELY)
        for place in [*directories, *(_SYSTEM if opening == "<" else ())]:
            for name, is_directory in _entries(os.path.join(place, folder)):
                if is_directory or name.endswith(".h"):
                    found.setdefault(name, path.file(name, is_directory=is_directory))
        return tuple(found.values())
    if context.text(1) == "include" and not context.frames:
        beside = [
            f'"{name}"'
            for place in _places(analysis)
            for name, is_directory in _entries(place)
            if name.endswith(".h") and not is_directory
        ]
        words = dict.fromkeys((*beside, "kernel", "<linux/in.h>"))
        return tuple(_quoted(context, word, "header") for word in words)
    return None


def _places(analysis: Analysis) -> list[str]:
    """Return where a header in quotes is looked for."""
    return [places_of(analysis.path, ())[0], *analysis.options.include_directories]


def _quoted(context: Context, path: str, kind: str) -> Completion:
    """Return *path*, as it is written, for what follows the word of an import or include."""
    text = path if following_text(context) else f"{path};"
    rank = OTHER if kind == "header" and path[:1] != '"' else USUAL
    return Completion(path, kind, context.span, text, rank=rank, filter=path.strip('"<>'))


def _opened(context: Context, word: str, quote: str) -> int | None:
    """Return the index of the token with which a path begins that follows *word*; or None."""
    texts, kinds = context.tokens.texts, context.tokens.kinds
    for at in range(context.count - 1, max(context.count - 40, 0), -1):
        if texts[at - 1] == word and texts[at][:1] == quote:
            is_open = kinds[at] == BROKEN or quote == "<"
            return at if is_open and "\n" not in _between(context, at) else None
        if texts[at] in (";", ">"):
            return None
    return None


def _between(context: Context, at: int) -> str:
    """Return the text from token *at* up to the word."""
    tokens = context.tokens
    return tokens.source.text[tokens.starts[at] :]


class _Path(Record):
    """A path that is being typed, and what a completion of it replaces.

    Attributes:
        part: The part of it that the place is in.
        rest: All of it from there to its end.
    """

    part: Span
    rest: Span

    def file(self, name: str, *, is_directory: bool, rank: int = USUAL) -> Completion:
        """Return *name* for the part: that of a directory goes on, that of a file is the last."""
        if not is_directory:
            return Completion(name, "file", self.rest, name, rank=rank)
        goes_on = self.part.source.text.startswith("/", self.part.end)
        return Completion(name, "folder", self.part, name if goes_on else f"{name}/", rank=rank)


def _path(
    analysis: Analysis, context: Context, at: int, offset: int, closing: str
) -> tuple[str, _Path]:
    """Return what is written of the path that begins at token *at*, and what a name replaces."""
    source = analysis.source
    begin = context.span.start - len(_between(context, at)) + 1
    written = source.text[begin:offset]
    start = begin + written.rfind("/") + 1
    ends = []
    for stops in (f"{closing}/; \t\r\n", f"{closing}; \t\r\n"):
        end = offset
        while end < len(source.text) and source.text[end] not in stops:
            end += 1
        ends.append(Span(source, start, end))
    return written, _Path(*ends)


def _entries(directory: str) -> Iterator[tuple[str, bool]]:
    """Yield what is in *directory*, by name, and whether it is a directory itself."""
    try:
        with os.scandir(directory or ".") as entries:
            some = [(one.name, one.is_dir()) for one, _ in zip(entries, range(_MOST), strict=False)]
    except (OSError, ValueError):
        return
    for name, is_directory in sorted(some):
        if not name.startswith("."):
            yield name, is_directory


def allowance_codes(analysis: Analysis, context: Context) -> tuple[Completion, ...]:
    """Return the codes that an allowance may have, those reported beside it first.

    Nothing in a comment that is no allowance.
    """
    directive = _DIRECTIVE.match(context.comment)
    source = analysis.source
    place = end = context.span.start + len(context.word)
    while source.text[end : end + 1] in _CODE:
        end += 1
    if directive is not None:
        span = Span(source, place - len(directive[1]), end)
        is_alone = not source.text[end:].partition("\n")[0].strip()
        return tuple(
            Completion(word, "keyword", span, text if is_alone else word, is_snippet=is_alone)
            for word, text in (
                ("allow", "allow ${1:code} because ${2:reason}"),
                ("allow-break", "allow-break ${1:code} because ${2:reason}"),
            )
        )
    form = _ALLOWANCE.match(context.comment)
    if form is None:
        return ()
    span = Span(source, place - len(form[2]), end)
    rest = source.text[end:].partition("\n")[0]
    reason = "" if "because" in rest else " because ${1:reason}"
    is_break = form[1] == "allow-break"
    line = source.line_number(span.start)
    reported = {
        one.code: one.message
        for one in analysis.diagnostics
        if one.span is not None
        and one.span.source.name == source.name
        and line <= source.line_number(one.span.start) <= line + 1
    }
    found = []
    for code in (code for topic in _TOPICS for code in TOPICS[topic]):
        if (code.concern == CHANGES) != is_break:
            continue
        if not is_break and not any(can_be_allowed(code.name, one) for one in code.severities):
            continue
        found.append(
            Completion(
                code.name,
                "code",
                span,
                f"{code.name}{reason}",
                reported.get(code.name, ""),
                is_snippet=bool(reason),
                rank=LIKELY if code.name in reported else OTHER,
            )
        )
    return tuple(found)
