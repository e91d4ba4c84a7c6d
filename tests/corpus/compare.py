"""`bpfgen inspect` against libbpf, map for map: all numbers, slots, pinning, types, refusals.

Fourth of the corpus. What is compared is the JSON that the command prints, and the BTF type ids
behind it.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

from bpfgen.inspection.json import object_line
from bpfgen.object import read_object
from bpfgen.text.diagnostics import FormatError
from tests.conformance import libbpf
from tests.corpus.oracle import opened

if TYPE_CHECKING:
    from bpfgen.object import Definition, ObjectFile
    from tests.corpus.oracle import Opened

RING_BUFFERS = (27, 31)
"""Of these libbpf's open rounds max_entries up; bpfgen tells what the definition says."""

PAGE_SIZE = 4096

NUMBERS = ("key_size", "value_size", "max_entries", "map_flags", "map_extra", "numa_node")


class Compared(NamedTuple):
    """What came of one object.

    Attributes:
        differences: What differs, one a line; empty where nothing does.
        maps: How many maps of the source were compared.
        types: How many key and value types.
        refused: Whether libbpf refuses the object.
    """

    differences: list[str]
    maps: int = 0
    types: int = 0
    refused: bool = False


def inspected(data: bytes) -> tuple[dict[str, Any], ObjectFile | None]:
    """Return the line that `bpfgen inspect --format json` prints, and what it comes from."""
    try:
        read = read_object(data)
    except FormatError as error:
        line, read_or_none = "".join(object_line("", None, str(error))), None
    else:
        line, read_or_none = "".join(object_line("", read, read.error)), read
    return json.loads(line), read_or_none


def compare(data: bytes, *, spelling: bool = True) -> Compared:
    """Hold what bpfgen says of the object *data* against libbpf.

    Without *spelling*, types are compared by their BTF ids and not by their C.
    """
    record, read = inspected(data)
    try:
        with opened(data) as witness:
            if record["error"] is not None or read is None:
                return Compared([f"libbpf opens it, and error is {record['error']}"])
            told, types = differences(record, read, witness, spelling=spelling)
            return Compared(told, len(read.maps), types)
    except libbpf.LibbpfError as error:
        if record["error"] is not None:
            return Compared([], refused=True)
        said = " / ".join(message.strip() for message in error.messages[-2:])
        but = f"libbpf refuses it ({said}), and there is no error"
        return Compared([but], refused=True)


def compare_twins(little: bytes, big: bytes) -> Compared:
    """Hold an object against the one of the other byte order, which libbpf can't open here."""
    one, _read = inspected(little)
    other, read = inspected(big)
    if one.pop("byteorder") != "little" or other.pop("byteorder") != "big":
        return Compared(["the byte order is wrong"])
    if one == other:
        return Compared([], len(read.maps) if read else 0, refused=one["error"] is not None)
    different = [key for key in one if one[key] != other[key]]
    return Compared([f"big-endian differs in {', '.join(different)}"])


def differences(
    record: dict[str, Any], read: ObjectFile, witness: Opened, *, spelling: bool = True
) -> tuple[list[str], int]:
    """Return how *record*, the JSON, differs from *witness*, and how many types were compared."""
    told: list[str] = []
    types = 0
    names = [each["name"] for each in record["maps"]]
    user, made = witness.maps[: len(names)], witness.maps[len(names) :]
    if [each.name for each in user] != names:
        return [f"maps {names} instead of {[each.name for each in user]}"], 0
    for found, each, definition in zip(record["maps"], user, read.maps, strict=True):
        told += _map_differences(found, each, definition.definition)
        slots = [(slot["index"], slot["target"]) for slot in found["values"]]
        expected = sorted(witness.slots.get(each.name, []))
        if slots != expected:
            told.append(f"{each.name}: slots {slots} instead of {expected}")
        path = f"/sys/fs/bpf/{each.name}"
        if each.pin_path != (path if found["pinning"] == "by_name" else None):
            told.append(f"{each.name}: pinning {found['pinning']}, libbpf pins to {each.pin_path}")
        if each.inner is not None and definition.definition.inner is not None:
            told += _map_differences(found["inner"], each.inner, definition.definition.inner)
        elif (each.inner is None) != (found["inner"] is None):
            told.append(f"{each.name}: inner {found['inner']} instead of {each.inner}")
        for role, type_id in (
            ("key", each.btf_key_type_id),
            ("value", each.btf_value_type_id),
        ):
            if type_id and spelling:
                types += 1
                expected_text = _words(witness.declaration(type_id))
                if _words(found[role]) != expected_text:
                    told.append(f"{each.name}: {role} {found[role]!r}, not {expected_text!r}")
    expected_made = [
        *(
            (each["section"], each["value_size"], each["map_flags"])
            for each in record["internal_maps"]
        ),
        *((each["name"], each["value_size"], each["map_flags"]) for each in record["struct_ops"]),
    ]
    # libbpf puts the object's name in front of `.data`, and cuts.
    found_made = [(each.name, each.value_size, each.map_flags) for each in made]
    for (name, *numbers), (made_name, *made_numbers) in zip(
        expected_made, found_made, strict=False
    ):
        if numbers != made_numbers or not (made_name == name or made_name.endswith(name[:15])):
            told.append(f"{name} {numbers}: libbpf has {made_name} {made_numbers}")
    if len(expected_made) != len(found_made):
        told.append(f"made by libbpf: {found_made}, not {expected_made}")
    return told, types


def _map_differences(
    found: dict[str, Any], each: libbpf.LibbpfMap, definition: Definition
) -> list[str]:
    numbers = {number: found[number] for number in NUMBERS}
    if found["type_id"] in RING_BUFFERS and numbers["max_entries"]:
        numbers["max_entries"] = _rounded(numbers["max_entries"])
    told = [
        f"{each.name}: {name} {number} instead of {getattr(each, name)}"
        for name, number in numbers.items()
        if number != getattr(each, name)
    ]
    if found["name"] != each.name:
        told.append(f"{each.name}: name {found['name']}")
    number = each.type % (1 << 32)  # an enum of libbpf's; the definition's number has no sign
    name = libbpf.map_type_name(each.type)  # None for those that came after this libbpf
    if found["type_id"] != number or (name is not None and found["type"] != name):
        told.append(f"{each.name}: type {found['type']} {found['type_id']}, not {number}")
    ids = definition.key_type_id, definition.value_type_id
    expected = each.btf_key_type_id, each.btf_value_type_id
    if ids != expected:
        told.append(f"{each.name}: BTF ids {ids} instead of {expected}")
    return told


def _rounded(size: int) -> int:
    """Return what adjust_ringbuf_sz makes of *size*: a page times a power of two."""
    rounded = PAGE_SIZE
    while rounded < size:
        rounded *= 2
    return rounded if rounded < 1 << 32 else size


def _words(text: str | None) -> str:
    """Return C with single spaces, and none beside brackets and stars: layout is a taste."""
    words = " ".join((text or "").split()).replace("volatile const ", "const volatile ")
    for mark in "{}[]()*;:,":
        words = words.replace(f" {mark}", mark).replace(f"{mark} ", mark)
    return words
