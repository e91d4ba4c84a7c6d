"""Maps that change, and that go, while commands read them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest

from bpfgen.cli import main
from bpfgen.kernel.map_kinds import MAP_KINDS
from bpfgen.live.pins import pins_below
from tests.kernel.bpf_syscall import create_map, pin, update_element
from tests.kernel.running import id_of
from tests.kernel.test_live import number, taken
from tests.kernel.test_samples_kernel import running_kernel
from tests.tools import require_root

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from bpfgen import live
    from bpfgen.live.pins import Pins
    from bpfgen.live.syscall import Bpf
    from tests.kernel.bpf_syscall import Descriptor

pytestmark = pytest.mark.kernel

THREADS = 8

STABLE = 1500
"""Keys that nobody touches; three times as many come and go."""

KINDS = ("hash", "lru_hash", "percpu_hash", "lpm_trie", "array", "percpu_array", "rhash")


@pytest.fixture(autouse=True)
def _root() -> None:
    require_root()


def bpfgen(*words: str) -> subprocess.Popen[str]:
    """Start the command."""
    return subprocess.Popen(
        [sys.executable, "-m", "bpfgen", *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@contextmanager
def threads(work: Callable[[int], None], count: int = THREADS) -> Iterator[None]:
    """Have *count* threads do *work* again and again, each with its number, during the block."""
    ended = threading.Event()
    errors: list[BaseException] = []

    def again(index: int) -> None:
        try:
            while not ended.is_set():
                work(index)
        except BaseException as error:  # noqa: BLE001 -- it is raised below
            errors.append(error)

    running = [threading.Thread(target=again, args=(index,)) for index in range(count)]
    for thread in running:
        thread.start()
    try:
        yield
    finally:
        ended.set()
        for thread in running:
            thread.join()
    assert not errors, errors


def made(kind: str) -> Descriptor:
    """Return a map of *kind* with room for four times :data:`STABLE` numbers."""
    trie = kind == "lpm_trie"
    return create_map(
        MAP_KINDS[kind].number,
        key_size=8 if trie else 4,
        value_size=8,
        max_entries=STABLE * (16 if kind == "lru_hash" else 4),
        map_flags=1 if trie or kind == "rhash" else 0,
        map_name="churn",
    )


def key_of(kind: str, index: int) -> bytes:
    """Return the key of the number *index*."""
    if kind == "lpm_trie":
        return number(32) + index.to_bytes(4, "big")
    return number(index)


def value_of(map: live.Map, index: int, turn: int) -> bytes:
    """Return a value in which the number is, and when it was written."""
    value = number(index) + number(turn)
    return map.joined([value] * len(map.cpus)) if map.cpus else value


@pytest.mark.parametrize("kind", KINDS)
def test_eight_threads_write_what_is_dumped(kind: str) -> None:
    """Each element that stays is dumped once, and none twice; all are as somebody wrote them."""
    if MAP_KINDS[kind].since > running_kernel():
        return
    is_array = kind.endswith("array")
    with made(kind) as descriptor, taken(descriptor) as map:
        for index in range(STABLE):
            map.update(key_of(kind, 4 * index), value_of(map, 4 * index, 1))

        def write(thread: int) -> None:
            for index in range(thread, STABLE, THREADS):
                other = 4 * index + 1 + index % 3
                map.update(key_of(kind, other), value_of(map, other, 1))
                if index % 2 and not is_array:
                    map.delete(key_of(kind, other))

        with threads(write):
            dump = bpfgen("dump", f"id:{id_of(descriptor)}", "--format", "json")
            output, errors = dump.communicate()
    _head, *lines = output.splitlines()
    found = [_number_of(json.loads(line), kind) for line in lines]
    if is_array:
        found = [pair for pair in found if pair[1] is not None]
    stable = [index for index, _ in found if index % 4 == 0]
    assert len(found) == len({index for index, _ in found}), "an element was dumped twice"
    assert all(value == index for index, value in found)
    if dump.returncode:  # the one kind without batches on old kernels, at its bound
        assert (kind, dump.returncode) == ("lpm_trie", 1), errors
        assert "incomplete" in errors
        assert set(stable) <= set(range(0, 4 * STABLE, 4))
    else:
        assert sorted(stable) == list(range(0, 4 * STABLE, 4))


def _number_of(element: dict[str, Any], kind: str) -> tuple[int, int | None]:
    """Return the number in the key of an element, and that in its value; None if not written."""
    values = [part["value"] for part in element.get("values", [element])]
    (value,) = {bytes.fromhex(value) for value in values}
    assert value[4:] in (number(1), number(0))
    key = element["key"]
    if isinstance(key, int):  # an index
        index = key
    elif kind == "lpm_trie":
        index = int.from_bytes(bytes.fromhex(key)[4:], "big")
    else:
        index = int.from_bytes(bytes.fromhex(key), sys.byteorder)
    written = value[4:] == number(1)
    return index, int.from_bytes(value[:4], sys.byteorder) if written else None


@pytest.mark.parametrize("kind", ["hash", "lpm_trie"])
def test_a_map_that_is_deleted_while_it_is_dumped(kind: str, pins: Path) -> None:
    """Its last pin and descriptor go after the first line: the rest comes all the same."""
    path = pins / "churn"
    with made(kind) as descriptor:
        for index in range(4 * STABLE):
            update_element(descriptor.fd, key_of(kind, index), bytes(8))
        pin(descriptor.fd, str(path))
        map_id = id_of(descriptor)
    dump = bpfgen("dump", str(path), "--format", "json")
    assert dump.stdout
    assert dump.stderr
    first = dump.stdout.readline()
    path.unlink()
    # Not by `communicate`, which knows nothing of what has been read ahead.
    output, errors = dump.stdout.read(), dump.stderr.read()
    dump.communicate()
    assert (dump.returncode, errors) == (0, "")
    assert json.loads(first)["map"]["id"] == map_id
    assert len({json.loads(line)["key"] for line in output.splitlines()}) == 4 * STABLE
    for words in (("dump", f"id:{map_id}"), ("inspect", f"id:{map_id}"), ("inspect", str(path))):
        ended = bpfgen(*words)
        output, errors = ended.communicate()
        assert (ended.returncode, output) == (1, "")
        assert errors.startswith("error[running-map]: ")


def test_maps_of_a_map_that_come_and_go() -> None:
    """A slot has a map that was there; of one that has gone since, nothing is known."""
    with (
        create_map(2, key_size=4, value_size=8, max_entries=1, map_name="stays") as stays,
        create_map(12, key_size=4, value_size=4, max_entries=64, inner_map_fd=stays.fd) as outer,
    ):
        for index in range(0, 64, 2):
            update_element(outer.fd, number(index), number(stays.fd))

        def write(thread: int) -> None:
            with create_map(2, key_size=4, value_size=8, max_entries=1, map_name="goes") as goes:
                update_element(outer.fd, number(2 * thread + 1), number(goes.fd))

        with threads(write, 2):
            for _ in range(3):
                dump = bpfgen("dump", f"id:{id_of(outer)}", "--format", "json")
                output, errors = dump.communicate()
                assert (dump.returncode, errors) == (0, "")
                found = {
                    element["key"]: element["value"]
                    for element in map(json.loads, output.splitlines()[1:])
                }
                for index in range(0, 64, 2):
                    assert found.pop(index)["name"] == "stays"
                assert {slot["name"] for slot in found.values()} <= {"goes", None}


def test_maps_that_come_and_go_while_all_are_listed(pins: Path) -> None:
    """Those that stay are listed, and the list comes to its end."""
    with create_map(1, key_size=4, value_size=8, max_entries=1, map_name="stays") as stays:
        pin(stays.fd, str(pins / "stays"))

        def write(thread: int) -> None:
            path = str(pins / f"goes_{thread}")
            with create_map(1, key_size=4, value_size=8, max_entries=1, map_name="goes") as goes:
                pin(goes.fd, path)
                os.unlink(path)

        with threads(write, 2):
            for words in (("live",), ("live", str(pins))):
                listed = bpfgen(*words, "--format", "json")
                output, errors = listed.communicate()
                assert (listed.returncode, "error" in errors) == (0, False), errors
                lines = [json.loads(line) for line in output.splitlines()]
                (found,) = [line for line in lines if line["id"] == id_of(stays)]
                assert found["pins"] == [str(pins / "stays")]


def test_a_pin_that_goes_between_the_look_and_the_opening(
    pins: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """It is passed over; where no other is left, there is none."""
    goes = str(pins / "goes")

    def looked(bpf: Bpf, directory: str) -> Pins:
        found = pins_below(bpf, directory)
        os.unlink(goes)
        return found

    monkeypatch.setattr("bpfgen.commands.live.pins_below", looked)
    with create_map(1, key_size=4, value_size=8, max_entries=1, map_name="any") as any_map:
        pin(any_map.fd, goes)
        with create_map(1, key_size=4, value_size=8, max_entries=1, map_name="stays") as stays:
            pin(stays.fd, str(pins / "stays"))
            assert main(["live", str(pins), "--format", "json"]) == 0
            (line,) = capsys.readouterr().out.splitlines()
            assert json.loads(line)["id"] == id_of(stays)
            os.unlink(pins / "stays")
        pin(any_map.fd, goes)
        assert main(["live", str(pins)]) == 1
    assert "no map is pinned below it" in capsys.readouterr().err
