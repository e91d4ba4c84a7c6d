"""Break single cells of the tables, at random, and see that a test notices each.

    python -m tests.mutation.mutate_tables [--count 40] [--seed 1]

The checkout is copied, one cell of one row of MAP_KINDS, MAP_FLAGS or SPECIAL_FIELDS is changed at
the end of the copied module, and the tests that hold the tables run in the copy: headers, the rule
book, the differential test against the running kernel. docs/map-kinds.md is left out, since it
would notice any change at all. A mutation that survives is printed, and the exit status is 1.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from bpfgen.model.map_flags import MAP_FLAGS
from bpfgen.model.map_kinds import MAP_KINDS, NO_ENTRIES, NO_SIZE
from bpfgen.model.special_fields import SPECIAL_FIELDS
from tests.tools import CHECKOUT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bpfgen.model.map_kinds import MapKind, Sizes

TESTS = (
    ("tests/unit/test_map_kinds.py", "tests/conformance/test_map_kinds.py"),
    ("tests/conformance/test_kernel_headers.py", "-k", "map_kinds"),
    ("tests/rulebook", "-k", "kernel or maps or fields"),
    ("tests/kernel/test_differential_maps.py", "-k", "boundary"),
)
"""What is run, until something fails: the cheap ones first."""

COPIED = (
    "bpfgen",
    "tests",
    "grammar",
    "templates",
    "samples",
    "docs",
    "pyproject.toml",
    "Makefile",
)


class Mutation(NamedTuple):
    """A line to append to a module, and what it does, for people."""

    module: str
    line: str
    what: str


def mutations() -> Iterator[Mutation]:
    """Yield every mutation there is."""
    for kind in MAP_KINDS.values():
        if kind.name != "struct_ops":  # can't be defined: its limits are for reading only
            yield from _of_kind(kind)
    for flag in MAP_FLAGS.values():
        target = f"MAP_FLAGS[{flag.name!r}]"
        yield Mutation("map_flags", f"{target}.bit += 1", f"{flag.name}: another bit")
        since = (flag.since[0], flag.since[1] + 1)
        yield Mutation("map_flags", f"{target}.since = {since}", f"{flag.name}: since {since}")
    for field in SPECIAL_FIELDS.values():
        since = (field.since[0], field.since[1] + 1)
        yield Mutation(
            "special_fields",
            f"SPECIAL_FIELDS[{field.name!r}].since = {since}",
            f"{field.name}: since {since}",
        )


def _of_kind(kind: MapKind) -> Iterator[Mutation]:
    def mutation(column: str, value: object) -> Mutation:
        line = f"MAP_KINDS[{kind.name!r}].{column} = {value!r}"
        return Mutation("map_kinds", line, f"{kind.name}.{column}: {value!r}")

    yield mutation("number", kind.number + 100)
    yield mutation("since", (kind.since[0], kind.since[1] + 1))
    for role in ("key_sizes", "value_sizes"):
        sizes: Sizes = getattr(kind, role)
        if sizes == NO_SIZE:
            yield mutation(f"{role}.most", 4)
            continue
        yield mutation(f"{role}.least", sizes.least + sizes.multiple)
        yield mutation(f"{role}.most", sizes.most + sizes.multiple)
        if sizes.since:
            yield mutation(f"{role}.since", ())
    if kind.entries == NO_ENTRIES:
        yield mutation("entries.most", 1)
    else:
        yield mutation("entries.least", kind.entries.least + 1)
        yield mutation("entries.most", 2)
    for flag in kind.flags:
        yield mutation("flags", tuple(name for name in kind.flags if name != flag))
    extra = next(name for name in MAP_FLAGS if name not in kind.flags)
    yield mutation("flags", (*kind.flags, extra))
    if kind.required_flags:
        yield mutation("required_flags", ())
    if kind.map_extra:
        yield mutation("map_extra", "")
    yield mutation("may_be_inner", not kind.may_be_inner)
    if kind.key_type != "any":
        yield mutation("key_type", "any")
    if kind.btf in ("optional", "required"):
        yield mutation("btf", "dropped")
    yield mutation("capability", "CAP_SYS_ADMIN")


def _caught_by(mutation: Mutation, copy: Path, environment: dict[str, str]) -> str:
    """Return the tests that notice *mutation*, or an empty text."""
    path = copy / "bpfgen" / "model" / f"{mutation.module}.py"
    original = path.read_text(encoding="utf-8")
    # A size that several rows share is broken in one of them only.
    alone = ""
    row, _, column = mutation.line.partition(" = ")[0].partition("].")
    if "." in column:
        owner = f"{row}].{column.partition('.')[0]}"
        alone = f"{_CLONE}{owner} = _clone({owner})\n"
    path.write_text(f"{original}\n\n{alone}{mutation.line}\n", encoding="utf-8")
    try:
        return _failure(copy, environment)
    finally:
        path.write_text(original, encoding="utf-8")


def _failure(copy: Path, environment: dict[str, str]) -> str:
    """Return what fails first in *copy*, or an empty text."""
    for words in TESTS:
        done = subprocess.run(
            [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", *words],
            cwd=copy,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            failed = [x for x in done.stdout.splitlines() if x.startswith(("FAILED", "ERROR"))]
            return failed[0].split(" - ")[0] if failed else f"exit status {done.returncode}"
    return ""


_CLONE = """\
def _clone(record):
    return type(record)(*(getattr(record, member) for member in record.__match_args__))


"""


def main() -> int:
    """Try the mutations that the arguments ask for; return 1 if one survives."""
    parser = argparse.ArgumentParser(description="break single cells of the tables")
    parser.add_argument("--count", type=int, default=40)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    every = list(mutations())
    generator = random.Random(arguments.seed)  # noqa: S311 -- reproducible, nothing secret
    chosen = generator.sample(every, min(arguments.count, len(every)))
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    environment.setdefault("BPFGEN_RANDOM_MAPS", "8000")
    survivors = 0
    with tempfile.TemporaryDirectory(prefix="bpfgen-mutation-") as name:
        copy = Path(name)
        for part in COPIED:
            source = CHECKOUT / part
            if source.is_dir():
                ignored = shutil.ignore_patterns("__pycache__")
                shutil.copytree(source, copy / part, ignore=ignored)
            else:
                shutil.copy(source, copy / part)
        if failed := _failure(copy, environment):
            print(f"{failed} without any mutation", file=sys.stderr)
            return 1
        for number, mutation in enumerate(chosen, 1):
            caught = _caught_by(mutation, copy, environment)
            survivors += not caught
            print(f"{number:3} {mutation.what}: {caught or 'SURVIVES'}", flush=True)
    print(f"{len(chosen) - survivors} of {len(chosen)} mutations (of {len(every)}) are noticed")
    return 1 if survivors else 0


if __name__ == "__main__":
    raise SystemExit(main())
