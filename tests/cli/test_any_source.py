"""A source is a source: outputs from objects and from C, as from the language."""

from __future__ import annotations

import json
import os
import re
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import bpfgen
from bpfgen.cli import main
from bpfgen.compiler import emit_files
from bpfgen.emit import BACKENDS
from bpfgen.sources import LANGUAGE, OBJECT, C, contents_of, open_source
from bpfgen.text.diagnostics import FormatError
from tests.compiled import MACROS, compile_c
from tests.tools import clang_program, require_clang

if TYPE_CHECKING:
    Capture = pytest.CaptureFixture[str]

DECLARED = """
enum colour { RED, GREEN = 7 };
struct event { __u32 id; char name[5]; enum colour colour; };
struct unused { struct event event; __u8 rest[3]; };
typedef struct { __u64 packets; } counter;
union either { __u32 word; __u8 bytes[4]; };
struct only_named;
typedef int no_object(int);
"""

MAPS = """
struct { __uint(type, 1); __type(key, __be32); __type(value, counter); __uint(max_entries, 8); }
    flows SEC(".maps");
"""

USES = """
int total = 1; const volatile int limit = 2; int zero;
struct only_named *behind; no_object *call;
int use(struct unused *u, union either *e) { return u->rest[0] + e->word + total + limit + zero; }
"""

PROGRAM = f"{MACROS}{DECLARED}{MAPS}{USES}"
WITHOUT_MAPS = f"{MACROS}{DECLARED}{USES}"


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Put an object, its C and a source of the same map into a directory, and go there."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("BPFGEN_CLANG", require_clang())
    Path("prog.bpf.o").write_bytes(compile_c(PROGRAM))
    Path("prog.bpf.c").write_text(PROGRAM)
    Path("maps.dsl").write_text(
        "typedef struct { __u64 packets; } counter;\nmap flows: hash<__be32, counter>[8];\n"
    )


def model(*words: str) -> dict[str, Any]:
    """Return what `bpfgen WORDS` writes as JSON."""
    assert main([*words, "-o", "out.json"]) == 0
    written: dict[str, Any] = json.loads(Path("out.json").read_text())
    return written


@pytest.mark.parametrize("source", ["prog.bpf.o", "prog.bpf.c"])
def test_the_maps_are_those_of_the_language(source: str) -> None:
    """An object and C give the maps and types that a source of the language gives."""
    own, other = model("maps.dsl"), model(source)
    assert own["maps"][0].pop("line") == 2
    assert other["maps"][0].pop("line") is None
    assert other["maps"] == own["maps"]
    assert [type["name"] for type in other["types"]] == [type["name"] for type in own["types"]]


@pytest.mark.parametrize("source", ["prog.bpf.o", "prog.bpf.c"])
def test_a_header_comes_from_any_source(source: str, capfd: Capture) -> None:
    """It says where it comes from, and clang has seen it; what import has to say stays away."""
    assert main([source, "-o", "gen.h", "--verify"]) == 0
    text = Path("gen.h").read_text()
    assert f"from {source}" in text.splitlines()[0]
    assert "} flows SEC(" in text
    assert "warning" not in capfd.readouterr().err


def test_an_object_says_what_is_left_out(capfd: Capture) -> None:
    """Its global data are maps for a loader, and no output has them; `-v` says so."""
    assert main(["prog.bpf.o", "-o", "out.json"]) == 0
    assert capfd.readouterr().err == ""
    assert main(["prog.bpf.o", "-o", "out.json", "-v"]) == 0
    note = capfd.readouterr().err
    assert note.startswith("note[import-lost]: prog.bpf.o: left out: ")
    assert {".rodata", ".data", ".bss"} <= set(re.findall(r"\.\w+", note))


def test_names_below_a_directory_lose_both_suffixes() -> None:
    """`prog.bpf.o` is `prog` for everybody: a module can't be called `prog.bpf`."""
    assert main(["prog.bpf.o", "--emit", "json,header", "--out-dir", "gen", "--no-verify"]) == 0
    assert sorted(path.name for path in Path("gen").iterdir()) == ["prog.h", "prog.json"]


def requested(path: str, *types: str) -> list[str]:
    """Return the names of the types that --types adds, and of those that are declared."""
    opened = open_source(path, contents_of(path), types=types)
    assert not opened.failed, opened.diagnostics
    assert opened.compilation is not None
    model = opened.compilation.model
    assert not [key for key in model.types if key[1].startswith("__bpfgen")]
    names = (getattr(type, "tag", None) or getattr(type, "name", "") for type in model.requested)
    return [str(name) for name in names]


@pytest.mark.parametrize("source", ["prog.bpf.o", "prog.bpf.c"])
def test_types_that_no_map_needs(source: str) -> None:
    """By name or with the word before it; what they hold comes with them."""
    wanted = ("unused", "union either", "colour", "counter")
    assert requested(source, *wanted) == ["unused", "either", "colour", "counter"]
    made = model(source, "--types", "unused,union either", "--types", "counter")
    names = {type["name"] for type in made["types"]}
    assert {"unused", "either", "event", "colour", "counter"} <= names
    assert main([source, "--types", "unused", "-o", "gen.h", "--verify"]) == 0


@pytest.mark.parametrize("suffix", ["o", "c"])
def test_types_alone_are_enough(suffix: str, capfd: Capture) -> None:
    """What has no map has types; without either there is nothing to write."""
    Path("types.o").write_bytes(compile_c(WITHOUT_MAPS))
    Path("types.c").write_text(WITHOUT_MAPS)
    made = model(f"types.{suffix}", "--types", "unused")
    assert made["maps"] == []
    assert "unused" in {type["name"] for type in made["types"]}
    capfd.readouterr()
    assert main([f"types.{suffix}", "-o", "none.json"]) == 1
    shown = capfd.readouterr().err
    assert f"types.{suffix}: there is no map that an output could have" in shown
    assert not Path("none.json").exists()


@pytest.mark.parametrize("source", ["prog.bpf.o", "prog.bpf.c"])
@pytest.mark.parametrize(
    ("wanted", "message", "advice"),
    [
        (
            "unusd",
            "prog.bpf.{}: there is no type `unusd`, which --types asks for",
            "did you mean `unused`?",
        ),
        ("struct either", "there is no struct `either`", "--types either takes it"),
        ("only_named", "only_named", ""),
        ("no_object", "`no_object`", ""),
    ],
)
def test_a_type_that_cannot_be_had(
    source: str, wanted: str, message: str, advice: str, capfd: Capture
) -> None:
    """One error, and nothing is written."""
    assert main([source, "--types", wanted, "-o", "out.json"]) == 1
    shown = capfd.readouterr().err
    assert shown.count("error[unknown-type]") == 1, shown
    assert message.format(source[-1]) in shown
    assert advice in shown
    assert not Path("out.json").exists()


def test_the_language_declares_its_types_itself(capfd: Capture) -> None:
    """--types is for what has more types than one wants."""
    assert main(["maps.dsl", "--types", "counter", "-o", "out.json"]) == 2
    assert "--types is for objects and C files" in capfd.readouterr().err
    assert main(["prog.bpf.o", "--types", "a,,b", "-o", "out.json"]) == 2
    assert "--types has an empty name" in capfd.readouterr().err


def test_types_of_headers() -> None:
    """Of C it may be a type that a header declares; the output then has it, too."""
    Path("own.h").write_text("struct from_header { int a; };\n")
    Path("prog.bpf.c").write_text(f'{MACROS}#include "own.h"\n{MAPS.replace("counter", "int")}')
    assert requested("prog.bpf.c", "from_header") == ["from_header"]


def test_the_headers_of_c_are_dependencies() -> None:
    """A depfile lists what clang read, whether the maps need it or not."""
    Path("own.h").write_text("#define ENTRIES 4\n")
    text = PROGRAM.replace("max_entries, 8", "max_entries, ENTRIES")
    Path("prog.bpf.c").write_text(f'#include "own.h"\n{text}')
    assert main(["prog.bpf.c", "-o", "out.json", "--depfile", "out.d"]) == 0
    assert Path("out.d").read_text().startswith("out.json: prog.bpf.c \\\n  own.h\n")


def test_what_is_no_object(capfd: Capture) -> None:
    """One error that says what the file is instead."""
    Path("x.o").write_text("map m: hash<int, int>[4];\n")
    assert main(["x.o", "-o", "out.json"]) == 1
    assert "x.o: not an ELF file but a source of bpfgen" in capfd.readouterr().err
    Path("broken.o").write_bytes(Path("prog.bpf.o").read_bytes()[:100])
    assert main(["broken.o", "-o", "out.json"]) == 1
    assert "error[object-format]: broken.o: " in capfd.readouterr().err


@pytest.mark.parametrize(
    "name", ["-x.o", "new\nline.o", "@x.o", "#\\ ?.o", "map;x=y.c", "-c.bpf.c"]
)
def test_any_name_stays_a_name(name: str) -> None:
    """No name of an object or a C file is an option, a line of C, or a word of another."""
    Path(name).write_bytes(Path("prog.bpf.c" if name.endswith("c") else "prog.bpf.o").read_bytes())
    assert main(["-o", "gen.h", "--verify", "--types", "unused", "--", name]) == 0
    first = Path("gen.h").read_text().splitlines()[0]
    assert first.startswith("/* Generated by bpfgen from ")
    assert first.endswith("*/")


@pytest.mark.parametrize(
    "name", ["new\nline = 1;.o", "*/ line.o", '"""line.o', "\\line??/.o", "-.o"]
)
def test_no_name_gets_out_of_its_comment(name: str) -> None:
    """Of no output: each begins with its source in a comment, and means the same under any name."""
    data = contents_of("prog.bpf.o")
    for form in BACKENDS:
        texts = []
        for path in (name, "prog.o"):
            compilation = open_source(path, data).compilation
            assert compilation is not None
            texts.append(emit_files(compilation, form=form)[0].text.splitlines())
        named, plain = texts
        assert len(named) == len(plain), form
        places = [line for line, ours in zip(named, plain, strict=True) if line != ours]
        assert len(places) <= 4, (form, places)
        assert not [line for line in places if line.lstrip().startswith("line")], form


def test_an_object_from_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    """`-` is whatever comes in."""
    with open("prog.bpf.o", "rb") as stream:
        before = os.dup(0)
        os.dup2(stream.fileno(), 0)
        try:
            monkeypatch.setattr("sys.stdin", open(0, closefd=False))  # noqa: SIM115 -- it is fd 0
            assert main(["-", "-o", "out.json"]) == 0
        finally:
            os.dup2(before, 0)
            os.close(before)
    assert json.loads(Path("out.json").read_text())["maps"][0]["name"] == "flows"


def test_the_library_opens_sources() -> None:
    """`open_source` says what a source is; a broken object and a wrong question are exceptions."""
    for path, kind in (("maps.dsl", LANGUAGE), ("prog.bpf.o", OBJECT), ("prog.bpf.c", C)):
        opened = open_source(path, contents_of(path))
        assert opened.kind == kind
        assert opened.compilation is not None
        assert opened.compilation.model.name == path
        assert [map.name for map in opened.compilation.model.maps] == ["flows"]
    with pytest.raises(FormatError):
        open_source("x.o", b"no object")
    with pytest.raises(ValueError, match="declares its types itself"):
        open_source("maps.dsl", contents_of("maps.dsl"), types=["counter"])
    object = bpfgen.read_object(Path("prog.bpf.o").read_bytes())
    assert bpfgen.compile_object(object, "prog.bpf.o").compilation is not None


def test_verification_compares_with_any_source(capfd: Capture) -> None:
    """Two objects, or an object and C: the second says what the first has to define."""
    for source in ("prog.bpf.o", "prog.bpf.c", "maps.dsl"):
        assert main(["verify", "prog.bpf.o", source]) == 0
        assert "1 map is as" in capfd.readouterr().out
    Path("other.o").write_bytes(compile_c(PROGRAM.replace("max_entries, 8", "max_entries, 9")))
    assert main(["verify", "other.o", "prog.bpf.o"]) == 1
    assert "error[verify-attribute]: prog.bpf.o: " in capfd.readouterr().err
    Path("broken.o").write_bytes(b"\x7fELF")
    assert main(["verify", "other.o", "broken.o"]) == 1
    assert "error[object-format]: broken.o: " in capfd.readouterr().err


def test_an_object_does_not_depend_on_what_is_written_beside_it() -> None:
    """The same bytes, whatever a header of the same run is asked for."""
    assert main(["maps.dsl", "-o", "alone.o"]) == 0
    assert main(["maps.dsl", "-o", "beside.h", "-o", "beside.o", "--accessors"]) == 0
    assert Path("alone.o").read_bytes() == Path("beside.o").read_bytes()
    assert main(["maps.dsl", "-o", "other.o", "--accessors"]) == 2


def test_names_that_clash_in_an_object_have_a_way_out(capfd: Capture) -> None:
    """No place in a text that nobody has is shown; the command in the advice leads to an output."""
    clashing = "struct flows_map { __u64 packets; };"
    program = f"{MACROS}{clashing}{MAPS.replace('counter', 'struct flows_map')}"
    Path("prog.bpf.o").write_bytes(compile_c(program))
    assert main(["prog.bpf.o", "-o", "maps.py"]) == 1
    shown = capfd.readouterr().err
    assert "error[output-name]: prog.bpf.o: " in shown
    assert "-->" not in shown
    command = "bpfgen import prog.bpf.o -o prog.dsl"
    assert f"in what `{command}` writes" in shown
    assert main(command.split()[1:]) == 0
    source = Path("prog.dsl").read_text().replace("flows_map", "flow_count")
    Path("prog.dsl").write_text(source)
    assert main(["prog.dsl", "-o", "maps.py"]) == 0
    prints = [model(path)["maps"][0]["fingerprint"] for path in ("prog.bpf.o", "prog.dsl")]
    assert prints[0] == prints[1]


NO_TARGET = """
int enter(void) { _Pragma("GCC error \\"no __TARGET_ARCH_xxx\\"") return 0; }
"""
"""What bpf_tracing.h has in its macros; then any header may declare what a map needs."""


def test_a_header_that_needs_others_is_left_out_of_what_c_gives(capfd: Capture) -> None:
    """clang says two things of its line, and only one of them has a place in what is imported."""
    maps = MAPS.replace("counter", "struct elsewhere *")
    Path("inline.h").write_text("static __always_inline __u32 two(void) { return 2; }\n")
    Path("prog.bpf.c").write_text(f'#include "inline.h"\n{MACROS}{DECLARED}{maps}{NO_TARGET}')
    assert main(["prog.bpf.c", "-o", "maps.py"]) == 0
    shown = capfd.readouterr().err
    assert 'prog.bpf.c:1: `include "inline.h"` is left out' in shown
    assert "nothing is imported" not in shown
    assert "class flows_map:" in Path("maps.py").read_text()


def test_why_there_is_nothing_in_an_object(capfd: Capture) -> None:
    """The reason is that of `inspect`: there is no BTF, or it is for another machine."""
    words = [clang_program(), "-target", "bpf", "-O2", "-w", "-c", "prog.bpf.c", "-o", "without.o"]
    subprocess.run(words, check=True)
    machine = bytearray(compile_c(WITHOUT_MAPS))
    machine[18:20] = b"\x3e\x00"  # e_machine: EM_X86_64
    Path("other.o").write_bytes(machine)
    for name, reason in (("without.o", "needs BTF"), ("other.o", "made for machine 62")):
        assert main(["inspect", name]) == 1
        inspected = capfd.readouterr().err.splitlines()[0]
        assert reason in inspected
        assert main([name, "-o", "out.json"]) == 1
        shown = capfd.readouterr().err
        assert inspected in shown.splitlines()
        assert "--types" not in shown
    assert not Path("out.json").exists()
