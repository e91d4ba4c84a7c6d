"""What `bpfgen.values` prints of random types and bytes, held against C."""

from __future__ import annotations

import json
import os
import random
import re
import struct
import subprocess
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from bpfgen.btf.convert import BtfTypes
from bpfgen.btf.decode import Btf
from bpfgen.btf.kinds import BTF_KIND_STRUCT, BTF_KIND_UNION, BTF_KIND_VAR
from bpfgen.compiler import compile
from bpfgen.ctype.sizes import sizeof
from bpfgen.elf.read import ElfFile
from bpfgen.emit.user_space.types import CHARACTER, FLOATING, Number
from bpfgen.emit.user_space.view import view_of
from bpfgen.record import replace
from bpfgen.text.source import Source
from bpfgen.values.access import access_of
from bpfgen.values.printer import printer_of
from bpfgen.values.shapes import Choice, Group, Raw, Row, shape_of
from bpfgen.values.views import View
from tests.compiled import command
from tests.tools import newest, require, require_file
from tests.user_space.commands import run
from tests.user_space.differential import operations, slots_of
from tests.user_space.printed import program
from tests.user_space.random_types import EVERYTHING, FOR_GCC, PRELUDE, random_declarations, texts
from tests.user_space.witness import compiled, facts_of, subjects_of, witness_text

if TYPE_CHECKING:
    from pathlib import Path

    from bpfgen.ctype.types import Order, Type
    from bpfgen.values.shapes import Shape
    from tests.user_space.witness import Facts, Subject

SEED, COUNT = map(int, os.environ.get("BPFGEN_PROOF", "1:150").split(":"))
NUMBER = re.compile(r"(?<![\w.\\])-?\d+(\.\d+)?(e[+-]\d+)?(?![\w.])")


def declared(what: str) -> tuple[str, str, list[tuple[str, Type]]]:
    """Return random types as a source, as C for this machine, and those with a name."""
    source, host = texts(random_declarations(SEED, COUNT, what))
    compilation = compile(Source("printed.dsl", source))
    assert not compilation.failed, [d for d in compilation.diagnostics if d.severity == "error"]
    subjects = [
        (name if kind == "typedef" else f"{kind} {name}", type)
        for (kind, name), type in compilation.model.types.items()
        if f"{name}" in host and kind in {"struct", "union"}
    ]
    return source, host, subjects


def rounded(text: str) -> str:
    """Return *text* with each number as a float: C and Python have ways of their own to write one.

    JSON says whether an integer is exact.
    """
    return NUMBER.sub(lambda match: repr(float(match[0])), text)


@pytest.mark.parametrize(("compiler", "what"), [("clang", EVERYTHING), ("gcc", FOR_GCC)])
def test_c_prints_the_same(compiler: str, what: str, tmp_path: Path) -> None:
    """JSON and text of random bytes are what a C program prints of them, member by member."""
    require_file("/usr/include/stdio.h", "libc6-dev")
    words = command(newest()) if compiler == "clang" else [require("gcc")]
    _, host, subjects = declared(what)
    source, built = tmp_path / "printed.c", tmp_path / "printed"
    source.write_text(program(host, subjects))
    run([*words, "-w", "-O0", "-g0", source, "-o", built, "-lm"])
    noise = random.Random(SEED)  # noqa: S311 -- test data
    asked: list[tuple[int, bytes]] = []
    for number, (_, type) in enumerate(subjects):
        size = sizeof(type) or 0
        few = bytes(noise.choice((0, 0, 1, 34, 92, 97, 200)) for _ in range(size))
        contents = (noise.randbytes(size), noise.randbytes(size), few, bytes(size), b"\xff" * size)
        asked += [(number, data) for data in contents]
    stream = b"".join(struct.pack("=I", number) + data for number, data in asked)
    done = subprocess.run([built], input=stream, capture_output=True, check=True)
    said = done.stdout.decode("ascii").splitlines()
    assert len(said) == 2 * len(asked)
    wrong = []
    for (number, data), its_json, its_text in zip(asked, said[::2], said[1::2], strict=True):
        name, type = subjects[number]
        printer = printer_of(type, "little", len(data))
        if json.loads(printer.json(data)) != json.loads(its_json):
            wrong.append(f"{name} {data.hex()}:\n{printer.json(data)[:2000]}\n{its_json[:2000]}")
        if rounded(printer.text(data)) != rounded(its_text):
            wrong.append(f"{name} {data.hex()}:\n{printer.text(data)[:2000]}\n{its_text[:2000]}")
    assert not wrong, f"{len(wrong)} of {len(asked)}:\n" + "\n".join(wrong[:5])


@pytest.mark.parametrize("target", ["bpfel", "bpfeb"])
def test_a_type_of_btf_is_that_of_the_source(target: str, tmp_path: Path) -> None:
    """A value looks the same by the types that clang writes: nothing that matters is lost."""
    source, _, subjects = declared(EVERYTHING)
    variables = "\n".join(f"{name} subject{n};" for n, (name, _) in enumerate(subjects))
    prelude = PRELUDE
    for tag in ("kptr", "uptr"):
        prelude = prelude.replace(
            f"#define __{tag}\n", f'#define __{tag} __attribute__((btf_type_tag("{tag}")))\n'
        )
    text, built = tmp_path / "types.c", tmp_path / "types.o"
    text.write_text(f"{prelude}{source}\n{variables}\n")
    run([*command(newest()), "-target", target, "-w", "-g", "-O0", "-c", text, "-o", built])
    section = ElfFile(built.read_bytes()).section_named(".BTF")
    assert section is not None
    types = BtfTypes(Btf(bytes(section.data)))
    for number, (name, type) in enumerate(subjects):
        variable = types.btf.find(f"subject{number}", BTF_KIND_VAR)
        assert variable is not None
        decoded = types.type(types.btf.target(variable))
        size = sizeof(type) or 0
        assert _unsigned(shape_of(decoded, size)) == _unsigned(shape_of(type, size)), name


def _unsigned(shape: Shape) -> Shape:
    """Return *shape* without what clang loses of enums: signs, and upper halves of 64 bits."""
    match shape:
        case Choice():
            whole = 1 << 8 * shape.size
            names = {} if shape.size > 4 else {v % whole: n for v, n in shape.names.items()}
            return replace(shape, signed=False, names=names, numbers={})
        case Row():
            return replace(shape, element=_unsigned(shape.element))
        case Group():
            fields = tuple(replace(one, shape=_unsigned(one.shape)) for one in shape.fields)
            return replace(shape, fields=fields)
        case _:
            return shape


def test_types_of_the_kernel() -> None:
    """Structs of the running kernel, of which no two are alike, are printed and read whole."""
    data = require_file("/sys/kernel/btf/vmlinux", "the BTF of the kernel").read_bytes()
    types = BtfTypes(Btf(data))
    noise = random.Random(SEED)  # noqa: S311 -- test data
    ids = list(types.btf.ids_of_kind(BTF_KIND_STRUCT, BTF_KIND_UNION))
    for type_id in noise.sample(ids, min(len(ids), COUNT)):
        type = types.type(type_id)
        value = noise.randbytes(sizeof(type) or 0)
        printer = printer_of(type, "little", len(value))
        assert not isinstance(printer.shape, Raw), types.btf.name(type_id)
        members = json.loads(printer.json(value))
        view = access_of(printer.shape, "little").get(bytearray(value), 0)
        if isinstance(view, View):
            assert list(dict(view)) == list(members)
        else:
            assert view is None


class Members(NamedTuple):
    """Random types, and the bytes that clang makes of values in their members.

    Attributes:
        types: Of each subject; None where it is written inside another.
    """

    subjects: list[Subject]
    types: list[Type | None]
    facts: list[Facts]


def members(target: str, folder: Path) -> Members:
    """Return random types with what clang says of them for *target*."""
    source, _ = texts(random_declarations(SEED, COUNT, EVERYTHING))
    model = compile(Source("printed.dsl", source)).model
    subjects = subjects_of(view_of(model), SEED)
    types = []
    for subject in subjects:
        kind, _, name = subject.c_type.rpartition(" ")
        types.append(model.types.get((kind or "typedef", name)))
    elf = compiled(
        [*command(newest()), "-target", target], PRELUDE + source + witness_text(subjects), folder
    )
    return Members(subjects, types, facts_of(elf, subjects))


@pytest.mark.parametrize(("target", "order"), [("bpfel", "little"), ("bpfeb", "big")])
def test_values_that_c_puts_into_members(target: str, order: Order, tmp_path: Path) -> None:
    """What clang writes into an object of either byte order is read back, bit-fields above all."""
    count = 0
    for subject, type, facts in zip(*members(target, tmp_path), strict=True):
        if type is None:
            continue
        printer = printer_of(type, order, facts.size)
        for leaf, contents in zip(subject.leaves, facts.contents, strict=True):
            for value, content in zip(leaf.values, contents, strict=True):
                if leaf.indices and isinstance(leaf.type, Number) and leaf.type.kind == CHARACTER:
                    continue
                read = json.loads(printer.json(content))[leaf.member.name]
                for index in leaf.indices:
                    read = read[index]
                count += _is_same(read, value)
    assert count > 10 * COUNT


@pytest.mark.parametrize(("target", "order"), [("bpfel", "little"), ("bpfeb", "big")])
def test_members_are_read_and_written(target: str, order: Order, tmp_path: Path) -> None:
    """By name, between other bits that are noise and stay as they were."""
    known = members(target, tmp_path)
    made = [
        None if type is None else access_of(shape_of(type, facts.size), order)
        for type, facts in zip(known.types, known.facts, strict=True)
    ]
    count = 0
    for asked in operations(slots_of(known.subjects), known.facts, SEED):
        access, leaf, name = made[asked.slot.subject], asked.slot.leaf, asked.slot.member.name
        if access is None:
            continue
        data = bytearray(asked.sent[: access.size])
        place = access.get(data, 0)
        if leaf is None:
            size = asked.slot.value_size
            value = place[name]
            if value is None or isinstance(value, bytes):
                continue  # a `char[N]`, which ends at its NUL, or the kernel's
            if asked.writes and isinstance(value, View):
                place[name] = asked.sent[-size:]
                assert data == asked.answer, asked
                count += 1
            elif not asked.writes:
                assert bytes(value) == asked.answer, asked
                count += 1
            continue
        key: Any = name
        for index in leaf.indices:
            place, key = place[key], index
        if isinstance(place, bytes) or place[key] is None:
            continue
        is_real = isinstance(leaf.type, Number) and leaf.type.kind == FLOATING
        if asked.writes:
            number = int.from_bytes(asked.sent[-16:], "little", signed=leaf.type.signed)
            place[key] = struct.unpack_from("<d", asked.sent[-16:])[0] if is_real else number
            assert data == asked.answer, asked
        elif is_real:
            assert struct.pack("<d", place[key]) == asked.answer[:8], asked
        else:
            assert (place[key] % 2**128).to_bytes(16, "little")[: len(asked.answer)] == asked.answer
        count += 1
    assert count > 20 * COUNT


def _is_same(read: Any, value: float) -> bool:
    """Check that *read*, of JSON, is *value*, where it is no name; return whether it was one."""
    if read is None or (isinstance(read, str) and not read.startswith("0x") and not read.isdigit()):
        return False
    number = int(read, 0) if isinstance(read, str) else read
    assert number == value, (read, value)
    return True
