"""Damaged objects, opened by libbpf and read by us: `python -m tests.fuzz.against_libbpf COUNT`.

Each mutant of :mod:`object_damages` that libbpf can be shown is held against what `inspect` says
of it, map for map. libbpf runs in a child, since it doesn't survive all of them. What is left out,
and why, is in :func:`exclusion`; another libbpf is had with LD_LIBRARY_PATH.
"""

from __future__ import annotations

import argparse
import os
import pickle
import resource
import signal
import sys
from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from bpfgen.btf import kinds
from bpfgen.btf.decode import Btf
from bpfgen.btf.sanity import sanity_fault
from bpfgen.elf.constants import SHT_NOBITS
from bpfgen.elf.read import ElfFile
from bpfgen.object import read_object
from bpfgen.text.diagnostics import FormatError
from tests.conformance import libbpf
from tests.corpus.compare import compare
from tests.fuzz.object_damages import mutant
from tests.fuzz.object_seeds import seeds

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bpfgen.object import ObjectFile
    from tests.fuzz.object_damages import Seed

MEMORY = 2 << 30
"""Bytes that libbpf may take for an object: one slot far out costs it a table of gigabytes."""

LONGEST = 2.0
"""Seconds of processor time for a mutant; libbpf runs in circles of types forever."""

CHECKS_BTF = (1, 3)
"""The libbpf that began to look whether the ids in BTF are there (btf_sanity_check)."""

HAS_ARENAS = (1, 4)
"""The libbpf with arenas, `?.struct_ops` and `__ulong(map_extra, …)`."""

KEEPS_TEXT = (1, 5)
"""The libbpf that takes no function of `.text` for a program, even where it is alone."""


class Result(NamedTuple):
    """What came of a run.

    Attributes:
        differences: One line each: the seed's name, the number that makes it again, what differs.
        outcomes: How many were opened, refused, excluded by name, or crashed libbpf.
    """

    differences: list[str]
    outcomes: Counter[str]


def exclusion(data: bytes, version: tuple[int, int]) -> str | None:
    """Return why libbpf of *version* isn't asked about the object *data*; None if it is."""
    try:
        elf = ElfFile(data)
        names = {name for name, _section in elf.named_sections()}
    except FormatError:
        return None
    if any(section.type == SHT_NOBITS and section.size >> 30 for section in elf.sections):
        return "a section of a gigabyte without bytes"
    try:
        for _symbol in elf.symbols():
            pass
    except FormatError:
        return "names of symbols that aren't there: libbpf passes over most"
    early = version < HAS_ARENAS and names & {".addr_space.1", "?.struct_ops", "?.struct_ops.link"}
    if early:
        return "sections that this libbpf doesn't know"
    try:
        read = read_object(data)
    except FormatError:
        read = None
    return _excluded_types(elf, read, version)


def _excluded_types(elf: ElfFile, read: ObjectFile | None, version: tuple[int, int]) -> str | None:
    """The exclusions that are for BTF."""
    for section in elf.sections_named(".BTF"):
        try:
            raw = bytes(section.data)
            if raw[2:4] not in (b"\1\0", b""):
                return "BTF of another version, or with flags: the kernel alone refuses it"
            btf = Btf(raw)
            broken = sanity_fault(btf) is not None
        except FormatError:
            broken = True
        if broken and version < CHECKS_BTF:
            return "broken BTF, of which this libbpf reads what isn't there"
    if read is None or read.btf is None:
        return None
    entries = [entry.var_id for entry in read.datasec_entries]
    datasec = read.btf.datasec(".maps")
    if datasec is not None and len(read.btf.variables(datasec)) != len(entries):
        return "a variable that `.maps` lists twice: we take it once"
    for one in read.maps:
        for type_id in (one.definition.key_type_id, one.definition.value_type_id):
            if read.btf.kind(_plain(read.btf, type_id)) == kinds.BTF_KIND_DATASEC:
                return "a key or value that is a DATASEC, whose size libbpf has changed"
    if version < HAS_ARENAS and any("map_extra" in one.definition.declared for one in read.maps):
        return "map_extra, of which this libbpf knows one form"
    texts = {section.index for section in elf.sections_named(".text")}
    if version < KEEPS_TEXT and any(one.shndx in texts for one in elf.symbols() if one.type == 2):
        return "a function in `.text`, which this libbpf may take for a program"
    return None


def _plain(btf: Btf, type_id: int) -> int:
    """Return the type whose size counts for *type_id*."""
    for _ in range(32):
        if btf.kind(type_id) == kinds.BTF_KIND_ARRAY:
            type_id = btf.array(type_id)[0]
        elif btf.kind(type_id) in kinds.MODIFIERS or btf.kind(type_id) in (
            kinds.BTF_KIND_TYPEDEF,
            kinds.BTF_KIND_VAR,
            kinds.BTF_KIND_DECL_TAG,
        ):
            type_id = btf.target(type_id)
    return type_id


def run(first: int, count: int, only: str | None = None) -> Result:
    """Hold *count* mutants from number *first* on against libbpf; of the seed called *only*."""
    sound = [
        seed for seed in seeds() if seed.draft.order == "<" and only in (None, seed.name)
    ]  # of the other order libbpf's getters say less, and of old ones nothing
    differences: list[str] = []
    outcomes: Counter[str] = Counter()
    at, end = first, first + count
    while at < end:
        for number, name, outcome, told in _in_a_child(sound, at, end):
            at = number + 1
            outcomes[outcome] += 1
            differences += [f"{name!r} {number}: {each}" for each in told]
        if at < end:
            outcomes["libbpf crashed, or went on forever"] += 1
            at += 1
    return Result(differences, outcomes)


def _in_a_child(
    sound: list[Seed], first: int, end: int
) -> Iterator[tuple[int, str, str, list[str]]]:
    """Yield number, seed, outcome and differences of each mutant, until *end* or a crash."""
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        try:
            os.close(reading)
            resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
            resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
            signal.signal(signal.SIGVTALRM, signal.SIG_DFL)
            with os.fdopen(writing, "wb") as stream:
                for number in range(first, end):
                    seed = sound[number % len(sound)]
                    signal.setitimer(signal.ITIMER_VIRTUAL, LONGEST)
                    pickle.dump((number, seed.name, *_outcome(mutant(seed, number))), stream)
                    stream.flush()
        finally:
            os._exit(0)  # whatever happened: the tests go on in the parent
    os.close(writing)
    try:
        with os.fdopen(reading, "rb") as stream:
            while True:
                try:
                    yield pickle.load(stream)  # noqa: S301 -- our own child wrote it
                except EOFError:
                    return
    finally:
        os.waitpid(child, 0)


def _outcome(data: bytes) -> tuple[str, list[str]]:
    why = exclusion(data, libbpf.version())
    if why is not None:
        return why, []
    try:
        compared = compare(data, spelling=False)
    except Exception as error:  # noqa: BLE001 -- whatever it is, it is told
        return "failed", [repr(error)]
    return "refused" if compared.refused else "opened", compared.differences


def main() -> int:
    """Run, and tell; return 1 if anything differs."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("count", type=int)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--seed", help="only mutants of the seed of this name")
    arguments = parser.parse_args()
    result = run(arguments.first, arguments.count, arguments.seed)
    lines = [*result.differences, f"libbpf {'.'.join(map(str, libbpf.version()))}"]
    lines += [f"{count:8} {outcome}" for outcome, count in result.outcomes.most_common()]
    sys.stdout.write("\n".join(lines) + "\n")
    return 1 if result.differences else 0


if __name__ == "__main__":
    raise SystemExit(main())
