"""`bpfgen size` of running maps: what is computed beside what the kernel counts."""

from __future__ import annotations

import json
import os
import struct
from random import Random
from typing import TYPE_CHECKING, Any

import pytest

from bpfgen.cli import main
from bpfgen.live import Map
from tests.kernel.bpf_syscall import load_btf, update_element
from tests.kernel.random_maps import NUMBERS, btf, memory, plain, random_definition
from tests.kernel.test_differential_maps import open_map, possible_cpus
from tests.kernel.test_memory import MOST, require_counting

if TYPE_CHECKING:
    from collections.abc import Callable

    Size = Callable[..., dict[str, Any]]

pytestmark = pytest.mark.kernel

SHAPES = 20


@pytest.fixture
def size(capsys: pytest.CaptureFixture[str]) -> Size:
    """Return a function that runs the command and returns its JSON."""

    def run(*words: str) -> dict[str, Any]:
        assert main(["size", *words, "--format", "json"]) == 0
        captured = capsys.readouterr()
        assert not captured.err
        record: dict[str, Any] = json.loads(captured.out)
        return record

    return run


def _word(descriptor: int) -> str:
    """Return how a user calls the map of *descriptor*."""
    with Map(os.dup(descriptor)) as map:
        return f"id:{map.info.id}"


def test_maps_of_every_kind(size: Size) -> None:
    """Of a map that was just made, both figures are equal to the byte."""
    require_counting()
    source = Random(3)  # noqa: S311 -- reproducible, nothing secret
    drafts = [plain(kind) for kind in NUMBERS]
    drafts += (random_definition(source) for _ in range(SHAPES))
    compared = set()
    with load_btf(btf()) as types:
        for definition in drafts:
            parts = [part for part in (definition, definition.inner) if part]
            if any(memory(part, possible_cpus()) > MOST for part in parts):
                continue
            inner = None
            try:
                if definition.kind.endswith("_of_maps"):
                    inner = open_map(definition.inner or plain("array"), types.fd)
                created = open_map(definition, types.fd, inner.fd if inner else 0)
            except OSError:
                continue
            finally:
                if inner is not None:
                    inner.close()
            with created:
                (one,) = size(_word(created.fd))["maps"]
            assert one["type"] == definition.kind
            assert one["created"] == one["now"] is not None, definition.shape()
            compared.add(definition.kind)
    assert len(compared) >= 30


def test_a_map_that_fills(size: Size, capsys: pytest.CaptureFixture[str]) -> None:
    """What the kernel counts now lies between the two ends."""
    require_counting()
    definition = plain("hash")._replace(max_entries=100, map_flags=1)
    with load_btf(btf()) as types, open_map(definition, types.fd) as created:
        for number in range(10):
            key = struct.pack("=I", number).ljust(definition.key_size, b"\0")
            update_element(created.fd, key, bytes(definition.value_size))
        word = _word(created.fd)
        (one,) = size(word)["maps"]
        assert one["now"] == one["created"] + 10 * one["element"]
        assert one["full"] == one["created"] + 100 * one["element"]
        assert size(word, "--cpus", "100")["cpus"] == 100
        assert main(["size", word, "--limit", "1KiB"]) == 1
        assert "size-limit" in capsys.readouterr().err
        assert main(["size", word, "--set", "m.max_entries=4"]) == 2
        assert "nothing of a running map" in capsys.readouterr().err
        assert main(["size", word]) == 0
        assert "now" in capsys.readouterr().out


def test_the_maps_in_a_map(size: Size) -> None:
    """The first of them is an example of what each costs."""
    require_counting()
    with load_btf(btf()) as types:
        inner_shape = plain("array")
        outer_shape = plain("array_of_maps")._replace(inner=inner_shape)
        with (
            open_map(inner_shape, types.fd) as inner,
            open_map(outer_shape, types.fd, inner.fd) as outer,
        ):
            update_element(outer.fd, bytes(4), struct.pack("=I", inner.fd))
            record = size(_word(outer.fd))
    first, second = record["maps"]
    assert (first["inner"], second["inner"]) == (False, True)
    assert second["created"] == second["now"] > 0
    assert record["created"] == first["created"]
