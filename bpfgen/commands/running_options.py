"""The options of the commands for maps of the running kernel, rows like those of `options`.

Only these commands load them.
"""

from __future__ import annotations

from bpfgen.commands.option import FLAG, LIST, Option
from bpfgen.commands.table import DIRECTORY

_WRITTEN, _SOURCE = "what is written", "the source"

RUNNING_OPTIONS: tuple[Option, ...] = (
    Option(
        ("--pin-dir",),
        "create",
        "pin the maps below DIR, in a BPF filesystem",
        metavar="DIR",
        group=_WRITTEN,
        completes=DIRECTORY,
    ),
    Option(
        ("--dry-run",),
        "create",
        "make the maps and drop them: does this kernel take them?",
        kind=FLAG,
        group=_WRITTEN,
    ),
    Option(
        ("--freeze",),
        "create",
        "let nobody in user space write to the map MAP once its slots are filled",
        metavar="MAP",
        kind=LIST,
        group=_WRITTEN,
    ),
    Option(
        ("--format",),
        "live create size",
        "json: for programs",
        metavar="FORM",
        choices=("text", "json"),
        group=_WRITTEN,
        default="text",
    ),
    Option(
        ("--format",),
        "dump",
        "json: one element a line, for programs",
        metavar="FORM",
        choices=("text", "json"),
        group=_WRITTEN,
        default="text",
    ),
    Option(
        ("--sum",),
        "dump",
        "add up the numbers of all CPUs",
        kind=FLAG,
        group=_WRITTEN,
    ),
    Option(
        ("--arena",),
        "dump",
        "show the pages of an arena that are in use",
        kind=FLAG,
        group=_WRITTEN,
    ),
    Option(
        ("--limit",),
        "size",
        "fail where the maps take more than SIZE together: 64MiB",
        metavar="SIZE",
        group=_WRITTEN,
    ),
    Option(
        ("--cpus",),
        "size",
        "count for N CPUs, not for those of this machine",
        metavar="N",
        group=_SOURCE,
    ),
    Option(
        ("--kernel",),
        "size",
        "count as this kernel does, not the one of `target kernel`",
        metavar="VERSION",
        group=_SOURCE,
    ),
    Option(
        ("--map",),
        "dump",
        "the map of the source, where the running one has another name",
        metavar="NAME",
        group=_SOURCE,
    ),
    Option(
        ("--set",),
        "create size",
        "what is `runtime` in the source: flows.max_entries=1000",
        metavar="MAP.ATTRIBUTE=N",
        kind=LIST,
        member="runtime_values",
        group=_SOURCE,
    ),
)
