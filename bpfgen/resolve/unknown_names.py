"""Names that nobody declares, or that nobody defines: what is said, and what to type instead.

Beside `lookup`, which loads it where a name is unknown, and calls it once for each.
"""

from __future__ import annotations

from bpfgen.kernel.uapi_headers import header_of
from bpfgen.record import TYPE_CHECKING, replace
from bpfgen.resolve.declared_elsewhere import at_the_top, declared_elsewhere, includes
from bpfgen.resolve.scope import announced_kind
from bpfgen.text.diagnostics import Edit, Label
from bpfgen.text.statements import word_before

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from bpfgen.resolve.provider import Provider
    from bpfgen.resolve.scope import Entry, Scope
    from bpfgen.syntax.tree import File, Token
    from bpfgen.text.diagnostics import Diagnostic, Report


def report_unknown_type(
    report: Report, tree: File, scope: Scope, providers: list[Provider], name: Token, kind: str
) -> None:
    """Report the type *name*, which neither *scope* nor any of *providers* has.

    *kind* is the keyword before it, `struct`, `union` or `enum`; empty without one.
    """
    if kind and announced_kind(name.text, tree.items):
        report_incomplete(report, tree, name, f"`{kind} {name.text}`")
        return
    if kind:
        candidates = [t for t, e in scope.tags.items() if e.kind == kind]
        message = f"`{kind} {name.text}` is not defined"
    else:
        candidates = [n for n, e in scope.ordinary.items() if e.kind == "typedef"]
        candidates += list(scope.tags)
        message = f"there is no type `{name.text}` here"
    for provider in providers:
        candidates += provider.type_names()
    advice = "declare it"
    help_, edits = _where_declared(tree, providers, name, candidates, advice, kind or "typedef")
    report.error("unknown-type", message, name.span, help=help_, edits=edits)


def report_unknown_constant(
    report: Report, tree: File, scope: Scope, providers: list[Provider], name: Token
) -> None:
    """Report the constant *name*, which neither *scope* nor any of *providers* has."""
    text = name.text
    if text == "runtime":
        message = "`runtime` stands alone: the loader sets the whole value"
        report.error("runtime", message, name.span)
        return
    candidates = [n for n, e in scope.ordinary.items() if e.kind in ("const", "enumerator")]
    for provider in providers:
        candidates += provider.constant_names()
    advice = f"declare it, as in `const {text} = 1;`"
    help_, edits = _where_declared(tree, providers, name, candidates, advice, "const")
    message = f"there is no constant `{text}` here"
    report.error("unknown-constant", message, name.span, help=help_, edits=edits)


def said_again(said: Iterable[Diagnostic], name: Token) -> Iterator[Diagnostic]:
    """Yield what was *said* of *name* elsewhere about this place, if an edit of the name mends it.

    What has to be declared or included has to be once.
    """
    for one in said:
        place = one.span
        is_of_name = place is not None and place.text == name.text
        if is_of_name and [edit.span for edit in one.edits] == [place]:
            edit = Edit(name.span, one.edits[0].text)
            yield replace(one, span=name.span, edits=(edit,))


def report_tag_kind(report: Report, kind: str, tag: Token, entry: Entry) -> None:
    """Report that *tag*, which is written after *kind*, is declared as *entry*, of another kind."""
    help_ = ""
    edits: tuple[Edit, ...] = ()
    if entry.kind != "template":
        help_ = f"write `{entry.kind} {tag.text}`"
        word = word_before(tag.span, kind)
        if word is not None and tag.span.source.text[word.end : tag.span.start].isspace():
            edits = (Edit(word, entry.kind),)
    report.error(
        "tag-kind",
        f"`{tag.text}` is a {entry.kind}, and `{kind} {tag.text}` is written here",
        tag.span,
        labels=(Label(entry.span, "declared here"),),
        help=help_,
        edits=edits,
    )


def report_incomplete(report: Report, tree: File, name: Token, what: str) -> None:
    """Report that *what*, which *name* says, is held by value and has no definition."""
    help_ = "define it, `include` the header that does, or hold a pointer"
    edits: tuple[Edit, ...] = ()
    header = header_of(name.text)
    if header is not None and not includes(tree, header):
        help_ = f"write `include <{header}>;` at the top, or hold a pointer"
        edits = at_the_top(tree, f"include <{header}>;")
    report.error(
        "incomplete-type",
        f"{what} is declared and never defined, and here it is held by value",
        name.span,
        help=help_,
        edits=edits,
    )


def _where_declared(
    tree: File,
    providers: list[Provider],
    name: Token,
    candidates: Iterable[str],
    advice: str,
    kind: str,
) -> tuple[str, tuple[Edit, ...]]:
    """Return which file to import, where an import has one that declares *name*.

    Else which C header, or which of *candidates* may be meant, else *advice*; and the edits that
    would do it.
    """
    for provider in providers:
        path = provider.hidden(name.text)
        if path:
            help_ = f"imports aren't transitive: import the file with `{path}` here, too"
            return help_, at_the_top(tree, f'import "{path}";')
    return declared_elsewhere(tree, name, candidates, advice, kind)
