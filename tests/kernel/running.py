"""Running maps for tests: loaded by libbpf, read, imported, made again."""

from __future__ import annotations

import json
import os
import re
import subprocess
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from bpfgen import live
from bpfgen.building import build_object
from bpfgen.compiler import Options, compile
from bpfgen.importer import import_object
from bpfgen.kernel.made import kept_name
from bpfgen.live.running import running_map
from bpfgen.live.source import c_name, object_of
from bpfgen.text.diagnostics import ERROR, NOTE
from bpfgen.text.source import Source
from tests.conformance import libbpf
from tests.kernel.bpf_syscall import create_map
from tests.kernel.test_samples_kernel import running_kernel
from tests.samples import compiled
from tests.tools import require

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from bpfgen.object.running import RunningMap
    from tests.kernel.bpf_syscall import Descriptor

ARRAY, ARRAY_OF_MAPS, HASH_OF_MAPS = 2, 12, 13


def bpftool(*words: str) -> Any:
    """Return the JSON that bpftool prints."""
    run = subprocess.run([require("bpftool"), "-j", *words], check=True, capture_output=True)
    return json.loads(run.stdout or b"null")


def running(fd: int) -> RunningMap:
    """Return what the kernel says of the map that *fd* is."""
    with live.Map(os.dup(fd)) as map:
        return running_map(map)


def id_of(map: Descriptor) -> int:
    """Return the kernel's id of *map*."""
    with live.Map(os.dup(map.fd)) as opened:
        return opened.info.id


@contextmanager
def loaded(data: bytes, without: tuple[str, ...] = ()) -> Iterator[dict[str, int]]:
    """Load the maps of the object *data* by libbpf; yield their descriptors by name."""
    with (
        libbpf.open_object(data) as opened,
        create_map(ARRAY, key_size=4, value_size=8, max_entries=1) as inner,
    ):
        for map in opened.maps():
            if map.pin_path:
                opened.forget_pin_path(map.name)
            if map.type in (ARRAY_OF_MAPS, HASH_OF_MAPS) and map.inner is None:
                opened.set_inner_map_fd(map.name, inner.fd)
        for name in without:
            opened.set_autocreate(name, autocreate=False)
        yield opened.load()


def too_new(name: str) -> tuple[str, ...]:
    """Return the maps of the sample *name* that this kernel is too old for."""
    maps = compiled(name).model.maps
    return tuple(map.name for map in maps if map.shape.kind.since > running_kernel())


def imported(found: RunningMap) -> str:
    """Return the source of a running map, without its first line, which has the id."""
    came = import_object(object_of(found), f"id:{found.id}")
    wrong = [said for said in came.diagnostics if said.severity != NOTE]
    assert [said.code for said in wrong] == [], wrong
    return came.text.partition("\n")[2]


def joined(texts: Iterable[str]) -> str:
    """Return one source of several, in which what they share stands once."""
    declarations = [re.split(r"\n(?=[^\s}])", text.strip()) for text in texts]
    return "\n\n".join(dict.fromkeys(one.strip() for text in declarations for one in text)) + "\n"


def again(text: str) -> bytes:
    """Return the object of the source *text*, which has no errors."""
    compilation = compile(Source("again.dsl", text), Options())
    wrong = [said.message for said in compilation.diagnostics if said.severity == ERROR]
    assert wrong == [], text
    data, diagnostics = build_object(compilation, Options())
    assert data is not None, diagnostics
    return data


def numbers(found: RunningMap) -> tuple[object, ...]:
    """Return what must be the same of two maps of one source."""
    return (
        *(found.number, found.key_size, found.value_size, found.max_entries, found.map_flags),
        *(found.map_extra, bool(found.key_type_id), bool(found.value_type_id)),
    )


def fingerprint_of(fd: int) -> int | None:
    """Return the fingerprint of the map *fd*; None where the kernel hasn't all of its types."""
    with live.Map(os.dup(fd)) as map:
        return live.fingerprint_of(map)


def hold_again(descriptors: Iterable[int]) -> None:
    """Assert that what is imported from the maps *descriptors* makes the same maps once more."""
    firsts = {c_name(found): (fd, found) for fd in descriptors for found in (running(fd),)}
    texts = {name: imported(found) for name, (_, found) in firsts.items()}
    with loaded(again(joined(texts.values()))) as others:
        assert set(others) == set(firsts)
        for name, (fd, found) in firsts.items():
            second = running(others[name])
            assert numbers(second) == numbers(found), texts[name]
            assert second.name == kept_name(name)
            if found.inner is None:  # there is none before somebody puts one in
                assert imported(second) == texts[name]
            assert fingerprint_of(others[name]) == fingerprint_of(fd), texts[name]
