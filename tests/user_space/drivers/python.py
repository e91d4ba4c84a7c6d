"""The driver in Python: members are attributes."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

from bpfgen.emit.python.names import MEMBER_NAMES, MODULE_NAMES, python_name
from bpfgen.emit.user_space.types import FLOATING, Number
from tests.user_space.differential import Driver

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from tests.user_space.differential import Slot
    from tests.user_space.witness import Subject

PROGRAM = """\
import ctypes, json, operator, struct, sys
import maps

class Slot:
    def __init__(self, type, name, indices, kind, size, signed):
        self.type, self.name, self.indices = getattr(maps, type), name, indices
        self.kind, self.size, self.signed = kind, size, signed
        self.struct_size = ctypes.sizeof(self.type)

    def read(self, v):
        value = getattr(v, self.name)
        if self.kind == "bytes":
            return bytes(value)
        for index in self.indices:
            value = value[index]
        if self.kind == "float":
            return struct.pack("<d8x", value)
        if isinstance(value, ctypes.Array):  # 128 bits
            value = int.from_bytes(bytes(value), sys.byteorder, signed=self.signed)
        return (operator.index(value) % (1 << 128)).to_bytes(16, "little")

    def write(self, v, data):
        if self.kind == "bytes":
            old = getattr(v, self.name)
            setattr(v, self.name, type(old).from_buffer_copy(data))
            return
        value = int.from_bytes(data, "little")
        value = value - (value >> 127 << 128) if self.signed else value
        if self.kind == "float":
            value = struct.unpack_from("<d", data)[0]
        if not self.indices:
            setattr(v, self.name, value)
            return
        *outer, last = self.indices
        holder = getattr(v, self.name)
        for index in outer:
            holder = holder[index]
        if isinstance(holder[last], ctypes.Array):
            value = list(value.to_bytes(self.size, sys.byteorder, signed=self.signed))
            holder[last][:] = value
        else:
            holder[last] = value

with open(sys.argv[1]) as file:
    slots = [Slot(*row) for row in json.load(file)]
head = struct.Struct("<IB")
data, out, place = sys.stdin.buffer.read(), [], 0
while place < len(data):
    number, writes = head.unpack_from(data, place)
    slot = slots[number]
    place += head.size + slot.struct_size
    v = slot.type.from_bytes(data[place - slot.struct_size : place])
    if writes:
        size = slot.size if slot.kind == "bytes" else 16
        slot.write(v, data[place : place + size])
        place += size
        out.append(bytes(v))
    else:
        out.append(slot.read(v))
sys.stdout.buffer.write(b"".join(out))
"""


def driver(
    text: str,
    subjects: Sequence[Subject],
    slots: Sequence[Slot],
    folder: Path,
    python: Sequence[str] = (sys.executable,),
) -> Driver:
    """Return the program over the generated *text*, which *python* runs."""
    folder.mkdir(exist_ok=True)
    rows = [_row(slot, subjects[slot.subject]) for slot in slots]
    (folder / "maps.py").write_text(text)
    (folder / "driver.py").write_text(PROGRAM)
    (folder / "slots.json").write_text(json.dumps(rows))
    numbers = frozenset(slot.number for slot in slots)
    command = (*python, str(folder / "driver.py"), str(folder / "slots.json"))
    return Driver(command, numbers, numbers)


def _row(slot: Slot, subject: Subject) -> list[object]:
    """Return what the program needs to know of *slot*."""
    kind, size, signed = "bytes", slot.value_size, False
    leaf = slot.leaf
    if leaf is not None:
        is_float = isinstance(leaf.type, Number) and leaf.type.kind == FLOATING
        kind, size, signed = "float" if is_float else "number", leaf.type.size, leaf.type.signed
    return [
        python_name("_".join(subject.type.words), MODULE_NAMES),
        python_name(slot.member.name, MEMBER_NAMES),
        leaf.indices if leaf is not None else (),
        kind,
        size,
        signed,
    ]
