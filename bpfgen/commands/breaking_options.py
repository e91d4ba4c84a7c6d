"""The options of `bpfgen breaking` alone, rows like those of `options`."""

from __future__ import annotations

from bpfgen.changes.rules import CATEGORY_NAMES
from bpfgen.commands.option import FLAG, LIST, Option
from bpfgen.commands.table import DIRECTORY

_COMPARED, _WRITTEN = "what is compared", "what is written"

BREAKING_OPTIONS: tuple[Option, ...] = (
    Option(
        ("--against",),
        "breaking",
        "OLD is each file as it was: git:REV, git:REV... (where HEAD left REV), a directory",
        metavar="OLD",
        group=_COMPARED,
        completes=DIRECTORY,
    ),
    Option(
        ("--categories",),
        "breaking",
        "what is asked, several with commas; else the first three, pin for pinned maps",
        metavar="NAME",
        choices=CATEGORY_NAMES,
        kind=LIST,
        group=_COMPARED,
    ),
    Option(
        ("--all",),
        "breaking",
        "every category, every map as if it were pinned, and types that no map has",
        kind=FLAG,
        member="everything",
        group=_COMPARED,
    ),
    Option(
        ("--format",),
        "breaking",
        "json: one object, for programs",
        metavar="FORM",
        choices=("text", "json"),
        group=_WRITTEN,
        default="text",
    ),
)
