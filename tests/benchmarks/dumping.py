"""What a dump of a map with a million elements costs, against bpftool's dump of it."""

from __future__ import annotations

import os
import struct
from contextlib import contextmanager
from typing import TYPE_CHECKING

from bpfgen import live
from bpfgen.ctype.types import Composite, Int, Member
from tests.benchmarks.processes import bpfgen, measure
from tests.benchmarks.yardsticks import Row, timed
from tests.kernel.bpf_syscall import create_map, load_btf
from tests.kernel.btf_encoder import BtfEncoder

if TYPE_CHECKING:
    from collections.abc import Iterator

ELEMENTS = 1_000_000
MEMORY = 200 << 20


def dumps(bpftool: str, repeat: int = 1) -> list[Row]:
    """Measure dumps of a hash and of an `lpm_trie`, whose keys have to be remembered."""
    rows = []
    for kind, number, flags in (("hash", 1, 0), ("lpm_trie", 11, 1)):
        with filled(number, flags) as map:
            word = f"id:{map.info.id}"
            theirs = (bpftool, "-j", "map", "dump", "id", str(map.info.id))
            lines = bpfgen("dump", word, "--format", "json")
            table = bpfgen("dump", word)
            json, text, bpftools = measure([lines, table, theirs], repeat)
        name = "bpftool -j map dump"
        rows.append(timed(f"dump of a {kind} of {ELEMENTS:,} elements", json, name, bpftools, 3))
        rows.append(timed("the same as a table", text, name, bpftools, 3))
        most = max(json.memory, text.memory)
        megabytes = f"{most >> 20} MB"
        rows.append(Row("memory for that", megabytes, "200 MB", most / MEMORY, 1))
    return rows


@contextmanager
def filled(number: int, flags: int) -> Iterator[live.Map]:
    """Yield a map of the kind *number* whose keys and values are structs of numbers."""
    encoder = BtfEncoder({})
    key_id = encoder.add(_struct("bench_key", "prefix", "high", "middle", "low"))
    value_id = encoder.add(_struct("bench_value", *"abcdef"))
    with (
        load_btf(encoder.data()) as btf,
        create_map(
            number,
            key_size=16,
            value_size=24,
            max_entries=ELEMENTS,
            map_flags=flags,
            map_name="bench_dump",
            btf_fd=btf.fd,
            btf_key_type_id=key_id,
            btf_value_type_id=value_id,
        ) as made,
        live.Map(os.dup(made.fd)) as map,
    ):
        whole = 96  # bits after the number of them
        map.update_many(
            (
                struct.pack("=I", whole) + bytes(8) + at.to_bytes(4, "big"),
                struct.pack("=6I", at, *(at * prime % (1 << 32) for prime in (3, 5, 7, 11, 13))),
            )
            for at in range(ELEMENTS)
        )
        yield map


def _struct(tag: str, *names: str) -> Composite:
    number = Int("unsigned int", 4, signed=False)
    members = tuple(Member(name, number, 32 * at) for at, name in enumerate(names))
    return Composite("struct", tag, members, 4 * len(names))
