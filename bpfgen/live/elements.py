"""One map of the running kernel, one element at a time, as bytes.

Keys and values go to the kernel as they are, in this machine's byte order. The kernel is not told
how long they are, so that a wrong length would be memory damage: here it is a ValueError.

Source: kernel/bpf/syscall.c, map_lookup_elem and its neighbours.
"""

from __future__ import annotations

import struct
from errno import ENOENT

from bpfgen.live.closing import Closing
from bpfgen.live.descriptor import Descriptor
from bpfgen.live.info import PER_CPU_STRIDE, info_of, possible_cpus
from bpfgen.live.syscall import (
    DELETE_ELEM,
    GET_NEXT_KEY,
    LOOKUP_AND_DELETE_ELEM,
    LOOKUP_ELEM,
    UPDATE_ELEM,
    Bpf,
    failure,
)
from bpfgen.record import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any, Self

    from bpfgen.live.info import MapInfo
    from bpfgen.live.syscall import Command

ANY = 0
"""Of update: whether the key is there or not (BPF_ANY)."""
NOEXIST = 1
"""Of update: only if the key isn't there, else FileExistsError (BPF_NOEXIST)."""
EXIST = 2
"""Of update: only if the key is there, else FileNotFoundError (BPF_EXIST); a full queue drops its
oldest."""
LOCK = 4
"""Of lookup and update: under the `bpf_spin_lock` of the value (BPF_F_LOCK)."""


class Elements(Closing):
    """An open map, one element at a time; :class:`bpfgen.live.map.Map` has the rest.

    It is closed by :meth:`close`, at the end of a `with` block, or with the object. Threads may
    share it, and one may close it while others use it.

    Attributes:
        info: What the kernel says of it.
        cpus: The numbers of the CPUs that a value has a part for, in order; empty for a map that
            has one value under each key.
        stride: Bytes from one CPU's part to the next; `value_size` where there is one part.
        bpf: The system call.
    """

    __slots__ = ("_descriptor", "bpf", "cpus", "info", "stride")

    def __init__(self, fd: int, bpf: Bpf | None = None) -> None:
        """Take over the descriptor *fd*, which is closed with this object.

        Raises:
            OSError: It is no map, or one may not ask.
        """
        self._descriptor: Descriptor | None = Descriptor(fd)
        self.bpf = bpf = bpf or Bpf()
        self.info: MapInfo = info_of(bpf, fd)
        kind = self.info.kind
        self.cpus: tuple[int, ...] = ()
        self.stride = self.info.value_size
        if kind is not None and kind.per_cpu:
            self.stride = -(-self.stride // PER_CPU_STRIDE) * PER_CPU_STRIDE
            self.cpus = possible_cpus()

    def __enter__(self) -> Self:
        """Give it to a `with` block, at whose end it is closed.

        Raises:
            ValueError: It was closed.
        """
        self.in_use()
        return self

    def __repr__(self) -> str:
        state = ", closed" if self._descriptor is None else ""
        return f"<{self.info.kind_name} {self.info}{state}>"

    @property
    def value_length(self) -> int:
        """Bytes of a value in :meth:`lookup` and :meth:`update`.

        Those of all CPUs in a per-CPU map, each at a multiple of `stride`.

        Raises:
            NotImplementedError: The kind is too new to be known here: it may have values per CPU.
        """
        if self.info.kind is None:
            raise NotImplementedError(
                f"{self.info} is of kind {self.info.number}, which is newer than this bpfgen: "
                "how many bytes the kernel reads and writes for a value isn't known here"
            )
        return self.stride * (len(self.cpus) or 1)

    def close(self) -> None:
        """Close the descriptor; the map lives on where something else holds it.

        It doesn't wait: what other threads have asked the kernel is answered, and then it is
        closed.
        """
        self._descriptor = None

    def in_use(self) -> Descriptor:
        """Return the descriptor for a `with` block, at whose end it may be closed at the earliest.

        Raises:
            ValueError: The map was closed.
        """
        descriptor = self._descriptor
        if descriptor is None:
            raise ValueError(f"{self.info} was closed")
        return descriptor

    def fileno(self) -> int:
        """Return the descriptor, for `select` and for other maps to hold it; it stays this one's.

        Raises:
            ValueError: The map was closed.
        """
        with self.in_use() as fd:
            return fd

    def lookup(self, key: bytes = b"", flags: int = 0) -> bytes | None:
        """Return the value under *key*; None if there is none.

        What the kernel keeps to itself in a value (a lock, a timer) reads as zeros. An `lpm_trie`
        gives the value of the longest prefix; a map of maps, a `prog_array` and their like an id
        of 4 bytes; a queue or stack, which has no key, its next value.
        """
        return self._value(LOOKUP_ELEM, key, flags)

    def update(self, key: bytes, value: bytes, flags: int = ANY) -> None:
        """Put *value* under *key*; with *flags* NOEXIST or EXIST, only if it is new or is there.

        A map of maps, a `prog_array` and their like take a file descriptor. Where there are no keys
        (b""), it is added: pushed to a queue or stack.
        """
        self.check_value(value)
        self._element(UPDATE_ELEM, key, self.bpf.buffer(value), flags)

    def delete(self, key: bytes) -> bool:
        """Remove what is under *key*; return whether there was something."""
        return self._element(DELETE_ELEM, key, None, 0, or_none=True)

    def take(self, key: bytes = b"", flags: int = 0) -> bytes | None:
        """Remove what is under *key* and return it, None if there is nothing: in one step.

        A queue or stack, which has no key, gives its next value.
        """
        return self._value(LOOKUP_AND_DELETE_ELEM, key, flags)

    def may_contain(self, value: bytes) -> bool:
        """Return whether *value* may have been added to a `bloom_filter`; False is certain."""
        self.check_value(value)
        return self._element(LOOKUP_ELEM, b"", self.bpf.buffer(value), 0, or_none=True)

    def next_key(self, key: bytes | None = None) -> bytes | None:
        """Return the key after *key* in the kernel's order, the first after None; None at the end.

        After a key that is no longer there most kinds begin anew; `keys` of a map sees to that.
        """
        if key is not None:
            self.check_key(key)
        bpf = self.bpf
        before = None if key is None else bpf.buffer(key)
        room = bpf.room(self.info.key_size)
        error = self._attempt(GET_NEXT_KEY, before, room, 0)
        if error == ENOENT:
            return None
        if error:
            raise failure(GET_NEXT_KEY, error, str(self.info))
        return bytes(room.raw[: self.info.key_size])

    def parts(self, value: bytes) -> list[bytes]:
        """Return a value of a per-CPU map by CPU, in the order of `cpus`, each `value_size` long.

        The bytes up to `stride` are noise, and left out.
        """
        size, stride = self.info.value_size, self.stride
        return [value[at : at + size] for at in range(0, len(value), stride)]

    def joined(self, parts: Iterable[bytes]) -> bytes:
        """Return the value of a per-CPU map whose parts, in the order of `cpus`, are *parts*.

        Raises:
            ValueError: They are more or fewer than the CPUs, or one isn't `value_size` long.
        """
        padded = []
        for part in parts:
            self._length("value of a CPU", part, self.info.value_size)
            padded.append(part.ljust(self.stride, b"\0"))
        if len(padded) != len(self.cpus):
            raise ValueError(
                f"{self.info} has {len(self.cpus)} values under each key, one for each CPU, "
                f"and {len(padded)} are given"
            )
        return b"".join(padded)

    def check_key(self, key: bytes) -> None:
        """Raise a TypeError unless *key* is bytes, a ValueError unless of this map's length."""
        self._length("key", key, self.info.key_size)

    def check_value(self, value: bytes) -> None:
        """Raise a TypeError unless *value* is bytes, a ValueError unless of this map's length."""
        self._length("value", value, self.value_length)

    def _length(self, what: str, data: object, length: int) -> None:
        if not isinstance(data, bytes):  # the `len` of an array isn't its bytes
            given = type(data).__name__
            raise TypeError(
                f"a {what} of {self.info} is given as bytes, and this is of type {given}"
            )
        size = memoryview(data).nbytes
        if size != length:
            raise ValueError(f"a {what} of {self.info} has {length} bytes, and {size} given")

    def _attempt(self, command: Command, key: Any, value: Any, flags: int) -> int:
        """Return the errno of *command* on one element; a buffer that is None is absent.

        Raises:
            ValueError: The kernel has no room for *flags*.
        """
        if not 0 <= flags < 1 << 64:
            raise ValueError(
                f"flags are ANY, NOEXIST, EXIST or LOCK, a number of 64 bits: not {flags}"
            )
        address = self.bpf.address
        addresses = (0 if buffer is None else address(buffer) for buffer in (key, value))
        with self.in_use() as fd:
            attributes = struct.pack("=IIQQQ", fd, 0, *addresses, flags)
            if command is DELETE_ELEM:
                attributes = attributes[:24]  # what follows must be zero, for every kernel
            return self.bpf.attempt(command, attributes)[1]

    def _value(self, command: Command, key: bytes, flags: int) -> bytes | None:
        room = self.bpf.room(self.value_length)
        if not self._element(command, key, room, flags, or_none=True):
            return None
        return bytes(room.raw[: self.value_length])

    def _element(
        self, command: Command, key: bytes, value: Any, flags: int, *, or_none: bool = False
    ) -> bool:
        """Do *command* on one element; with *or_none*, return False where there is none."""
        self.check_key(key)
        key_buffer = self.bpf.buffer(key) if key else None
        error = self._attempt(command, key_buffer, value, flags)
        if error == ENOENT and or_none:
            return False
        if error:
            raise failure(command, error, str(self.info))
        return True
