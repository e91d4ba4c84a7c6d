"""The table of what user space can do with each kind of map, against the running kernel."""

from __future__ import annotations

import ctypes
import errno
import platform
import struct
from typing import TYPE_CHECKING

import pytest

from bpfgen.kernel.map_kinds import MAP_KINDS
from bpfgen.kernel.map_operations import DELETE, LOOKUP, MAP_OPERATIONS, TAKE, UPDATE, WALK
from tests.kernel.bpf_syscall import bpf, load_btf
from tests.kernel.random_maps import btf, plain
from tests.kernel.test_differential_maps import open_map
from tests.tools import require_root

if TYPE_CHECKING:
    from bpfgen.kernel.map_kind import MapKind

pytestmark = pytest.mark.kernel

ENOTSUPP = 524

COMMANDS = {LOOKUP: 1, UPDATE: 2, DELETE: 3, WALK: 4, TAKE: 21}

UNKNOWN_TO = {errno.EINVAL, errno.EOPNOTSUPP, errno.EBUSY, ENOTSUPP}
"""What an operation that a row doesn't have may answer."""


def _kernel() -> tuple[int, int]:
    major, minor = platform.release().split(".")[:2]
    return int(major), int("".join(c for c in minor if c.isdigit()))


def test_every_kind_has_a_row() -> None:
    """The rows are those of the kinds, in their order."""
    assert list(MAP_OPERATIONS) == list(MAP_KINDS)


@pytest.mark.parametrize(
    "kind", [k for k in MAP_KINDS.values() if not k.from_variable and k.name != "struct_ops"]
)
def test_the_kernel_has_the_operations_of_the_row(kind: MapKind) -> None:
    """An operation of the row fails for the key alone, if at all; another isn't there."""
    require_root()
    row = MAP_OPERATIONS[kind.name]
    if kind.since > _kernel():  # tried on a kernel that has it
        return
    definition = plain(row.name)
    with load_btf(btf()) as types:
        inner = open_map(definition.inner, types.fd) if definition.inner else None
        answers: dict[str, int] = {}
        for operation, command in COMMANDS.items():
            with open_map(definition, types.fd, inner.fd if inner else 0) as map:
                answers[operation] = _answer(map.fd, command, keyless=definition.key_size == 0)
        if inner:
            inner.close()
    for operation, answer in answers.items():
        if operation in row.operations:
            assert answer not in {ENOTSUPP, errno.EOPNOTSUPP}, (operation, answer)
        else:
            assert answer in UNKNOWN_TO, (operation, answer)


def _answer(fd: int, command: int, *, keyless: bool) -> int:
    """Return the errno of *command* with a key and a value of small numbers, or 0."""
    key = ctypes.create_string_buffer(64)
    value = ctypes.create_string_buffer(1 << 16)
    ctypes.memset(value, 0xFF, 8)  # no file descriptor
    pointer = 0 if keyless else ctypes.addressof(key)
    try:
        bpf(command, struct.pack("=IIQQQ", fd, 0, pointer, ctypes.addressof(value), 0))
    except OSError as error:
        return error.errno or -1
    return 0
