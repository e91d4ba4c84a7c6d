"""What of bpfgen.live needs no kernel to try: numbers, codecs, imports, reasons."""

from __future__ import annotations

import ctypes
import errno
import json
import subprocess
import sys
from typing import Any

import pytest

from bpfgen import live
from bpfgen.live import Codec
from bpfgen.live.codec import codec_of, numbers
from bpfgen.live.info import MapInfo, cpus_in
from bpfgen.live.syscall import (
    ENOTSUPP,
    LOOKUP_ELEM,
    MAP_GET_FD_BY_ID,
    UPDATE_ELEM,
    failure,
    syscall_numbers,
)
from tests.tools import CHECKOUT


class Pair(ctypes.Structure):
    """A type as generated code has it."""

    _fields_ = (("one", ctypes.c_uint32), ("two", ctypes.c_uint8 * 4))


@pytest.mark.parametrize(
    ("ranges", "cpus"),
    [
        ("0", (0,)),
        ("0-3\n", (0, 1, 2, 3)),
        ("0,2-3,8", (0, 2, 3, 8)),
    ],
)
def test_lists_of_cpus(ranges: str, cpus: tuple[int, ...]) -> None:
    """Lists of CPUs are read as the kernel writes them, holes and all."""
    assert cpus_in(ranges) == cpus


@pytest.mark.parametrize(
    ("machine", "is_64_bit", "number"),
    [
        ("x86_64", True, 321),
        ("x86_64", False, 357),
        ("i686", False, 357),
        ("aarch64", True, 280),
        ("aarch64", False, 386),
        ("armv7l", False, 386),
        ("riscv64", True, 280),
        ("loongarch64", True, 280),
        ("s390x", True, 351),
        ("ppc64le", True, 361),
        ("vax", False, None),
    ],
)
def test_the_number_of_the_call(machine: str, is_64_bit: bool, number: int | None) -> None:
    """bpf(2) has the number of each machine's own table, that of the process's width."""
    found = syscall_numbers(machine, is_64_bit=is_64_bit)
    assert (found and found[0]) == number


class Int128(ctypes.Array[ctypes.c_uint8]):
    """As generated code has one."""

    _type_ = ctypes.c_uint8
    _length_ = 16
    _signed_ = True


@pytest.mark.parametrize(
    ("form", "value", "data"),
    [
        (ctypes.c_uint32, 7, (7).to_bytes(4, sys.byteorder)),
        (ctypes.c_uint32.__ctype_be__, 7, b"\0\0\0\7"),
        (ctypes.c_int8, -1, b"\xff"),
        (ctypes.c_bool, True, b"\1"),
        (ctypes.c_uint8 * 4, b"abcd", b"abcd"),
        (ctypes.c_char * 4, b"ab\0c", b"ab\0c"),
        (3, b"abc", b"abc"),
        (Int128, -(1 << 100), (-(1 << 100)).to_bytes(16, sys.byteorder, signed=True)),
        (Codec(1, ord, lambda n: bytes((n,))), 65, b"A"),
    ],
)
def test_values_of_python(form: Any, value: object, data: bytes) -> None:
    """Numbers and bytes are Python's own, and come back as they went."""
    codec = codec_of(form)
    assert codec.encode(value) == data
    assert codec.decode(data) == value


class Made(Pair):
    """A type that makes its instances itself, as generated code does."""

    made = 0

    @classmethod
    def from_bytes(cls, data: bytes) -> Made:
        """Return a copy of *data*."""
        cls.made += 1
        return cls.from_buffer_copy(data)


def test_a_class_that_makes_its_instances() -> None:
    """A class that has `from_bytes` is asked, with all bytes that there are."""
    assert isinstance(codec_of(Made).decode(bytes(9)), Made)
    assert Made.made == 1


@pytest.mark.parametrize(
    ("kind", "own"),
    [
        ("hash", live.TypedMap),
        ("prog_array", live.TypedMap),
        ("task_storage", live.TypedMap),
        ("lru_percpu_hash", live.PerCpuMap),
        ("percpu_cgroup_storage", live.PerCpuMap),
        ("hash_of_maps", live.MapOfMaps),
        ("stack", live.Queue),
        ("bloom_filter", live.BloomFilter),
        ("ringbuf", live.RingBuffer),
        ("perf_event_array", live.PerfBuffer),
        ("arena", None),
        ("user_ringbuf", live.UserRingBuffer),
    ],
)
def test_the_class_of_a_kind(kind: str, own: type | None) -> None:
    """Each kind has the class that its elements ask for."""
    assert live.class_of(kind) is own


def test_structs_are_instances_and_records_may_be_longer() -> None:
    """A struct is decoded from its first bytes, into a copy, and encoded from nothing else."""
    codec = codec_of(Pair)
    pair = codec.decode(bytes((1, 0, 0, 0)) + b"abcd" + b"more")
    assert bytes(pair.two) == b"abcd"
    assert codec.encode(pair)[4:] == b"abcd"
    with pytest.raises(TypeError, match="a Pair is wanted"):
        codec.encode(b"12345678")
    with pytest.raises(ValueError, match="Buffer size too small"):
        codec.decode(b"1234567")


def test_arrays() -> None:
    """Arrays of numbers take a list or their own type, and bytes what has the bytes."""
    assert codec_of(ctypes.c_char * 4).encode(bytearray(b"abcd")) == b"abcd"
    assert codec_of(ctypes.c_uint8 * 4).encode((ctypes.c_uint8 * 4)(1)) == b"\1\0\0\0"
    assert codec_of(ctypes.c_uint8 * 2 * 2).encode([b"ab", b"cd"]) == b"abcd"
    assert codec_of(ctypes.c_uint16.__ctype_be__ * 2).encode([1, 2]) == b"\0\1\0\2"
    pair = codec_of(ctypes.c_uint16 * 2)
    assert list(pair.decode(pair.encode((1, 2)))) == [1, 2]
    assert pair.encode((ctypes.c_uint16 * 2)(1, 2)) == pair.encode([1, 2])


@pytest.mark.parametrize(("form", "value"), [(ctypes.c_uint8, 256), (ctypes.c_uint32, -1)])
def test_a_number_that_does_not_fit(form: Any, value: int) -> None:
    """A number that C would cut is refused: it would be another key."""
    with pytest.raises(OverflowError, match="doesn't fit in a c_u"):
        codec_of(form).encode(value)


@pytest.mark.parametrize("form", [ctypes.c_uint8 * 4, ctypes.c_char * 4, 4])
@pytest.mark.parametrize(
    ("value", "error", "words"),
    [
        (4, TypeError, "bytes of length 4 are wanted, not an int"),
        ("abcd", TypeError, "bytes of length 4 are wanted, not a str"),
        (b"ab", ValueError, "bytes of length 4 are wanted, and these have 2"),
        (b"abcde", ValueError, "and these have 5"),
    ],
)
def test_bytes_are_given_whole(form: Any, value: Any, error: type[Exception], words: str) -> None:
    """A number isn't taken for a length, and nothing is filled up: it would be another key."""
    with pytest.raises(error, match=words):
        codec_of(form).encode(value)


@pytest.mark.parametrize(
    ("value", "error", "words"),
    [
        (b"ab", TypeError, "a list of length 2 is wanted, not bytes"),
        (5, TypeError, "a list of length 2 is wanted, not an int"),
        ([1], ValueError, "a list of length 2 is wanted, and this has 1"),
        ([1, 2, 3], ValueError, "and this has 3"),
        ([1, 1 << 16], OverflowError, "doesn't fit in a c_u"),
    ],
)
def test_lists_are_given_whole(value: Any, error: type[Exception], words: str) -> None:
    """Bytes are no list of numbers, nothing is filled up and nothing cut."""
    with pytest.raises(error, match=words):
        codec_of(ctypes.c_uint16 * 2).encode(value)


def test_bool_is_true_or_false() -> None:
    """A byte of another value is true, as in C, and none is written."""
    codec = codec_of(ctypes.c_bool)
    assert codec.encode(7) == b"\1"
    assert codec.decode(b"\2") is True


def test_numbers_without_a_type() -> None:
    """What isn't a number, or doesn't fit, is refused: of an index and of an `__int128`."""
    with pytest.raises(TypeError, match="an int is wanted, not bytes"):
        numbers(4).encode(b"abcd")  # type: ignore[arg-type]
    with pytest.raises(OverflowError, match="-1 doesn't fit in 4 bytes that have no sign"):
        numbers(None).encode(-1)
    with pytest.raises(OverflowError, match="doesn't fit in 16 bytes that have a sign"):
        codec_of(Int128).encode(1 << 127)


@pytest.mark.parametrize(
    ("command", "error", "type", "words"),
    [
        (MAP_GET_FD_BY_ID, errno.EPERM, PermissionError, "takes CAP_SYS_ADMIN"),
        (LOOKUP_ELEM, errno.ENOENT, FileNotFoundError, "BPF_MAP_LOOKUP_ELEM of map 7: No such"),
        (LOOKUP_ELEM, ENOTSUPP, OSError, "its kind doesn't have that"),
        (UPDATE_ELEM, errno.E2BIG, OSError, "it is full"),
    ],
)
def test_an_error_says_what_was_refused(
    command: Any, error: int, type: type[OSError], words: str
) -> None:
    """An error is Python's own class for the errno; it names command, map, and what is missing."""
    exception = failure(command, error, "map 7")
    assert isinstance(exception, type)
    assert exception.errno == error
    assert words in str(exception)


def test_a_ring_buffer_that_overwrites_is_refused() -> None:
    """A reader has nothing to hold on to there: the writer doesn't wait for it."""

    class Stub:
        info = MapInfo(7, "events", 27, 0, 0, 4096, 1 << 19, 0, 0, 0, 0)

    with pytest.raises(ValueError, match=r"map `events` \(id 7\) has BPF_F_RB_OVERWRITE"):
        live.RingReader(Stub())  # type: ignore[arg-type]


def test_a_path_with_a_nul_is_refused() -> None:
    """The kernel would take the path to end there, and open or pin something else."""
    with pytest.raises(ValueError, match="a path has no NUL"):
        live.open_map("/sys/fs/bpf/flows\0.old")


def test_it_loads_no_parser() -> None:
    """`import bpfgen.live` loads neither the compiler nor a package, and not ctypes either."""
    code = """
import sys
sys.path.insert(0, sys.argv[1])
before = set(sys.modules)
import bpfgen.live, json
print(json.dumps(sorted({n.split(".", 2)[0] for n in sys.modules if n not in before}
                        | {n for n in sys.modules if n.startswith("bpfgen")})))
"""
    command = [sys.executable, "-I", "-S", "-c", code, str(CHECKOUT)]
    run = subprocess.run(command, capture_output=True, text=True, check=True)
    loaded = set(json.loads(run.stdout))
    rooms = {name.split(".")[1] for name in loaded if name.startswith("bpfgen.")}
    assert rooms == {"kernel", "live", "record", "record_initializers", "values"}
    values = {name for name in loaded if name.startswith("bpfgen.values.")}
    assert values == {"bpfgen.values.wanted"}
    assert "ctypes" not in loaded
    assert {name for name in loaded if name.split(".")[0] not in sys.stdlib_module_names} == {
        name for name in loaded if name.split(".")[0] == "bpfgen"
    }
