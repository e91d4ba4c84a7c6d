"""What a stranger chose (a source, a project file, a name) is never an option, a path or C of ours.

The compiler here is a real one behind a program that notes its arguments, so that every argument
of every run can be looked at.
"""

from __future__ import annotations

import io
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from bpfgen.clang import TARGETS
from bpfgen.clang.flags import DEFAULT_FLAGS, REQUIRED_FLAGS
from bpfgen.cli import main
from bpfgen.compiler import Options, compile
from bpfgen.text.source import Source
from tests.tools import clang_program, header_flags, require, require_clang

if TYPE_CHECKING:
    Capture = pytest.CaptureFixture[str]

HOSTILE = ["@x", "-x", "-fplugin=x", "@x y", "--x", "-I@x"]
"""Names of directories that a compiler could take for something else."""

WITH_PATH = {"-I", "-iquote", "-idirafter", "-resource-dir", "-MF", "-o"}
"""Options that a path follows as a word of its own."""

WITH_WORD = {"-x": ("c",), "-target": TARGETS, "-Xclang": ("-v",)}
"""Options that one of these words follows."""

ALONE = {flag for flag, _why in (*REQUIRED_FLAGS, *DEFAULT_FLAGS)} - {"-x", "c"} | {
    *("-c", "-E", "-MD", "-dD", "-P", "-Wno-everything", "-H")
}
"""Options that stand for themselves."""

JOINED = ("-D", "-U", "-ffile-prefix-map=")
"""Options whose value is part of the same word."""


def wrong_arguments(words: list[str]) -> list[str]:
    """Return the *words* of a compiler's run that are neither options of ours nor plain paths."""
    wrong = []
    rest = iter(words)
    for word in rest:
        if word in WITH_PATH:
            path = next(rest, "")
            if not path or path[0] in "@-":
                wrong.append(path)
        elif word in WITH_WORD:
            wrong += [value for value in [next(rest, "")] if value not in WITH_WORD[word]]
        elif word not in ALONE and not word.startswith(JOINED) and not word.startswith("/"):
            wrong.append(word)
    return wrong


def test_the_walk_knows_wrong_from_right() -> None:
    """A path that begins with `@` or `-`, and any word that nobody foresaw, is found."""
    right = ["-x", "c", "-I", "./@x", "-O2", "-DA=@x", "-o", "/a/o", "/a/m.c"]
    assert wrong_arguments(right) == []
    for word in ("@x", "-fplugin=x", "x.c"):
        assert wrong_arguments([*right, word]) == [word]
    for word in ("@x", "-x"):
        assert wrong_arguments(["-I", word, "-O2"]) == [word]


class Place:
    """A directory of a stranger's, and the runs of the compiler in it.

    Attributes:
        name: The hostile name.
    """

    def __init__(self, name: str, log: Path) -> None:
        self.name = name
        self._log = log

    def runs(self) -> list[list[str]]:
        """Return the arguments of every run of the compiler so far."""
        if not self._log.exists():
            return []
        return [run.split("\0") for run in self._log.read_text().split("\0\n")[:-1]]


@pytest.fixture(params=HOSTILE)
def place(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    """Give a directory with a source in a directory of a hostile name, and a file like that.

    Were the name of the directory taken for a response file, `./fired.h` would be included.
    """
    name: str = request.param
    work = tmp_path / "work"
    (work / name).mkdir(parents=True)
    monkeypatch.chdir(work)
    log, compiler = tmp_path / "log", tmp_path / "compiler"
    compiler.write_text(
        f'#!/bin/sh\nprintf \'%s\\0\' "$@" >>{log}\necho >>{log}\nexec {clang_program()} "$@"\n'
    )
    compiler.chmod(0o755)
    monkeypatch.setenv("BPFGEN_CLANG", str(compiler))
    (work / "fired.h").write_text("#error the name was taken for a response file\n")
    if name.startswith("@"):
        (work / name[1:]).write_text(f'"./{name}" -include ./fired.h\n')
    (work / name / "z.h").write_text("struct z { int x; };\n")
    (work / name / "y.dsl").write_text('include "z.h";\nstruct y { struct z z; };\n')
    (work / name / "self.dsl").write_text('include "z.h";\nmap m: array<int, z>[1];\n')
    (work / "user.dsl").write_text(f'import "{name}/y.dsl";\nmap m: array<int, y>[1];\n')
    (work / "search.dsl").write_text('include "z.h";\nmap m: array<int, struct z>[1];\n')
    (work / name / "prog.c").write_text(
        '#include "z.h"\n'
        "#define __uint(name, val) int (*name)[val]\n#define __type(name, val) val *name\n"
        "struct { __uint(type, 2); __uint(max_entries, 1); __type(key, int);"
        ' __type(value, struct z); } m __attribute__((section(".maps"), used));\n'
    )
    return Place(name, log)


def checked(place: Place, at_least: int = 1) -> None:
    """See that the compiler ran *at_least* so often, each time with good arguments."""
    # What a script starts is asked for its version, before what it answers is kept.
    runs = [run for run in place.runs() if run != ["--version"]]
    assert len(runs) >= at_least
    for run in runs:
        assert wrong_arguments(run) == []
        assert run[-1].endswith(".c")  # the text, last: no argument is missing


@pytest.mark.parametrize(
    "words",
    [
        ["user.dsl", "-o", "m.h"],
        ["user.dsl", "-o", "m.o"],
        ["user.dsl", "-o", "m.json"],
        ["user.dsl", "--emit", "none"],
        ["user.dsl", "--emit", "none", "--verify"],
        ["user.dsl", "--out-dir", "gen"],
        ["kinds", "--needs", "user.dsl"],
    ],
    ids=" ".join,
)
def test_a_source_names_a_directory(place: Place, words: list[str]) -> None:
    """An import from a directory of such a name compiles, in whatever way it is asked for."""
    assert main(words) == 0
    checked(place)


def test_macros_of_a_source_are_names_and_numbers(place: Place) -> None:
    """What conditions ask for reaches the compiler as `-D` and `-U` of a name, and no other way."""
    Path("modes.dsl").write_text(
        f'macro WIDE, O2;\ninclude "{place.name}/z.h";\nmap m: array<int, z>[1];\n'
        "when (WIDE == -4 || O2 > 0xffffffffffffff00) { map n: array<int, z>[1]; }\n"
    )
    assert main(["modes.dsl", "-o", "modes.h"]) == 0
    checked(place, 3)
    flags = {word for run in place.runs() for word in run if word.startswith(("-D", "-U"))}
    assert {word for word in flags if "WIDE" in word or "O2" in word} >= {"-UWIDE", "-UO2"}
    assert all(re.fullmatch(r"-[DU]\w+(=[-()\w]+)?", word) for word in flags), flags


def test_a_header_is_checked(place: Place) -> None:
    """--check compiles as well, and sees no difference."""
    assert main(["user.dsl", "-o", "m.h"]) == 0
    assert main(["user.dsl", "-o", "m.h", "--check"]) == 0
    checked(place, 3)


def test_standard_input(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """A source that comes through a pipe imports likewise."""
    stdin: Any = io.TextIOWrapper(io.BytesIO(Path("user.dsl").read_bytes()))
    monkeypatch.setattr(sys, "stdin", stdin)
    assert main(["-", "-o", "m.h"]) == 0
    checked(place)


@pytest.mark.parametrize("command", ["", "import", "verify", "kinds"])
def test_the_file_itself_is_there(place: Place, command: str, capfd: Capture) -> None:
    """A source, a C file and an object in such a directory, named after `--`."""
    if command == "":
        assert main(["-o", "m.h", "--", f"{place.name}/self.dsl"]) == 0
    elif command == "import":
        assert main(["import", "-o", "m.dsl", "--", f"{place.name}/prog.c"]) == 0
        assert "array<int, struct z>[1]" in Path("m.dsl").read_text()
    elif command == "verify":
        assert main(["-o", "m.o", "--", f"{place.name}/self.dsl"]) == 0
        assert main(["verify", "--", "m.o", f"{place.name}/self.dsl"]) == 0
    else:
        name = f"{place.name}/self.dsl"
        assert main(["kinds", f"--needs={name}"]) == 0
        assert f"{name} works on every kernel since Linux 3.19" in capfd.readouterr().out
    checked(place)


def test_a_directory_of_the_command_line(place: Place) -> None:
    """-I with such a name, for headers and for the import of C."""
    assert main([f"-I{place.name}", "search.dsl", "-o", "m.h"]) == 0
    Path("prog.c").write_text(Path(place.name, "prog.c").read_text())
    assert main(["import", f"-I{place.name}", "prog.c", "-o", "p.dsl"]) == 0
    checked(place, 3)


@pytest.mark.parametrize("before", ["", "./", "sub/../"])
def test_a_directory_of_a_project_file(place: Place, before: str) -> None:
    """Normalised or not, it is a directory."""
    Path("sub").mkdir()
    Path("pyproject.toml").write_text(
        f'[tool.bpfgen]\ninclude-directories = ["{before}{place.name}"]\n'
    )
    assert main(["search.dsl", "-o", "m.h"]) == 0
    assert main(["search.dsl", "-o", "m.o"]) == 0
    checked(place, 4)


def test_the_names_are_those_of_the_files(place: Place, capfd: Capture) -> None:
    """What is said of a header names it; the depfile lists it, if it can hold the name."""
    Path(place.name, "z.h").write_text("struct z { undefined_t x; };\n")
    assert main([f"-I{place.name}", "search.dsl", "-o", "m.h"]) == 1
    assert f"{place.name}/z.h" in capfd.readouterr().err
    Path(place.name, "z.h").write_text("struct z { int x; };\n")
    status = main([f"-I{place.name}", "search.dsl", "-o", "m.h", "--depfile", "d"])
    if "=" in place.name:
        assert status == 1
        assert f"no depfile can hold `{place.name}/z.h`" in capfd.readouterr().err
    else:
        assert status == 0
        assert f"{place.name}/z.h:".replace(" ", "\\ ") in Path("d").read_text()


def test_a_file_of_such_a_name_is_an_input_after_two_dashes(place: Place) -> None:
    """`--` ends what is taken for options, and what is taken for words from a file."""
    name = f"{place.name}.dsl"
    Path(name).write_text("map m: array<int, int>[1];\n")
    Path(name[1:]).write_text("--clang ./no/such/compiler\n")
    assert main(["--out-dir", "gen", "--", name]) == 0
    assert Path("gen", f"{place.name}.h").exists()
    checked(place)


# Names that become C.


BAD_NAMES = {
    "quote": ('a\\".dsl', "a double quote"),
    "line end": ("a\\n.dsl", "a line end"),
    "carriage return": ("a\\r.dsl", "a line end"),
    "backslash": ("a\\\\.dsl", "a backslash"),
    "control": ("a\\a.dsl", "the control character U+0007"),
    "reordering": ("a\u202egsl.dsl", "the invisible character U+202E"),
    "separator": ("a\u2028.dsl", "the control character U+2028"),
    "trigraph": ("a??/.dsl", "`??/`"),
    "injection": (
        'x.h\\"\\nint evil(void) { return 1; }\\n#include \\"y.dsl',
        "a double quote",
    ),
}
"""Paths of imports as a source has them, and what is wrong with each."""


@pytest.mark.parametrize(("path", "said"), BAD_NAMES.values(), ids=BAD_NAMES)
def test_a_path_that_c_cannot_have(
    path: str, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: Capture
) -> None:
    """An import of such a file is refused, though the file is there; nothing is written."""
    monkeypatch.chdir(tmp_path)
    real = (
        path.encode().decode("unicode_escape").encode("latin-1").decode() if "\\" in path else path
    )
    Path(os.path.dirname(real) or ".").mkdir(parents=True, exist_ok=True)
    Path(real).write_text("struct y { int x; };\n")
    Path("m.dsl").write_text(f'import "{path}";\nmap m: array<int, y>[1];\n')
    assert main(["m.dsl", "-o", "m.h", "--no-verify"]) == 1
    errors = capfd.readouterr().err
    assert "error[import]" in errors
    assert said in errors
    assert "m.dsl:1:1" in errors
    assert not Path("m.h").exists()


@pytest.mark.parametrize("name", ["a'b", "a b", "ä", "a<b>", "a,b;c", "a$(x)", "a%d", "a//b"])
def test_a_path_that_c_can_have(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Other names compile as they are, and the object is as declared."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("BPFGEN_CLANG", clang_program())
    Path(f"{name}.dsl").parent.mkdir(exist_ok=True)
    Path(f"{name}.dsl").write_text("struct y { int x; };\n")
    Path("m.dsl").write_text(f'import "{name}.dsl";\nmap m: array<int, y>[1];\n')
    assert main(["m.dsl", "-o", "m.h"]) == 0
    assert f'#include "{name}.h"\n' in Path("m.h").read_text()
    assert main(["m.dsl", "-o", "m.o"]) == 0


@pytest.mark.parametrize("path", ['"a\\"', '"a\x01.h"', "<a\\b.h>", '"??/"', "<a\u2066.h>"])
def test_a_header_that_c_cannot_name(path: str) -> None:
    """An `include` of such a name is refused before a compiler is looked for."""
    source = Source("m.dsl", f"include {path};\nmap m: array<int, int>[1];\n")
    compilation = compile(source, Options())
    (error,) = compilation.diagnostics
    assert error.code == "include"
    assert "no C header can be included by this name" in error.message


@pytest.mark.parametrize("directory", ['a"b', "a\nb", "a\\b", "a\u202eb"])
def test_a_search_directory_that_c_cannot_have(
    directory: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: Capture
) -> None:
    """-I and include-directories refuse the same names: wrong usage."""
    monkeypatch.chdir(tmp_path)
    Path("m.dsl").write_text("map m: array<int, int>[1];\n")
    assert main(["m.dsl", "-o", "m.h", f"-I{directory}"]) == 2
    assert "no directory may have" in capfd.readouterr().err
    quoted = directory.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    Path("pyproject.toml").write_text(f'[tool.bpfgen]\ninclude-directories = ["{quoted}"]\n')
    assert main(["m.dsl", "-o", "m.h"]) == 2
    errors = capfd.readouterr().err
    assert "no directory may have" in errors
    assert "pyproject.toml:2:1" in errors
    assert not Path("m.h").exists()


@pytest.mark.parametrize("name", ["m */ int x; /*.dsl", "m\nint x;.dsl", "m\\.dsl", "m??/.dsl"])
def test_the_name_of_the_source_stays_in_its_comment(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first line of a header is one comment, whatever the source is called."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("BPFGEN_CLANG", clang_program())
    Path(name).parent.mkdir(parents=True, exist_ok=True)
    Path(name).write_text("map m: array<int, int>[1];\n")
    assert main([name, "-o", "out.h"]) == 0
    first, second, *_ = Path("out.h").read_text().split("\n")
    assert first.startswith("/* Generated by bpfgen from ")
    assert first.count("*/") == 1
    assert first.endswith(". Do not edit. */")
    assert second.startswith("#ifndef BPFGEN_")


def test_a_character_constant_ends_where_it_ends(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`'??/'` is three characters to GNU C and would be a lone quote to strict C: it means one."""
    monkeypatch.chdir(tmp_path)
    Path("m.dsl").write_text(
        "const A = '??/' + ';}/*' + '*/';\nconst B = '????';\nmap m: array<int, int>[2];\n"
    )
    assert main(["m.dsl", "-o", "m.h", "--no-verify"]) == 0
    assert "??" not in Path("m.h").read_text()
    for mode in ("c11", "gnu11", "c2x"):
        words = [f"-std={mode}", "-target", "bpf", "-Wtrigraphs", "-Werror=trigraphs"]
        command = [clang_program(), *words, "-fsyntax-only", "-x", "c", "m.h"]
        assert subprocess.run(command, check=False).returncode == 0


TAG = (
    'address_space(0))) *p; }; __attribute__((section(\\"xdp\\"), used)) int evil(void *c)'
    " { return 2; } struct y { int __attribute__((aligned(4)"
)
"""A tag that would be C if it were taken for the text of an attribute; as C and the language have
it between quotes."""


@pytest.mark.parametrize("tag", [TAG, "address_space(1", "address_space(x)", "address_space(1))"])
def test_a_tag_stays_a_string(tag: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In the header, in the object, and in the source that is imported from the object."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("BPFGEN_CLANG", clang_program())
    Path("m.dsl").write_text(
        f'struct x {{ int __attribute__((btf_type_tag("{tag}"))) *p; }};\n'
        "map m: array<int, x>[1];\n"
    )
    assert main(["m.dsl", "-o", "m.h", "--no-verify"]) == 0
    assert f'btf_type_tag("{tag}")' in Path("m.h").read_text()
    Path("c.c").write_text(
        f'struct x {{ int __attribute__((btf_type_tag("{tag}"))) *p; }};\n'
        "struct { int (*type)[2]; int *key; struct x *value; int (*max_entries)[1]; }"
        ' m __attribute__((section(".maps"), used));\n'
    )
    words = [clang_program(), "-target", "bpf", "-g", "-O2", "-c", "c.c", "-o", "c.o"]
    subprocess.run(words, check=True)
    for source in ("c.o", "c.c"):
        assert main(["import", source, "-o", "c.dsl"]) == 0
        assert "evil" not in re.sub(r'"(?:[^"\\]|\\.)*"', "", Path("c.dsl").read_text())
        assert f'btf_type_tag("{tag}")' in Path("c.dsl").read_text()
        assert main(["c.dsl", "-o", "c2.o"]) == 0


@pytest.mark.parametrize("argument", ['"0))) *p; int evil; //"', "-1", "1L << 40", "0, 1", ""])
def test_an_address_space_is_a_number(argument: str) -> None:
    """What else stands there is refused, and doesn't come out as it is."""
    attribute = f"address_space({argument})" if argument else "address_space"
    text = f"struct x {{ int __attribute__(({attribute})) *p; }};\nmap m: array<int, x>[1];\n"
    diagnostics = compile(Source("m.dsl", text), Options()).diagnostics
    (error,) = (each for each in diagnostics if each.severity == "error")
    assert error.code == "attribute"
    assert "address" in error.message


def test_an_import_is_included_as_it_was_generated(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: Capture
) -> None:
    """However its path is spelt; a header of that name on the disk isn't what is verified."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("BPFGEN_CLANG", require_clang())
    Path("sub/deep").mkdir(parents=True)
    Path("m.dsl").write_text("struct y { int x; };\n")
    Path("m.h").write_text("#error this is not the header of m.dsl\n")
    for path in ("sub/../m.dsl", "sub/deep/../../m.dsl", "./m.dsl", f"../{tmp_path.name}/m.dsl"):
        Path("user.dsl").write_text(f'import "{path}";\nmap m: array<int, y>[1];\n')
        assert main(["user.dsl", "-o", "user.o"]) == 0, capfd.readouterr().err


def test_a_header_that_no_source_includes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: Capture
) -> None:
    """A tree's own <bpf/bpf_helpers.h> brings no program into an object of maps; it is listed."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("BPFGEN_CLANG", clang_program())
    header_flags()  # our header looks for libbpf's only where there are the kernel's
    helpers = Path("inc/bpf/bpf_helpers.h")
    helpers.parent.mkdir(parents=True)
    Path("pyproject.toml").write_text('[tool.bpfgen]\ninclude-directories = ["inc"]\n')
    Path("m.dsl").write_text("map m: array<int, int>[1];\n")
    for text, what in {
        '__attribute__((section("xdp"), used)) int evil(void *c) { return 2; }': "`evil`",
        "__attribute__((constructor)) static void evil(void) { *(volatile int *)8 = 1; }": "`evil`",
        '__asm__(".section extra; .byte 1; .text");': "1 byte in section `extra`",
    }.items():
        helpers.write_text(f"{text}\n")
        for output in ("m.h", "m.o"):
            assert main(["m.dsl", "-o", output]) == 1
            errors = capfd.readouterr().err
            assert "error[verify-extra-section]" in errors
            assert what in errors
            assert not Path(output).exists()
    helpers.write_text("/* nothing */\n")
    assert main(["m.dsl", "-o", "m.o", "--depfile", "d"]) == 0
    assert "inc/bpf/bpf_helpers.h" in Path("d").read_text()


# Names that become rules of make, or lines of a diff.


@pytest.mark.parametrize(
    "name",
    [
        *("SHELL=./x", "a;touch$IFS.fired;b=c", "a\\", ".ONESHELL", ".IGNORE", "a=b", "x;y"),
        *("include\fx", "load\vx", "a\tb", "a\x7fb", "a\nb", "a\rb", "./.PHONY", "b&", "a|b"),
        *("a`touch${IFS}fired`", "a`touch${IFS}fired`(x.dsl)", "lib(x.dsl)", "$(x)", "a>b", "a<b"),
    ],
)
def test_a_depfile_holds_no_commands(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: Capture
) -> None:
    """make would act on such a name; no depfile is written, and no output that it would be for."""
    monkeypatch.chdir(tmp_path)
    Path(name).parent.mkdir(parents=True, exist_ok=True)
    Path(name).write_text("map m: array<int, int>[1];\n")
    assert main([name, "-o", "m.h", "--no-verify", "--depfile", "d"]) == 1
    errors = capfd.readouterr().err
    assert "no depfile can hold" in errors
    assert "rename it" in errors
    assert not Path("m.h").exists()
    assert not Path("d").exists()


def test_make_runs_nothing_of_an_import(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An import whose name would set make's SHELL: the build fails, and the file isn't run."""
    monkeypatch.chdir(tmp_path)
    make = require("make")
    Path("SHELL=.").mkdir()
    Path("SHELL=./x.dsl").write_text("struct y { int x; };\n")
    Path("x.dsl:").write_text("#!/bin/sh\necho >fired\n")
    Path("x.dsl:").chmod(0o755)
    Path("m.dsl").write_text('import "SHELL=./x.dsl";\nmap m: array<int, y>[1];\n')
    Path("Makefile").write_text(
        f"m.h: m.dsl\n\t{sys.executable} -m bpfgen m.dsl -o m.h --no-verify --depfile m.d\n"
        "-include m.d\n"
    )
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[2]))
    for _ in range(2):
        assert subprocess.run([make, "--silent"], check=False).returncode != 0
        assert not Path("fired").exists()


# What a project file may start.


def test_the_compiler_of_a_project_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: Capture
) -> None:
    """`./clang` is the one beside the project file, not one of the PATH, from any directory."""
    monkeypatch.chdir(tmp_path)
    real = clang_program()
    for name in ("clang-x", "sub/clang-x", "path/clang-x"):
        compiler = Path(name)
        compiler.parent.mkdir(exist_ok=True)
        compiler.write_text(f'#!/bin/sh\necho {name} >>{tmp_path}/ran\nexec {real} "$@"\n')
        compiler.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}/path{os.pathsep}{os.environ['PATH']}")
    Path("m.dsl").write_text("map m: array<int, int>[1];\n")
    Path("sub/m.dsl").write_text("map m: array<int, int>[1];\n")

    def ran(clang: str, source: str = "m.dsl") -> str:
        Path("ran").unlink(missing_ok=True)
        project = Path(source).parent / "pyproject.toml"
        project.write_text(f"[tool.bpfgen]\nclang = '{clang}'\n")
        assert main([source, "-o", "m.h"]) == 0, capfd.readouterr().err
        return Path("ran").read_text().strip()

    assert ran("./clang-x") == "clang-x"
    assert ran("clang-x") == "path/clang-x"
    assert ran("sub/clang-x") == "sub/clang-x"
    assert ran("./clang-x -I/opt/x") == "clang-x"
    assert ran("clang-x -I/opt/x") == "path/clang-x"
    assert ran("./clang-x", "sub/m.dsl") == "sub/clang-x"
    assert ran("../clang-x", "sub/m.dsl") == "clang-x"


@pytest.mark.parametrize("clang", ["./nowhere", "no-such-clang", "sub/../nowhere"])
def test_who_asked_for_a_compiler_that_is_missing(
    clang: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: Capture
) -> None:
    """The message names the project file and its line, and what stands there."""
    monkeypatch.chdir(tmp_path)
    Path("sub").mkdir()
    Path("sub/pyproject.toml").write_text(f"[tool.bpfgen]\nstyle = 'modern'\nclang = '{clang}'\n")
    Path("sub/m.dsl").write_text("map m: array<int, int>[1];\n")
    for words in (["sub/m.dsl", "-o", "m.h"], ["sub/m.dsl", "-o", "m.o"]):
        assert main(words) == 3
        assert f"sub/pyproject.toml:3 names `{clang}`" in capfd.readouterr().err


def test_who_asked_for_a_compiler_that_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: Capture
) -> None:
    """A program that is no compiler is told with the file that names it."""
    monkeypatch.chdir(tmp_path)
    compiler = Path("broken")
    compiler.write_text("#!/bin/sh\necho 'what is this?' >&2\nexit 1\n")
    compiler.chmod(0o755)
    Path("pyproject.toml").write_text("[tool.bpfgen]\nclang = './broken'\n")
    Path("m.dsl").write_text("map m: array<int, int>[1];\n")
    assert main(["m.dsl", "-o", "m.h"]) == 1
    errors = capfd.readouterr().err
    assert "the compiler `./broken`, which pyproject.toml:2 names, failed with status 1" in errors


def test_make_takes_a_percent_sign_for_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A source `%.dsl` makes no pattern rule of its own."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[2]))
    make = require("make")
    Path("%.dsl").write_text("map m: array<int, int>[1];\n")
    command = f"{sys.executable} -m bpfgen --no-verify --depfile d --depfile-target all"
    Path("Makefile").write_text(
        f"all:\n\t{command} --out-dir gen -- %.dsl\n-include d\n%.x: %.dsl\n\tcp $< $@\n"
    )
    Path("a.dsl").write_text("")
    for target in ("all", "all", "a.x"):
        assert subprocess.run([make, "--silent", target], check=False).returncode == 0


def test_a_name_in_a_diff_is_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    """--check quotes a name with line ends as git does: patch changes nothing else."""
    monkeypatch.chdir(tmp_path)
    directory = Path("a\n--- victim\n+++ victim\n@@ -1 +1 @@\n-old\n+new\n")
    directory.mkdir()
    (directory / "m.dsl").write_text("map m: array<int, int>[1];\n")
    (directory / "m.h").write_text("other\n")
    Path("victim").write_text("old\n")
    assert main(["--check", "--no-verify", "--out-dir", ".", "--", str(directory / "m.dsl")]) == 1
    difference = capfdbinary.readouterr().out
    assert [line[:5] for line in difference.split(b"\n")[:2]] == [b'--- "', b'+++ "']
    patch = require("patch")
    subprocess.run([patch, "-p0"], input=difference, check=True, capture_output=True)
    assert Path("victim").read_text() == "old\n"
    assert "BPFGEN" in (directory / "m.h").read_text()
