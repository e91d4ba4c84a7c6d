"""What verification says beside its codes: where both sides stand, and what may be there at all."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest

from bpfgen.assemble.object import assemble
from bpfgen.building import build_object
from bpfgen.compiler import Options, compile
from bpfgen.emit.c.header import emit_anchored_unit
from bpfgen.importer.differences import differences
from bpfgen.object import read_object
from bpfgen.record import replace
from bpfgen.text.diagnostics import Subject
from bpfgen.text.source import Source
from bpfgen.verify import extra_maps, verify
from tests.compiled import MACROS, compile_c, newest
from tests.test_architecture import arrows, room_of
from tests.tools import require
from tests.verify.program import model_of, told

if TYPE_CHECKING:
    from pathlib import Path

    from bpfgen.text.diagnostics import Diagnostic

SOURCE = """\
struct value { int a; int b; };
map counters: array<__u32, value>[4];
"""


def verified(source: str, text: str, *, exact: bool = True) -> list[Diagnostic]:
    """Return what verification says of C *text*, held against *source*."""
    object = read_object(compile_c(MACROS + text, newest()))
    return verify(model_of(source), object, exact=exact)


HEADER = """
struct value { int a; long b; };
struct { __uint(type, 2); __uint(max_entries, 4); __type(key, __u32); __type(value, struct value); }
    counters SEC(".maps");
"""


def test_both_sides_are_named() -> None:
    """A difference points at the member's line and names the BTF type and the map's place."""
    size, moved, type_ = verified(SOURCE, HEADER)
    assert [d.message for d in (size, moved, type_)] == [
        "`struct value` is declared with 8 bytes and emitted with 16",
        "member `b` of `struct value` is declared at bit 32 and emitted at bit 64",
        "member `b` of `struct value` is declared as `int` and emitted as `long`",
    ]
    assert moved.span is not None
    assert moved.span.text == "b"
    assert moved.map == "counters"
    assert moved.label == "declared here"
    declared, emitted = moved.notes
    assert declared == "declared: damage.dsl:1"
    assert emitted.startswith("emitted: BTF type [")
    assert "`long`" in emitted
    assert "the map is at byte 0x0 of section `.maps`" in emitted


def test_what_differs_is_named_as_a_value() -> None:
    """A difference has the struct and member, or the map and attribute, that a program can ask."""
    size, moved, type_ = verified(SOURCE, HEADER)
    assert size.subject == Subject("struct", "value")
    assert moved.subject == type_.subject == Subject("struct", "value", "b")
    text = HEADER.replace("long b", "int b").replace("max_entries, 4", "max_entries, 5")
    (entries,) = verified(SOURCE, text)
    assert entries.subject == Subject("map", "counters", "max_entries")
    (key,) = verified(SOURCE, HEADER.replace("long b", "int b").replace("key, __u32", "key, int"))
    assert key.subject == Subject("map", "counters", "key")


def test_a_changed_name_hides_nothing_else() -> None:
    """Import has said that a member got another name; that its type differs too, it says."""
    model = model_of(SOURCE)
    object = read_object(compile_c(MACROS + HEADER.replace("long b", "unsigned c"), newest()))
    renamed, retyped = differences(model, object)
    assert renamed.message.endswith("member `b` of `struct value` is emitted as `c`")
    (rest,) = differences(model, object, renamed={"b"})
    assert rest.message == retyped.message
    assert rest.message.endswith("is declared as `int` and emitted as `unsigned int`")
    assert not any(note.startswith("declared") for note in rest.notes)


def test_a_program_with_other_maps_passes_where_it_may_have_them() -> None:
    """Extra maps are listed by `extra_maps` and told only where the object should be exact."""
    text = HEADER.replace("long b", "int b") + 'struct { __uint(type, 27); } more SEC(".maps");'
    model = model_of(SOURCE)
    object = read_object(compile_c(MACROS + text, newest()))
    assert [found.name for found in extra_maps(model, object)] == ["more"]
    assert told(verify(model, object, exact=False)) == ""
    assert [d.map for d in verify(model, object)] == ["more"]


def test_a_hand_written_map_may_have_any_struct() -> None:
    """Whether the definition struct has a name matters only in what bpfgen makes itself."""
    text = """
struct value { int a; int b; };
struct shape {
    __uint(type, 2); __uint(max_entries, 4); __type(key, __u32); __type(value, struct value);
};
struct shape counters SEC(".maps");
"""
    assert told(verified(SOURCE, text, exact=False)) == ""
    assert [d.code for d in verified(SOURCE, text)] == ["verify-definition"]


@pytest.mark.parametrize(
    ("attribute", "emitted", "message"),
    [
        ("", "", ""),
        ("", "__uint(map_flags, 0);", "isn't declared and is emitted as 0"),
        ("map_flags = 0;", "", "is declared as 0 and not emitted"),
        ("map_flags = 0;", "__uint(map_flags, 0);", ""),
        ("map_flags = runtime;", "", ""),
        ("map_flags = runtime;", "__uint(map_flags, 0);", "left to the loader and emitted as 0"),
    ],
)
def test_absent_zero_and_runtime_are_three_things(
    attribute: str, emitted: str, message: str
) -> None:
    """Exactly what was declared is emitted: nothing for what is absent or left to the loader."""
    source = f"map m: hash<__u32, __u32>[4] {{ {attribute} }}"
    text = f"""struct {{ __uint(type, 1); __uint(max_entries, 4); __type(key, __u32);
        __type(value, __u32); {emitted} }} m SEC(".maps");"""
    found = told(verified(source, text))
    assert message in found if message else found == ""


def test_clang_14_is_advised_against_where_it_loses_bits() -> None:
    """What clang 14 can't express is an error that names the way out."""
    source = "map m: arena[4] { map_extra = 1ULL << 44; map_flags = BPF_F_MMAPABLE; }"
    model = model_of(source)
    data = compile_c(emit_anchored_unit(model).text, "clang-14")
    (found,) = verify(model, read_object(data))
    assert found.message.endswith("is declared as 17592186044416 and emitted as 0")
    assert "newer" in found.help


def test_an_imported_map_is_extern(tmp_path: Path) -> None:
    """A map of an imported file that a slot names is compared too, as an extern one."""
    tmp_path.joinpath("common.dsl").write_text(
        "template table: hash<__u32, __u64>[16];\nmap theirs: table;\nmap unused: table;\n"
    )
    source = tmp_path / "user.dsl"
    source.write_text(
        'import "common.dsl";\nmap mine: array_of_maps<__u32, table>[2] = { [1] = theirs };\n'
    )
    compilation = compile(Source(str(source), source.read_text()), Options())
    data, diagnostics = build_object(compilation, Options())
    assert data is not None, diagnostics
    object = read_object(data)
    theirs = object.map_named("theirs")
    assert theirs is not None
    assert theirs.linkage == "extern"
    assert verify(compilation.model, object) == []
    other = replace(
        object,
        maps=tuple(replace(m, linkage="global") if m is theirs else m for m in object.maps),
    )
    assert "verify-linkage: map `theirs` is declared extern by import" in told(
        verify(compilation.model, other)
    )


def test_linked_objects_are_as_declared(tmp_path: Path) -> None:
    """What `bpftool gen object` makes of two objects still has the maps that each declares.

    The owner comes first: where the extern map does, bpftool 7.1 leaves its place in the DATASEC 0.
    """
    bpftool = require("bpftool")
    user = "extern map table: hash<__u32, __u64>[16];\nmap own: array<__u32, __u64>[2];\n"
    owner = "map table: hash<__u32, __u64>[16];\n"
    for name, text in (("user", user), ("owner", owner)):
        data = compile_c(emit_anchored_unit(model_of(text)).text, newest())
        tmp_path.joinpath(f"{name}.o").write_bytes(data)
    subprocess.run(
        [bpftool, "gen", "object", "linked.o", "owner.o", "user.o"], cwd=tmp_path, check=True
    )
    linked = read_object(tmp_path.joinpath("linked.o").read_bytes())
    for text in (user, owner):
        assert told(verify(model_of(text), linked, exact=False)) == ""
    assert told(verify(model_of(user), linked, foreign=True)) == ""
    assert "map `table` is declared extern and emitted global" in told(
        verify(model_of(user), linked)
    )


def test_a_program_may_be_linked_with_what_its_source_imports(tmp_path: Path) -> None:
    """It then has the import's definition, and those maps are no others."""
    bpftool = require("bpftool")
    owner = "map table: hash<__u32, __u64>[16];\n"
    user = 'import "owner.dsl";\nmap own: array<__u32, __u64>[2];\n'
    models = {}
    for name, text in (("owner", owner), ("user", user)):
        source = tmp_path / f"{name}.dsl"
        source.write_text(text)
        models[name] = compile(Source(str(source), text), Options()).model
        tmp_path.joinpath(f"{name}.o").write_bytes(assemble(models[name], "little"))
    subprocess.run(
        [bpftool, "gen", "object", "linked.o", "owner.o", "user.o"], cwd=tmp_path, check=True
    )
    linked = read_object(tmp_path.joinpath("linked.o").read_bytes())
    table = linked.map_named("table")
    assert table is not None
    assert table.linkage == "global"
    assert told(verify(models["user"], linked, foreign=True)) == ""
    assert [found.name for found in extra_maps(models["owner"], linked)] == ["own"]


def test_the_kernels_structs_may_have_other_members() -> None:
    """Of a kernel's own struct only tag and size count: its members are the headers' affair."""
    source = "struct v { struct bpf_timer timer; };\nmap m: array<__u32, v>[1];\n"
    text = """struct bpf_timer { __u64 : 64; __u64 : 64; };
struct v { struct bpf_timer timer; };
struct { __uint(type, 2); __uint(max_entries, 1); __type(key, __u32); __type(value, struct v); }
    m SEC(".maps");"""
    assert told(verified(source, text)) == ""


@pytest.mark.parametrize(
    ("rooms", "others"),
    [
        (("elf", "btf", "object", "verify"), ("syntax", "resolve", "emit", "clang")),
        (("emit",), ("elf", "btf", "object", "verify")),
    ],
)
def test_readers_and_writers_share_the_vocabulary_alone(
    rooms: tuple[str, ...], others: tuple[str, ...]
) -> None:
    """What reads an object reaches nothing that writes one, through whatever imports; and back."""
    reached = reached_from({name for name in arrows() if room_of(name) in rooms})
    assert sorted(name for name in reached if room_of(name) in others) == []


READERS = {f"bpfgen.{name}" for name in ("btf.convert", "btf.decode", "elf.read", "elf.tables")}
WRITERS = {
    f"bpfgen.{name}"
    for name in ("btf.encode", "btf.encode_variables", "btf.write", "elf.write", "assemble.object")
}


def test_what_writes_objects_and_what_reads_them_have_nothing_in_common() -> None:
    """Neither reaches the other: the constants of ELF and BTF and the types are all they share."""
    writers = WRITERS | {name for name in arrows() if room_of(name) == "assemble"}
    readers = READERS | {name for name in arrows() if room_of(name) == "object"}
    verifiers = {name for name in arrows() if room_of(name) == "verify"}
    assert sorted(reached_from(writers) & (readers | verifiers)) == []
    assert sorted(reached_from(readers) & writers) == []


def reached_from(modules: set[str]) -> set[str]:
    """Return *modules* and all that they import, through whatever imports."""
    reached = set(modules)
    pending = list(reached)
    while pending:
        further = arrows()[pending.pop()].keys() - reached
        reached |= further
        pending.extend(further)
    return reached
