"""`[tool.bpfgen.breaking]`: what a project has compared, as values.

Beside `configuration`; only a project with that table loads it.
"""

from __future__ import annotations

import os

from bpfgen.changes.rules import CATEGORY_NAMES
from bpfgen.commands.configuration_values import are_texts, beside, unknown_key
from bpfgen.commands.toml_places import wrong
from bpfgen.files.patterns import fits_path
from bpfgen.record import TYPE_CHECKING, Record

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any, TypeAlias

    from bpfgen.changes.finding import Finding
    from bpfgen.commands.toml_places import Places
    from bpfgen.text.diagnostics import Diagnostic

    Refuse: TypeAlias = Callable[..., None]

TABLE = "breaking"

_KEYS = ("against", "categories", "ignore", "pinned")
_IGNORE_EXAMPLE = 'ignore = { "experimental/*.dsl" = ["layout"] }'


class ConfiguredBreaking(Record):
    """What the table says; empty or None where it is silent.

    Attributes:
        categories: As after `--categories`.
        pinned: Patterns of the names of maps that a loader pins on its own.
        against: As after `--against`; a directory is relative to the working directory.
        ignore: Patterns of files, from the directory of the configuration, and which codes or
            categories aren't reported there.
    """

    categories: tuple[str, ...] = ()
    pinned: tuple[str, ...] = ()
    against: str | None = None
    ignore: tuple[tuple[str, tuple[str, ...]], ...] = ()

    def ignores(self, finding: Finding, files: Iterable[str]) -> bool:
        """Return whether *finding*, which is about *files*, isn't to be reported.

        The files are paths from the directory of the configuration.
        """
        from bpfgen.changes.rules import RULES

        rule = RULES.get(finding.code)
        names = {finding.code} if rule is None else {finding.code, rule.category}
        return any(
            not names.isdisjoint(ignored) and any(fits_path(file, pattern) for file in files)
            for pattern, ignored in self.ignore
        )


def read_breaking(
    path: str, value: object, places: Places, diagnostics: list[Diagnostic]
) -> ConfiguredBreaking | None:
    """Return what *value*, which stands in the file *path*, says; mistakes go to *diagnostics*."""
    if not isinstance(value, dict):
        message = "`breaking` is a table, headed [tool.bpfgen.breaking]"
        diagnostics.append(wrong(message, places.key(TABLE)))
        return None
    for key in value:
        if key not in _KEYS:
            place = places.member(TABLE, key)
            diagnostics.append(unknown_key("[tool.bpfgen.breaking]", key, _KEYS, place))

    def refuse(key: str, what: str, advice: str = "") -> None:
        diagnostics.append(wrong(f"`{key}` {what}", places.member(TABLE, key), advice))

    given = _texts(value, "categories", 'categories = ["pin", "layout"]', refuse)
    for name in given:
        if name not in CATEGORY_NAMES:
            refuse("categories", f"has `{name}`", _known(name, CATEGORY_NAMES))
    if value.get("categories") == []:
        refuse("categories", "names none", 'categories = ["pin", "layout"], or no such line')
    against = value.get("against")
    if against is not None and not are_texts([against]):
        refuse("against", "is a revision or a directory", 'against = "git:main..."')
        against = None
    return ConfiguredBreaking(
        given,
        _texts(value, "pinned", 'pinned = ["flows", "*"]', refuse),
        against if against is None or against.startswith("git:") else beside(path, against),
        _ignored(value.get("ignore", {}), refuse),
    )


def _texts(table: dict[str, Any], key: str, example: str, refuse: Refuse) -> tuple[str, ...]:
    value = table.get(key, [])
    if are_texts(value):
        return tuple(value)
    refuse(key, "is a list of texts", example)
    return ()


def _ignored(value: object, refuse: Refuse) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Return the patterns of `ignore` and what each ignores."""
    if not isinstance(value, dict):
        refuse("ignore", "is a table of patterns of files", _IGNORE_EXAMPLE)
        return ()
    from bpfgen.changes.rules import RULES

    known = (*CATEGORY_NAMES, *RULES)
    read: list[tuple[str, tuple[str, ...]]] = []
    for pattern, names in value.items():
        if not are_texts(names):
            message = f"has no list of codes and categories for `{pattern}`"
            refuse("ignore", message, _IGNORE_EXAMPLE)
            continue
        for name in names:
            if name not in known:
                refuse("ignore", f"has `{name}` for `{pattern}`", _known(name, known))
        read.append((os.path.normpath(pattern), tuple(names)))
    return tuple(read)


def _known(name: str, known: tuple[str, ...]) -> str:
    from bpfgen.text.spelling import did_you_mean

    return did_you_mean(name, known) or f"there are {', '.join(CATEGORY_NAMES)} and their rules"
