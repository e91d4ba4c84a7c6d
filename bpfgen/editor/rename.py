"""A name gets another one, in all files at once, and nothing changes but the name; or a refusal.

What the edits come to is compiled before they are offered: each name has to mean what it meant, and
nothing may be wrong that wasn't. So whatever clashes with the new name, in whatever way, refuses
it; the reasons that come up most are said first, in words.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from itertools import accumulate

from bpfgen.editor.analysis import analyse
from bpfgen.editor.names import COMMAND_LINE, LANGUAGE, UNKNOWN, Names
from bpfgen.editor.occurrences import MAP_ATTRIBUTE, ORDINARY, TAGS
from bpfgen.files.reading import identity
from bpfgen.kernel.header_macros import macro_owner
from bpfgen.kernel.helpers import HELPERS
from bpfgen.providers.prelude import Prelude
from bpfgen.record import TYPE_CHECKING, Record, replace
from bpfgen.resolve.references import Declared
from bpfgen.resolve.scope import C_KEYWORDS
from bpfgen.syntax.parser import current_tables
from bpfgen.text.diagnostics import ERROR, Edit
from bpfgen.text.edits import applied
from bpfgen.text.spelling import with_article

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from bpfgen.editor.analysis import Analysis
    from bpfgen.editor.names import Name, Use
    from bpfgen.editor.occurrences import Occurrence
    from bpfgen.files.reading import Opener
    from bpfgen.text.diagnostics import Diagnostic
    from bpfgen.text.source import Span

_IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")


class Refusal(Record):
    """Why something can't be renamed, as a person reads it."""

    message: str


def prepare_rename(analysis: Analysis, offset: int) -> Span | Refusal:
    """Return the name at *offset* if it can be renamed, else why it can't be."""
    name = Names(analysis).at(offset)
    if name is None:
        return Refusal("there is no name here")
    return _fixed(analysis, name) or name.span


def rename(
    analysis: Analysis, offset: int, new: str, others: Iterable[Analysis] = ()
) -> tuple[Edit, ...] | Refusal:
    """Return the edits that give what is named at *offset* the name *new*, by file and place.

    Comments stay as they are. *others* are as :class:`bpfgen.editor.names.Names` wants them; what
    imports the declaration and isn't among them is not looked at.
    """
    analyses = [analysis, *others]
    names = Names(analysis, analyses[1:])
    name = names.at(offset)
    if name is None:
        return Refusal("there is no name here")
    refusal = _fixed(analysis, name) or _wrong_name(new)
    if refusal is not None:
        return refusal
    if new == name.occurrence.name:
        return ()
    uses = names.uses(name)
    refusal = _unreadable(uses) or _taken(analyses, names, uses, name, new)
    if refusal is not None:
        return refusal
    edits = tuple(Edit(use.span, new) for use in uses)
    return _changed(analyses, names, edits) or edits


def _fixed(analysis: Analysis, name: Name) -> Refusal | None:
    """Return why *name* can't have another name, whichever; None where it can."""
    declared, text = name.declaration, name.occurrence.name
    options = analysis.options
    if declared.origin == LANGUAGE:
        what = {"kind": "a kind of map", MAP_ATTRIBUTE: "an attribute of maps"}
        return Refusal(f"`{text}` is {what.get(declared.kind, 'a word of the language')}")
    if declared.origin == "prelude":
        return Refusal(f"`{text}` is built in")
    if declared.origin == "included":
        return Refusal(f"`{text}` comes from a C header or a kernel: it is declared there")
    if declared.kind == "macro" or declared.origin == COMMAND_LINE:
        return Refusal(f"`{text}` is a macro of the C programs that include the header")
    if declared.origin == UNKNOWN:
        return Refusal(f"nothing that can be seen declares `{text}`")
    if declared.kind == "const" and (text in options.definitions or text in options.undefined):
        return Refusal(f"`-D {text}=…` replaces this constant, and would no longer find it")
    return None


def _wrong_name(new: str) -> Refusal | None:
    """Return why nothing can be called *new*, or None."""
    if not _IDENTIFIER.match(new):
        return Refusal(f"`{new}` is no name: letters, digits and `_`, and no digit first")
    if new in C_KEYWORDS or new in current_tables().HARD_WORDS:
        return Refusal(f"`{new}` is a keyword of C, so nothing can have that name in the output")
    owner = macro_owner(new)
    if owner:
        return Refusal(f"`{new}` is a macro of {owner}: C would read something else")
    return None


def _unreadable(uses: Sequence[Use | Occurrence]) -> Refusal | None:
    """Return the refusal where one of *uses* stands in what can't be read, and may be another."""
    for use in uses:
        if not use.is_certain:
            return Refusal(
                f"`{use.span.text}` stands in a part of {use.span} that can't be read:"
                " mend that first"
            )
    return None


def _taken(
    analyses: Sequence[Analysis], names: Names, uses: Sequence[Use], name: Name, new: str
) -> Refusal | None:
    """Return the refusal where *new* is somebody's name beside one of *uses*."""
    kind = name.declaration.kind
    roles = next((roles for roles in (TAGS, ORDINARY) if kind in roles), ())
    if not roles:
        return None
    for path in dict.fromkeys(names.identity(use.span.source.name) for use in uses):
        for one in names.visible(path, new, (*roles, "macro")):
            what = with_article(one.role)
            return Refusal(f"`{new}` is declared already, as {what} ({one.span})")
        refusal = _unreadable(names.named(path, new))
        if refusal is not None:
            return refusal
    if roles is ORDINARY and new.startswith("bpf_") and new[4:] in HELPERS:
        return Refusal(f"`{new}` is a function of libbpf's, which the header includes")
    return _built_in(new, roles) or _in_a_header(analyses, names, uses, new, roles)


def _built_in(new: str, roles: Sequence[str]) -> Refusal | None:
    prelude = Prelude.shared()
    is_tag = roles is TAGS
    kinds = ("struct", "union", "enum") if is_tag else ("typedef",)
    is_taken = any(prelude.find_type(kind, new) is not None for kind in kinds)
    if is_taken or (not is_tag and prelude.find_constant(new) is not None):
        return Refusal(f"`{new}` is built in")
    return None


def _in_a_header(
    analyses: Sequence[Analysis],
    names: Names,
    uses: Sequence[Use],
    new: str,
    roles: Sequence[str],
) -> Refusal | None:
    """Return the refusal where a C header that a file of *uses* includes seems to declare *new*."""
    concerned = {names.identity(use.span.source.name) for use in uses}
    for one in analyses:
        headers = [path for path in one.compilation.dependencies if path.endswith(".h")]
        if not headers or names.identity(one.path) not in concerned:
            continue
        from bpfgen.editor.headers_text import in_headers

        kinds = ("struct", "union", "enum") if roles is TAGS else ("typedef", "constant")
        for kind in kinds:
            sought = Declared(kind, new, "included", None)
            for span in in_headers(sought, headers, one.options.opener):
                return Refusal(f"`{new}` is declared by a C header ({span})")
    return None


# What the edits come to.


class _Edited:
    """An opener of the files as they will be, over that of an analysis."""

    __slots__ = ("_opener", "_texts")

    def __init__(self, opener: Opener, texts: dict[str, str]) -> None:
        self._opener = opener
        self._texts = texts

    def read(self, path: str) -> bytes:
        """Return the text of the file *path* after the edits."""
        text = self._texts.get(self.identity(path))
        return self._opener.read(path) if text is None else text.encode("utf-8", "replace")

    def is_file(self, path: str) -> bool:
        """Return whether there is a file *path*; edits make none."""
        return self._opener.is_file(path)

    def identity(self, path: str) -> str:
        """Return what is the same for all paths of the file *path*."""
        return identity(path, self._opener)


class _Shift:
    """Where places of files are after the edits.

    Attributes:
        texts: The texts of the files that are edited, by their identities.
    """

    def __init__(self, names: Names, edits: Sequence[Edit]) -> None:
        self.texts: dict[str, str] = {}
        # Where edits begin, and by how much what stands after each of them has moved.
        self._moves: dict[str, tuple[list[int], list[int]]] = {}
        by_file: dict[str, list[Edit]] = {}
        for edit in edits:
            by_file.setdefault(names.identity(edit.span.source.name), []).append(edit)
        for path, own in by_file.items():
            self.texts[path] = applied(own[0].span.source.text, own)
            longer = (len(edit.text) - (edit.span.end - edit.span.start) for edit in own)
            self._moves[path] = [edit.span.start for edit in own], [0, *accumulate(longer)]

    def place(self, path: str, offset: int) -> int:
        """Return where the character at *offset* of the file *path* is then."""
        if path not in self._moves:
            return offset
        starts, moved = self._moves[path]
        return offset + moved[bisect_left(starts, offset)]


def _changed(analyses: Sequence[Analysis], names: Names, edits: Sequence[Edit]) -> Refusal | None:
    """Return the refusal where the files come to something else after *edits*, but for the name."""
    shift = _Shift(names, edits)
    before: list[Analysis] = []
    after: list[Analysis] = []
    for one in analyses:
        read = [names.identity(tree.source.name) for tree in one.compilation.trees]
        if any(path in shift.texts for path in (names.identity(one.path), *read)):
            text = shift.texts.get(names.identity(one.path), one.source.text)
            opener = _Edited(one.options.opener, shift.texts)
            before.append(one)
            after.append(analyse(one.path, text, replace(one.options, opener=opener)))
    for old, new in zip(before, after, strict=True):
        refusal = _new_error(names, shift, old, new)
        if refusal is not None:
            return refusal
    return _new_meaning(shift, names, Names(after[0], after[1:]))


def _new_error(names: Names, shift: _Shift, old: Analysis, new: Analysis) -> Refusal | None:
    """Return the refusal for the first error in *new* that *old* doesn't have."""

    def place(diagnostic: Diagnostic, *, is_old: bool) -> tuple[str, str, int]:
        span = diagnostic.span
        if span is None:
            return diagnostic.code, "", 0
        path = names.identity(span.source.name)
        start = shift.place(path, span.start) if is_old else span.start
        return diagnostic.code, path, start

    known = {place(one, is_old=True) for one in old.diagnostics if one.severity == ERROR}
    for one in new.diagnostics:
        if one.severity == ERROR and place(one, is_old=False) not in known:
            where = "" if one.span is None else f" ({one.span})"
            return Refusal(f"{one.message}{where}")
    return None


def _new_meaning(shift: _Shift, before: Names, after: Names) -> Refusal | None:
    """Return the refusal for the first name that would mean something else."""
    left = after.files()
    for path in before.files():
        if path not in left:
            continue
        olds, news = [*before.of(path)], [*after.of(path)]
        for old, new in zip(olds, news, strict=False):
            meant = {
                (origin, where, shift.place(where, start) if origin == "declared" else start)
                for origin, where, start in _keys(before, old)
            }
            is_same = old.occurrence.role == new.occurrence.role and meant == _keys(after, new)
            if not is_same:
                return Refusal(f"`{new.occurrence.name}` would mean something else ({new.span})")
        if len(olds) != len(news):
            return Refusal(f"{olds[0].span.source.name} would read differently")
    return None


def _keys(names: Names, name: Name) -> set[tuple[str, str, int]]:
    """Return what *name* means; of a header, whether it is known yet is no matter."""
    keys = {names.key(meaning) for meaning in name.meanings}
    return {("elsewhere", "", 0) if key[0] in ("included", UNKNOWN) else key for key in keys}
