"""A project's own flags: cc's words on the command line of import, and a compile_commands.json."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from bpfgen.clang.arguments import read_flags
from bpfgen.clang.compile_commands import CommandsError, command_for
from bpfgen.commands.arguments import parsed
from bpfgen.ctype.sizes import sizeof
from bpfgen.object import read_object
from tests.tools import clang_program, require_clang

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

MACROS = """\
#define SEC(name) __attribute__((section(name), used))
#define __uint(name, val) int (*name)[val]
#define __type(name, val) __typeof__(val) *name
"""
MAP = """\
struct { __uint(type, 1); __uint(max_entries, SIZE); __type(key, int); __type(value, struct v); }
m SEC(".maps");
"""

SELF_CONTAINED = (
    "struct { int (*type)[1]; int (*max_entries)[4]; int *key; int *value; }"
    ' m __attribute__((section(".maps"), used));\n'
)


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give a project whose program says nothing without its flags, as the working directory."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "src").mkdir()
    (tmp_path / "inc").mkdir()
    (tmp_path / "inc/macros.h").write_text(f"#pragma once\n{MACROS}")
    (tmp_path / "inc/types.h").write_text(
        "#pragma once\n#ifdef WIDE\nstruct v { long a; int b; };\n#else\n#error narrow\n#endif\n"
    )
    (tmp_path / "src/prog.bpf.c").write_text(f"#include <types.h>\n{MAP}")
    return tmp_path


def bpfgen(*words: str, status: int = 0) -> str:
    """Run the command with the tests' clang; return what it printed and said."""
    command = [sys.executable, "-m", "bpfgen", *words]
    environment = dict(os.environ, BPFGEN_CLANG=require_clang())
    run = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    assert run.returncode == status, run.stdout + run.stderr
    return run.stdout + run.stderr


def emitted(*words: str) -> bytes:
    """Return the object that clang itself makes of the program with *words*."""
    command = [clang_program(), "-target", "bpf", "-g", "-O2", "-c", "src/prog.bpf.c"]
    subprocess.run([*command, *words, "-o", "witness.o"], check=True)
    with open("witness.o", "rb") as stream:
        return stream.read()


FLAGS = "-isystem inc -include inc/macros.h -DWIDE -DSIZE=3+4 -mcpu=v3 -std=gnu11 -fno-common"


def test_flags_are_pasted_as_they_are(project: Path) -> None:
    """What clang compiles with them is what is imported with them, and what headers need follows.

    The source that comes out compiles with what concerns its headers, and to the same map.
    """
    words = f"{FLAGS} -O2 -g -Wall -Wno-pointer-sign -Wno-unused-value -target bpf -c -pipe -MD -MP"
    assert bpfgen("import", "src/prog.bpf.c", *words.split(), "-o", "maps.dsl") == ""
    text = (project / "maps.dsl").read_text()
    assert "include <types.h>;" in text
    assert "map m: hash<int, struct v>[SIZE];" in text
    (witness,) = read_object(emitted(*FLAGS.split())).maps
    extra = "--clang-arg -isystem --clang-arg inc --clang-arg -DWIDE"
    bpfgen("maps.dsl", "-o", "maps.o", *extra.split())
    (found,) = read_object((project / "maps.o").read_bytes()).maps
    assert found.definition.numbers == witness.definition.numbers
    assert found.definition.value == witness.definition.value
    assert "as maps.dsl declares it" in bpfgen("verify", "witness.o", "maps.dsl", *extra.split())
    # The C is a source of a compile and of a comparison, too.
    bpfgen("src/prog.bpf.c", *FLAGS.split(), "-o", "direct.o")
    (direct,) = read_object((project / "direct.o").read_bytes()).maps
    assert direct.definition.value == witness.definition.value
    assert "declares it" in bpfgen("verify", "witness.o", "src/prog.bpf.c", *FLAGS.split())


def test_a_header_that_is_forced_in_is_included(project: Path) -> None:
    """Its types come from it, by a name that is found; in the depfile it is as well."""
    (project / "src/prog.bpf.c").write_text(MAP)
    words = "-include inc/macros.h -include inc/types.h -I inc -D WIDE -DSIZE=1"
    assert bpfgen("import", "src/prog.bpf.c", *words.split(), "-o", "maps.dsl") == ""
    assert 'include "types.h";' in (project / "maps.dsl").read_text()
    bpfgen("src/prog.bpf.c", *words.split(), "-o", "maps.json", "--depfile", "maps.d")
    listed = (project / "maps.d").read_text()
    assert "inc/macros.h" in listed
    assert "inc/types.h" in listed


def test_a_header_that_is_forced_in_is_named_as_typed(
    project: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Where it is wrong, no private directory of a run shows; where it's right, it is included."""
    header = tmp_path_factory.mktemp("apart") / "forced.h"
    header.write_text("root:x:0:0\n")
    (project / "src/prog.bpf.c").write_text(SELF_CONTAINED)
    words = ("import", "src/prog.bpf.c", "-include", str(header), "-o", "maps.dsl")
    said = bpfgen(*words)
    assert f": {header}:1: " in said
    assert "/bpfgen-" not in said
    header.write_text("#pragma once\nstruct apart { int a; };\n")
    (project / "src/prog.bpf.c").write_text(SELF_CONTAINED.replace("int *key", "struct apart *key"))
    assert bpfgen(*words) == ""
    assert f'include "{header}";' in (project / "maps.dsl").read_text()


@pytest.mark.parametrize(
    ("typed", "own", "clangs"),
    [
        ("x.c -o y -Isrc -DA -W no-key-padding", ["x.c"], []),
        ("x.c -isystem inc -o y", ["x.c"], ["-isystem", "inc"]),
        ("x.c -Wall -Wno-key-padding -Werror", ["x.c"], []),
        ("x.c -Wno-key-paddin", None, []),
        ("x.c -Wno-unused -Wextra-semi", ["x.c"], ["-Wno-unused", "-Wextra-semi"]),
        ("x.c -DA= -DF(x)=x -D B=1", ["x.c"], ["-DA=", "-DF(x)=x"]),
        ("x.c -pthread -pipe -pedantic -pbuild", ["x.c"], ["-pthread", "-pipe", "-pedantic"]),
        ("x.c --target=bpfeb -target bpf", ["x.c"], ["--target=bpfeb", "-target", "bpf"]),
        ("x.c -O2 -g -c -MF d -MT t", ["x.c"], ["-O2", "-g", "-c", "-MF", "d", "-MT", "t"]),
        ("-include a.h -- -x.c", ["-x.c"], ["-include", "a.h"]),
        ("x.c -isystm inc", None, []),
    ],
)
def test_whose_word_is_it(typed: str, own: list[str] | None, clangs: list[str]) -> None:
    """Words that bpfgen has a meaning for keep it; those of cc go there with their values."""
    from bpfgen.commands import UsageError

    if own is None:
        with pytest.raises(UsageError):
            parsed("import", typed.split())
        return
    arguments = parsed("import", typed.split())
    assert (arguments.inputs, arguments.cc_words) == (own, clangs)


def test_in_a_compile_words_are_cc_s_for_c_alone(project: Path) -> None:
    """For a source of the language the message says how clang gets them."""
    (project / "m.dsl").write_text("map m: array<int, int>[1];\n")
    said = bpfgen("m.dsl", "-isystem", "inc", "-o", "m.h", status=2)
    assert "it is a flag of clang's: --clang-arg=-isystem" in said
    said = bpfgen("import", "src/prog.bpf.c", "-Xclang", "-load", "-o", "maps.dsl", status=2)
    assert "`-Xclang` isn't given to clang" in said


def commands(*entries: Mapping[str, object]) -> None:
    """Write a build directory with a compile_commands.json of *entries*."""
    os.makedirs("build", exist_ok=True)
    with open("build/compile_commands.json", "w", encoding="utf-8") as stream:
        json.dump(entries, stream)


IN_BUILD = (
    "clang -O2 -target bpf -I../inc -include ../inc/macros.h '-DSIZE=1 + 1' -DWIDE "
    "-fplugin=./x.so -MD -MF d -c ../src/prog.bpf.c -o prog.o"
)


@pytest.mark.parametrize("form", ["command", "arguments"])
@pytest.mark.parametrize("directory", [".", "absolute"])
def test_flags_of_the_build(project: Path, form: str, directory: str) -> None:
    """Both forms; paths are those of the directory; what would load something is left out."""
    command: object = IN_BUILD if form == "command" else shlex.split(IN_BUILD)
    place = str(project / "build") if directory == "absolute" else directory
    commands({"directory": place, "file": "../src/prog.bpf.c", form: command})
    said = bpfgen("import", "src/prog.bpf.c", "-p", "build", "-o", "maps.dsl")
    assert "clang isn't given -fplugin=./x.so\n" in said
    text = (project / "maps.dsl").read_text()
    assert "include <types.h>;" in text
    assert "const SIZE = 1 + 1;" in text
    bpfgen("src/prog.bpf.c", "-p", "build", "-o", "maps.h", "--depfile", "maps.d")
    assert "build/compile_commands.json" in (project / "maps.d").read_text()


def test_the_command_line_comes_after_the_build(project: Path) -> None:
    """A macro that both define is what the command line says."""
    commands({"directory": ".", "file": "../src/prog.bpf.c", "command": IN_BUILD})
    bpfgen("import", "src/prog.bpf.c", "-p", "build", "-DSIZE=9", "-o", "maps.dsl")
    assert "const SIZE = 9;" in (project / "maps.dsl").read_text()


def test_several_commands_for_one_file(project: Path) -> None:
    """The one for BPF counts, then the first; that others differ is a warning."""
    host = {"directory": ".", "file": "../src/prog.bpf.c", "command": "cc -DHOST ../src/prog.bpf.c"}
    bpf = {**host, "command": IN_BUILD}
    commands(host, bpf)
    found = command_for("build", "src/prog.bpf.c")
    assert "-DWIDE" in found.flags.arguments
    assert len(found.others) == 1
    said = bpfgen("import", "src/prog.bpf.c", "-p", "build", "-o", "maps.dsl")
    assert "warning[compile-commands]: `build/compile_commands.json` compiles" in said
    assert "-DHOST" in said
    commands(bpf, bpf)
    assert command_for("build/compile_commands.json", "src/prog.bpf.c").others == ()
    del project


def test_a_command_without_a_target_is_a_host_s(project: Path) -> None:
    """clang hands it to `llc -march=bpf`: headers see the machine, and no `__bpf__`."""
    entry = {"directory": ".", "file": "../src/prog.bpf.c"}
    commands({**entry, "command": "clang -emit-llvm -DA -c ../src/prog.bpf.c"})
    flags = command_for("build", "src/prog.bpf.c").flags
    assert (flags.target, flags.arguments[-1]) == ("", "-DA")
    assert {"-U__bpf__", "-D__linux__"} <= set(flags.arguments)
    for compiler in ("bpf-unknown-none-gcc", "clang --target=bpf"):
        commands({**entry, "command": f"{compiler} -DA -c ../src/prog.bpf.c"})
        flags = command_for("build", "src/prog.bpf.c").flags
        assert (flags.target, flags.arguments) == ("bpf", ("-DA",))
    del project


@pytest.mark.parametrize(
    ("text", "what"),
    [
        (None, "no such file or directory"),
        ("{", "is no JSON"),
        ("\udcff", "is no JSON"),
        ("[" * 100_000, "is no JSON"),
        ("{}", "is no list of commands"),
        ("[1]", "entry 1 of `build/compile_commands.json` is no command"),
        ('[{"file": 1}]', "`file` and `directory` are texts"),
        ('[{"file": "x.c"}]', "`arguments` is a list of texts, `command` a text"),
        ('[{"file": "x.c", "arguments": [1]}]', "`arguments` is a list of texts"),
        ('[{"file": "x.c", "command": "cc \'"}]', "its quotes don't match"),
        ("[]", "`src/prog.bpf.c` isn't listed in `build/compile_commands.json`"),
        (
            '[{"file": "../other/prog.bpf.c", "command": "cc x"}]',
            "other/prog.bpf.c` is, a file of the same name",
        ),
    ],
)
def test_what_is_wrong_with_it(project: Path, text: str | None, what: str) -> None:
    """A sentence, and what to do; nothing is written."""
    if text is not None:
        (project / "build").mkdir()
        data = text.encode("utf-8", "surrogateescape")
        (project / "build/compile_commands.json").write_bytes(data)
    with pytest.raises(CommandsError) as raised:
        command_for(
            "build" if text is not None else "build/compile_commands.json", "src/prog.bpf.c"
        )
    assert what in f"{raised.value.what} {raised.value.advice}"


def test_only_a_regular_file_is_read(project: Path) -> None:
    """A pipe would have us wait, a device fill the memory; what is huge isn't read either."""
    path = project / "compile_commands.json"
    os.mkfifo(path)
    with pytest.raises(CommandsError, match="is no regular file"):
        command_for(".", "src/prog.bpf.c")
    path.unlink()
    path.symlink_to("/dev/zero")
    said = bpfgen("import", "src/prog.bpf.c", "-p", ".", "-o", "maps.dsl", status=2)
    assert "error[compile-commands]: `./compile_commands.json` is no regular file" in said
    path.unlink()
    path.touch()
    os.truncate(path, (64 << 20) + 1)
    with pytest.raises(CommandsError, match="it goes on after 64 MiB"):
        command_for(".", "src/prog.bpf.c")


def test_no_such_directory_is_a_message(project: Path) -> None:
    """With status 2, as other wrong usage; a header's advice is another one."""
    said = bpfgen("import", "src/prog.bpf.c", "-p", "build", "-o", "maps.dsl", status=2)
    assert "error[compile-commands]: cannot read `build`: no such file or directory" in said
    commands()
    said = bpfgen("inc/types.h", "-p", "build", "-o", "x.json", status=2)
    assert "give the flags of a program that includes it" in said
    assert not (project / "maps.dsl").exists()


def test_c_for_a_host_s_front_end(project: Path) -> None:
    """Headers see its macros; `long` and pointers have the size that they have on BPF."""
    (project / "src/prog.bpf.c").write_text(
        f"{MACROS}#if !defined(__x86_64__) || defined(__bpf__)\n#error no host\n#endif\n"
        f"struct v {{ long a; void *b; long double *c; char d; }};\n{MAP}"
    )
    words = ("-target", "x86_64-linux-gnu", "-DSIZE=1")
    assert bpfgen("import", "src/prog.bpf.c", *words, "-o", "maps.dsl") == ""
    command = [clang_program(), *words, "-g", "-O2", "-S", "-emit-llvm", "src/prog.bpf.c", "-o"]
    if subprocess.run([*command, "host.ll"], check=False, capture_output=True).returncode:
        pytest.skip("this clang has no x86")
    bpfgen("maps.dsl", "-o", "maps.o")
    (found,) = read_object((project / "maps.o").read_bytes()).maps
    assert found.definition.value is not None
    assert read_flags([*words]).arguments[0] == "-U__bpf__"


CALLED_MEMBERS = """\
#include "shared.h"
struct base { int a; char c; };
typedef struct { short s1, s2; } pair_t;
typedef struct base base_t;
struct deep { struct base; struct __attribute__((packed)) { char z; struct base named; }; };
struct one { struct base; int b; union mixed { int x; struct deep d; }; pair_t; };
struct two { base_t; struct { int q; struct lone { long l; }; }; enum kind { A, B }; };
struct three { struct shared; enum kind kind; };
"""


@pytest.mark.parametrize(
    "flags", [[], ["-fms-extensions"], ["-fms-extensions", "-fno-ms-extensions"]]
)
def test_members_that_are_called_like_their_types(project: Path, flags: list[str]) -> None:
    """Their layout is what the flag gives: of the C itself and of its headers, nested or not.

    Without it they are no members, and clang says so in a warning.
    """
    (project / "inc/shared.h").write_text(
        "#pragma once\nstruct inner { long i; };\nstruct shared { struct inner; int own; };\n"
    )
    maps = "".join(
        MAP.replace("SIZE", "1").replace("struct v", f"struct {name}").replace("\nm ", f"\n{name} ")
        for name in ("deep", "one", "two", "three", "shared")
    )
    (project / "src/prog.bpf.c").write_text(f"{MACROS}{CALLED_MEMBERS}{maps}")
    witness = read_object(emitted("-I", "inc", "-w", *flags))
    values = [map.definition.value for map in witness.maps]
    sizes = [sizeof(value) or 0 for value in values if value is not None]
    assert (sum(sizes) > 100) is (flags == ["-fms-extensions"]), sizes
    said = bpfgen("import", "src/prog.bpf.c", "-I", "inc", *flags, "-o", "maps.dsl")
    assert "warning" not in said
    assert "error" not in said
    words = [word for flag in flags for word in ("--clang-arg", flag)]
    assert "5 maps are as maps.dsl declares" in bpfgen(
        "verify", "witness.o", "maps.dsl", "-I", "inc", *words
    )
    bpfgen("maps.dsl", "-o", "maps.o", "-I", "inc", *words)
