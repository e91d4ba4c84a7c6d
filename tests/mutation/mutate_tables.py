"""Break single cells of the tables, at random, and see that a test notices each.

    python -m tests.mutation.mutate_tables [--count 40] [--seed 1] [--only TEXT]

The checkout is copied, one cell of one row of a table is changed at the end of the copied module
(kinds, flags and pairs of flags, special fields, features of BTF and of libbpf, structs of the
kernel), and the tests that hold the tables run in the copy: headers, the rule book, the
differential tests against the running kernel. docs/map-kinds.md is left out, since it would notice
any change at all. A mutation that survives is printed, and the exit status is 1.
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

from bpfgen.kernel import special_fields
from bpfgen.kernel.btf_features import BTF_FEATURES
from bpfgen.kernel.loaders import LOADERS
from bpfgen.kernel.map_flags import EXCLUSIVE_FLAGS, MAP_FLAGS
from bpfgen.kernel.map_kind import NO_ENTRIES, NO_SIZE, U32_MAX
from bpfgen.kernel.map_kinds import MAP_KINDS
from bpfgen.kernel.objects import DESTRUCTORS
from bpfgen.kernel.special_fields import SPECIAL_FIELDS
from bpfgen.text.diagnostics import NOTE
from tests.tools import CHECKOUT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from bpfgen.kernel.map_kind import MapKind, Sizes
    from bpfgen.kernel.special_fields import SpecialField

TESTS = (
    ("tests/unit/test_map_kinds.py", "tests/rulebook"),
    (
        "tests/conformance/test_map_kinds.py",
        "tests/conformance/test_kernel_headers.py",
        *("-k", "map_kinds or not kernel_headers"),
    ),
    ("tests/kernel/test_differential_maps.py", "-k", "boundary"),
    ("tests/kernel/test_differential_fields.py", "-k", "agrees"),
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
        yield _change("map_flags", f"MAP_FLAGS[{flag.name!r}].bit", flag.bit + 1)
        yield _change("map_flags", f"MAP_FLAGS[{flag.name!r}].since", _next(flag.since))
    for pair in EXCLUSIVE_FLAGS:
        rest = tuple(other for other in EXCLUSIVE_FLAGS if other != pair)
        yield _change("map_flags", "EXCLUSIVE_FLAGS", rest)
    for field in SPECIAL_FIELDS.values():
        yield from _of_field(field)
    fields = "special_fields"
    yield _change(fields, "MAX_SPECIAL_FIELDS", special_fields.MAX_SPECIAL_FIELDS + 1)
    for version in ("NESTED_FIELDS_SINCE", "INNER_LOCK_SINCE", "KPTR_RENAMED"):
        yield _change(fields, version, _next(getattr(special_fields, version)))
    for node, sizes in special_fields.NODE_SIZES.items():
        for index, (since, size) in enumerate(sizes):
            for changed in ((_next(since), size), (since, size + 8)):
                value = (*sizes[:index], changed, *sizes[index + 1 :])
                yield _change(fields, f"NODE_SIZES[{node!r}]", value)
    for feature in BTF_FEATURES.values():
        place = f"BTF_FEATURES[{feature.name!r}].since"
        yield _change("btf_features", place, _next(feature.since))
    for loader, table in LOADERS.items():
        for name, support in table.items():
            if support.since is not None and support.severity != NOTE:
                place = f"{loader.upper()}[{name!r}].since"
                yield _change(loader, place, _next(support.since))
    for struct, since in DESTRUCTORS.items():
        yield _change("objects", f"DESTRUCTORS[{struct!r}]", _next(since))


def _change(module: str, place: str, value: object) -> Mutation:
    return Mutation(module, f"{place} = {value!r}", f"{place}: {value!r}")


def _next(version: tuple[int, int]) -> tuple[int, int]:
    return (version[0], version[1] + 1)


def _of_field(field: SpecialField) -> Iterator[Mutation]:
    place = f"SPECIAL_FIELDS[{field.name!r}]"

    def change(column: str, value: object) -> Mutation:
        return _change("special_fields", f"{place}.{column}", value)

    yield change("since", _next(field.since))
    yield change("most", 2 if field.most == 1 else 1)
    yield change("align", field.align * 2)
    if not field.pointer:
        yield change("size", field.size + 4)
        if field.name != "bpf_spin_lock":  # is one itself
            yield change("needs_lock", not field.needs_lock)
        yield change("contains", not field.contains)
    yield change("runs_at_load", not field.runs_at_load)


def _of_kind(kind: MapKind) -> Iterator[Mutation]:
    def change(column: str, value: object) -> Mutation:
        return _change("map_kinds", f"MAP_KINDS[{kind.name!r}].{column}", value)

    yield change("number", kind.number + 100)
    yield change("since", _next(kind.since))
    yield from _of_sizes(kind, change)
    if kind.entries == NO_ENTRIES:
        yield change("entries.most", 1)
    else:
        yield change("entries.least", kind.entries.least + 1)
        yield change("entries.most", 2)
        if kind.entries.most < U32_MAX and not kind.entries.pages:
            yield change("entries.over", "EINVAL" if kind.entries.over == "E2BIG" else "E2BIG")
        yield change("entries.pages", not kind.entries.pages)
        yield change("entries.filled_by_loader", not kind.entries.filled_by_loader)
    for flag in kind.flags:
        yield change("flags", tuple(name for name in kind.flags if name != flag))
    extra = next(name for name in MAP_FLAGS if name not in kind.flags)
    yield change("flags", (*kind.flags, extra))
    if kind.required_flags:
        yield change("required_flags", ())
    yield change("map_extra", "" if kind.map_extra else "something")
    yield change("may_be_inner", not kind.may_be_inner)
    if kind.btf in ("optional", "required") and not kind.keyless:
        yield change("key_type", "int32" if kind.key_type == "any" else "any")
    yield change("btf", "dropped" if kind.btf in ("optional", "required") else "optional")
    yield change("capability", "CAP_SYS_ADMIN")
    yield change("mmap", "" if kind.mmap else "always")
    for field in SPECIAL_FIELDS if not kind.of_maps else ():  # the values of those are maps
        fields = tuple(name for name in kind.special_fields if name != field)
        if field not in kind.special_fields:
            fields = (*kind.special_fields, field)
        yield change("special_fields", fields)
    if "kptr" in kind.special_fields:
        yield change("kptr_since", _next(kind.kptr_since))


def _of_sizes(kind: MapKind, change: Callable[[str, object], Mutation]) -> Iterator[Mutation]:
    for role in ("key_sizes", "value_sizes"):
        sizes: Sizes = getattr(kind, role)
        if sizes == NO_SIZE:
            yield change(f"{role}.most", 4)
            continue
        yield change(f"{role}.least", sizes.least + sizes.multiple)
        yield change(f"{role}.most", sizes.most + sizes.multiple)
        if sizes.least != sizes.most:
            yield change(f"{role}.multiple", sizes.multiple * 2)
        yield change(f"{role}.over", "EINVAL" if sizes.over == "E2BIG" else "E2BIG")
        if sizes.since:
            yield change(f"{role}.since", ())
            yield change(f"{role}.since", tuple((s, _next(v)) for s, v in sizes.since))
        if sizes.before is not None:
            version, most = sizes.before
            yield change(f"{role}.before", None)
            yield change(f"{role}.before", (_next(version), most))
            yield change(f"{role}.before", (version, most + 1))
    if kind.over_element is not None:
        yield change("over_element", kind.over_element + 1)
    for filled_in in ("key_size", "value_size"):
        if getattr(kind, filled_in) is not None:
            yield change(filled_in, None)


def _caught_by(mutation: Mutation, copy: Path, environment: dict[str, str]) -> str:
    """Return the tests that notice *mutation*, or an empty text."""
    path = copy / "bpfgen" / "kernel" / f"{mutation.module}.py"
    original = path.read_text(encoding="utf-8")
    # A size that several rows share is broken in one of them only.
    alone = ""
    row, _, column = mutation.line.partition(" = ")[0].partition("].")
    if "." in column and mutation.module == "map_kinds":
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
    parser.add_argument("--only", default="", help="mutations whose text has this")
    arguments = parser.parse_args()
    every = [mutation for mutation in mutations() if arguments.only in mutation.what]
    generator = random.Random(arguments.seed)  # noqa: S311 -- reproducible, nothing secret
    chosen = generator.sample(every, min(arguments.count, len(every)))
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    environment.setdefault("BPFGEN_DIFFERENTIAL_FIELDS", "2000")
    survivors = 0
    with tempfile.TemporaryDirectory(prefix="bpfgen-mutation-") as name:
        copy = Path(name)
        for part in COPIED:
            source = CHECKOUT / part
            if source.is_dir():
                ignored = shutil.ignore_patterns("__pycache__")
                shutil.copytree(source, copy / part, ignore=ignored)
            elif source.exists():
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
