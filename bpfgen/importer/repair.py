"""A source that was imported -> one that compiles: allowances are added, declarations left out.

The text is compiled by the compiler itself. An error that can be allowed gets its allowance, with
the object as the reason; a declaration with any other error is left out and reported, so that the
rest stands.
"""

from __future__ import annotations

import os

from bpfgen.compiler import compile
from bpfgen.importer.items import source_text
from bpfgen.record import TYPE_CHECKING, replace
from bpfgen.text.codes import ALLOWABLE
from bpfgen.text.diagnostics import ERROR, NOTE, WARNING, Diagnostic, Subject
from bpfgen.text.source import Source

if TYPE_CHECKING:
    from bpfgen.compiler import Compilation, Options
    from bpfgen.importer.items import Item

_MOST_ATTEMPTS = 20
"""Compilations until the text has no errors: each but the last allows or leaves out something."""

NOTHING_AT_ALL = Subject("file", "")
"""Of the diagnostic that the source as a whole doesn't compile."""


def warning(
    code: str, message: str, map: str | None = None, subject: Subject | None = None
) -> Diagnostic:
    """Return a warning without a place in any text."""
    return Diagnostic(code, message, None, severity=WARNING, map=map, subject=subject)


def repaired(
    items: list[Item],
    name: str,
    options: Options,
    diagnostics: list[Diagnostic],
    directory: str = "",
) -> tuple[Compilation, list[Item]] | None:
    """Return what *items* compile to, once they do, and those that are left; None if none are.

    What was allowed and left out is appended to *diagnostics*. *name* is what they were imported
    from, and *directory* where their headers are looked for first.
    """
    for _ in range(_MOST_ATTEMPTS):
        if not items:
            return None
        text, item_at = source_text(items, name)
        compilation = compile(Source(os.path.join(directory, f"{name}.dsl"), text), options)
        errors = [error for error in compilation.diagnostics if error.severity == ERROR]
        if not errors:
            return compilation, items
        items = _without_errors(items, item_at, errors, diagnostics)
    return None


def _without_errors(
    items: list[Item],
    item_at: dict[int, int],
    errors: list[Diagnostic],
    diagnostics: list[Diagnostic],
) -> list[Item]:
    """Return *items* with *errors* allowed, or without those that have others; none for the worst.

    *item_at* has the index of the item of each line.
    """
    allowed: dict[int, dict[str, None]] = {}
    wrong: dict[int, Diagnostic] = {}
    for error in errors:
        index = item_at.get(error.span.line) if error.span is not None else None
        if index is None:
            continue
        item = items[index]
        if error.code in ALLOWABLE and error.code not in item.allowances:
            allowed.setdefault(index, {})[error.code] = None
            diagnostics.append(_rule_broken(item, error))
        else:
            wrong.setdefault(index, error)
    if not allowed and not wrong:
        message = f"nothing is imported: {errors[0].message}"
        diagnostics.append(warning("import-map", message, subject=NOTHING_AT_ALL))
        return []
    # What has no place may come of what has one: clang says two things of one line in a header.
    if allowed:
        # Allowances first: what is left out may only have been wrong together with them.
        return [
            replace(item, allowances=(*item.allowances, *allowed[index]))
            if index in allowed
            else item
            for index, item in enumerate(items)
        ]
    for index, error in wrong.items():
        item = items[index]
        message = f"{item.place}{item.what} is left out: {error.message}"
        diagnostics.append(warning("import-map", message, item.name or None, item.subject))
    return [item for index, item in enumerate(items) if index not in wrong]


def _rule_broken(item: Item, error: Diagnostic) -> Diagnostic:
    declared = f"{item.place}{item.what}"
    message = f"{declared} breaks the rule `{error.code}`, which is allowed: {error.message}"
    return Diagnostic(
        "import-rule",
        message,
        None,
        notes=error.notes,
        help=error.help,
        severity=NOTE,
        map=error.map,
    )
