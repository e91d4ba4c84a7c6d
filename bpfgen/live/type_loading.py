"""The types of a model → BTF in the running kernel, and the id of each type there.

Before :mod:`creating`, whose maps refer to it. The records are those that clang writes into an
object of the same source, so that the kernel says of them what it says of the object; but a struct
of the kernel's that a kptr points to, which a program has from vmlinux.h, is there as a struct
without members: the kernel looks for it by its name.

Source: btf_parse and btf_find_kptr in kernel/bpf/btf.c; bpf_object__sanitize_and_load_btf in
libbpf.
"""

from __future__ import annotations

import struct
from errno import EINVAL, EPERM

from bpfgen.btf import kinds
from bpfgen.btf.convert import BtfTypes
from bpfgen.btf.decode import Btf
from bpfgen.btf.write import PROBES, btf_bytes, features_of, replaced
from bpfgen.kernel.tags import POINTER_TAGS
from bpfgen.live.descriptor import Descriptor
from bpfgen.live.syscall import BTF_LOAD, failure
from bpfgen.record import TYPE_CHECKING
from bpfgen.rules.maps.written_types import WrittenTypes

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from bpfgen.ctype.types import Type
    from bpfgen.live.syscall import Bpf
    from bpfgen.model.model import Model

_LOG_BYTES = 1 << 16
_MODIFIERS = kinds.MODIFIERS - {kinds.BTF_KIND_TYPE_TAG}
_OF_KERNEL = frozenset(tag.encode() for tag, row in POINTER_TAGS.items() if row.field != "uptr")


class LoadedTypes:
    """The types of a model in the kernel, for as long as this object or a map of them lives.

    Attributes:
        replaced: The kinds of types that this kernel doesn't know, and that others stand for, by
            the names of :data:`bpfgen.kernel.btf_features.BTF_FEATURES`.
        refusal: Why the kernel doesn't take the types, where it doesn't: no map has any then.
        log: What it says about that, in lines.
    """

    __slots__ = ("_descriptor", "_ids", "log", "refusal", "replaced")

    def __init__(self, bpf: Bpf, model: Model, types: Iterable[Type]) -> None:
        """Load *types*, which are among those of *model*.

        Raises:
            PermissionError: It takes CAP_BPF.
            FormatError: One holds more types than the kernel should be made to walk through.
        """
        written = WrittenTypes(model)
        encoder = written.encoder
        self._ids = {id(type): (type, encoder.add(type)) for type in types}
        encoder.finish()
        self._descriptor: Descriptor | None = None
        self.refusal: OSError | None = None
        self.log: tuple[str, ...] = ()
        self.replaced: tuple[str, ...] = ()
        if not self._ids:
            return
        strings = bytes(encoder.strings)
        records = _with_kernel_structs(encoder.records, strings)
        _check_walk(btf_bytes(records, strings))
        fd, number, log = _load(bpf, btf_bytes(records, strings))
        if number == EINVAL:
            lacking = _lacking(bpf, features_of(records))
            if lacking:
                self.replaced = lacking
                records, strings = replaced(records, strings, lacking)
                fd, number, log = _load(bpf, btf_bytes(records, strings))
        if number:
            self.refusal, self.log = failure(BTF_LOAD, number, "the types"), log
            if number == EPERM:
                raise self.refusal
        else:
            self._descriptor = Descriptor(fd)

    @property
    def is_there(self) -> bool:
        """Whether maps can have types of these."""
        return self._descriptor is not None

    def in_use(self) -> Descriptor:
        """Return the descriptor of the BTF for a `with` block."""
        assert self._descriptor is not None
        return self._descriptor

    def id_of(self, type: Type | None) -> int:
        """Return the id of one of the types that were given; 0 for None."""
        return 0 if type is None else self._ids[id(type)][1]


def _check_walk(data: bytes) -> None:
    """Raise a FormatError where a struct of *data* holds too many types.

    The kernel looks at each of them, however few different ones they are, and doesn't pause: 28
    structs in each other, of no size and with two members each, keep a CPU of Linux 6.18 busy for
    most of a minute (btf_find_struct_field, btf_find_field_one).
    """
    types = BtfTypes(Btf(data))
    for kind in (kinds.BTF_KIND_STRUCT, kinds.BTF_KIND_UNION):
        for type_id in types.btf.ids_of_kind(kind):
            types.type(type_id)


def _load(bpf: Bpf, data: bytes) -> tuple[int, int, tuple[str, ...]]:
    """Return a descriptor of *data* in the kernel, or the errno and what the kernel says about it.

    The kernel is asked for its reasons by a second attempt, but never where a right is missing.
    """
    room = bpf.buffer(data)
    attributes = struct.pack("=QQIII", bpf.address(room), 0, len(data), 0, 0)
    fd, number = bpf.attempt(BTF_LOAD, attributes)
    if not number or number == EPERM:
        return fd, number, ()
    log = bpf.room(_LOG_BYTES)
    attributes = struct.pack(
        "=QQIII", bpf.address(room), bpf.address(log), len(data), _LOG_BYTES, 1
    )
    fd, again = bpf.attempt(BTF_LOAD, attributes)
    if not again:
        return fd, 0, ()
    text = log.raw.split(b"\0", 1)[0].decode("utf-8", "backslashreplace")
    return 0, number, tuple(line for line in text.splitlines() if line.strip())


def _lacking(bpf: Bpf, features: Iterable[str]) -> tuple[str, ...]:
    """Return those of *features* that this kernel doesn't have."""
    lacking = []
    for feature in sorted(features):
        fd, number, _log = _load(bpf, PROBES[feature])
        if number:
            lacking.append(feature)
        else:
            Descriptor(fd)
    return tuple(lacking)


def _with_kernel_structs(records: Sequence[Sequence[int]], strings: bytes) -> list[list[int]]:
    """Return *records* in which no kptr points to the mere declaration of a struct."""
    result = [list(record) for record in records]
    for record in records:
        if _kind(record) != kinds.BTF_KIND_TYPE_TAG:
            continue
        if strings[record[0] : strings.index(b"\0", record[0])] not in _OF_KERNEL:
            continue
        target = record[2]
        while target and _kind(result[target - 1]) in _MODIFIERS:
            target = result[target - 1][2]
        if target and result[target - 1][1] == kinds.BTF_KIND_FWD << 24:
            result[target - 1][1:] = kinds.BTF_KIND_STRUCT << 24, 0
    return result


def _kind(record: Sequence[int]) -> int:
    return record[1] >> 24 & 0x7F
