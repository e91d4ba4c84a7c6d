"""clang's answers that are kept: the same as without, and no longer than they are right."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from bpfgen.clang.cache import Cache, Question
from bpfgen.clang.dependencies import Known
from bpfgen.clang.finder import Finder, cache_directory
from bpfgen.clang.identity import identity
from bpfgen.clang.looked import FLAGS, said_by_clang
from bpfgen.clang.process import Process
from bpfgen.clang.workspace import Workspace
from bpfgen.files.digests import now
from bpfgen.files.kept import Kept
from bpfgen.record import replace
from tests.samples import GOOD, SAMPLES
from tests.tools import ZIGLANG, clang_program, newest, require_clang

if TYPE_CHECKING:
    from collections.abc import Callable

    from bpfgen.clang.compiler import Compiler
    from bpfgen.clang.started import CompileResult


TEXT = """\
#include <types.h>
#if __has_include(<maybe.h>)
#include <maybe.h>
#else
#define SIZE 1
#endif
#include "beside.h"
struct v v[SIZE] __attribute__((section("x"), used));
"""


class Asked:
    """A compiler with a cache, and how often it was started.

    Attributes:
        plain: The same without a cache.
    """

    def __init__(self, directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.cache = str(directory)
        self.runs = 0
        self.command: str = require_clang()

        def counted(*words: Any, **named: Any) -> Process:
            self.runs += 1
            return Process(*words, **named)

        monkeypatch.setattr("bpfgen.clang.started.Process", counted)

    @property
    def compiler(self) -> Compiler:
        """The compiler, found anew."""
        return Finder(self.command, cache=self.cache).find()

    def compiled(self, text: str = TEXT, **named: Any) -> tuple[CompileResult, bool]:
        """Return what it makes of *text*, the same as without a cache, and whether it ran."""
        settled()
        before = self.runs
        result = self.compiler.compile_object(text, is_kept=True, **named)
        did_run = self.runs > before
        plain = replace(self.compiler, cache=None).compile_object(text, **named)
        assert result == plain
        return result, did_run


def settled() -> None:
    """Let the tick of the files' clock pass in which a file was written."""
    written = time.time_ns()
    while now() <= written:
        pass


@pytest.fixture
def asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Asked:
    """Give a compiler with an empty cache, and headers in the working directory."""
    monkeypatch.chdir(tmp_path)
    for directory in ("early", "late", "src", "other"):
        (tmp_path / directory).mkdir()
    (tmp_path / "late/types.h").write_text('#include "inner.h"\nstruct v { struct inner i; };\n')
    (tmp_path / "late/inner.h").write_text("struct inner { int a; };\n")
    (tmp_path / "src/beside.h").write_text("struct beside { int a; };\n")
    return Asked(tmp_path / "cache", monkeypatch)


PLACE: dict[str, Any] = {"include_directories": ("early", "late"), "name": "src/prog.c"}


def test_the_same_question_is_asked_once(asked: Asked, tmp_path: Path) -> None:
    """Object, messages and dependencies are the same; nobody else can read or change them."""
    result, did_run = asked.compiled(**PLACE)
    assert result.object is not None, result.messages
    assert did_run
    result, did_run = asked.compiled(**PLACE)
    assert not did_run
    assert "late/inner.h" in result.dependencies
    assert stat.S_IMODE((tmp_path / "cache").stat().st_mode) == 0o700
    entries = list((tmp_path / "cache").iterdir())
    assert len(entries) == 2  # the answer, and which names the headers have
    assert {stat.S_IMODE(entry.stat().st_mode) for entry in entries} == {0o600}


@pytest.mark.parametrize(
    "text",
    [
        "#include <gone.h>\n",
        "#include <types.h>\nint x = undeclared;\n#warning told\nstruct v { int again; };\n",
        "int x\n",
        '#include "prog.h"\n',
    ],
)
def test_failures_are_answers(asked: Asked, text: str) -> None:
    """With every message and note at its place."""
    (Path("src") / "prog.h").write_text("struct s { undeclared_t x; };\n")
    result, did_run = asked.compiled(text, **PLACE)
    assert (result.object, did_run) == (None, True)
    assert result.messages
    again, did_run = asked.compiled(text, **PLACE)
    assert not did_run
    assert again == result


def test_what_the_preprocessor_makes(asked: Asked) -> None:
    """Line markers of the text itself name the directory of this run."""
    flags = ("-dD",)
    found = []
    for _ in range(2):
        settled()
        before = asked.runs
        result = asked.compiler.preprocess(
            f"#include <stands/in.h>\n{TEXT}",
            include_directories=("early", "late"),
            name="src/prog.c",
            flags=flags,
            stand_ins=("stands/in.h", "../../out.h", "/abs.h", "a\0b"),
            is_kept=True,
        )
        found.append(asked.runs - before)
        assert result.text is not None
        assert "struct inner { int a; };" in result.text
        assert "prog.c" in result.text
        assert not Path("out.h").exists()
    assert found == [1, 0]


CHANGES: dict[str, Callable[[pytest.MonkeyPatch], object]] = {
    "a header": lambda _: Path("late/types.h").write_text("struct v { long b; };\n"),
    "a header in a header": lambda _: Path("late/inner.h").write_text(
        "struct inner { long b; };\n"
    ),
    "a header of the file's directory": lambda _: Path("src/beside.h").write_text("\n#define X\n"),
    "a header that comes earlier": lambda _: Path("early/types.h").write_text(
        "struct v { char c; };"
    ),
    "one that wasn't there": lambda _: Path("late/maybe.h").write_text("#define SIZE 7\n"),
    "one that is gone": lambda _: Path("late/inner.h").unlink(),
    "one that is a directory now": lambda _: directory_instead("late/inner.h"),
    "a link that leads elsewhere": lambda _: link_instead("late/inner.h"),
    "CPATH": lambda patch: found_by(patch, "CPATH", "types.h"),
    "C_INCLUDE_PATH": lambda patch: found_by(patch, "C_INCLUDE_PATH", "maybe.h"),
}


def directory_instead(path: str) -> None:
    """Have a directory in the place of a file."""
    Path(path).unlink()
    Path(path).mkdir()


def link_instead(path: str) -> None:
    """Have a link to another file in the place of a file."""
    Path(path).unlink()
    Path("other/inner.h").write_text("struct inner { short s; };\n")
    Path(path).symlink_to("../other/inner.h")


def found_by(patch: pytest.MonkeyPatch, variable: str, name: str) -> None:
    """Have a header found by a variable of the environment."""
    (Path("other") / name).write_text("struct v { short s; };\n#define SIZE 9\n")
    patch.setenv(variable, os.path.abspath("other"))


@pytest.mark.parametrize("what", CHANGES)
def test_a_change_of_files_is_noticed(
    asked: Asked, what: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each time what comes out is what there is without a cache, and it is kept anew."""
    asked.compiled(**PLACE)
    CHANGES[what](monkeypatch)
    result, did_run = asked.compiled(**PLACE)
    assert did_run
    again, did_run = asked.compiled(**PLACE)
    assert not did_run
    assert again == result


@pytest.mark.parametrize(
    "named",
    [
        {"include_directories": ("late", "early")},
        {"include_directories": ("late",)},
        {"name": "other/prog.c"},
        {"target": "bpfeb"},
        {"flags": ("-DSIZE=2",)},
        {"flags": ("-O1",)},
        {"headers": {"beside.h": "struct other { int a; };\n"}},
        {"quote_directories": ("other",)},
    ],
)
def test_another_question_has_an_answer_of_its_own(asked: Asked, named: dict[str, Any]) -> None:
    """Flags, directories, target, the file's own place and headers that are laid beside it."""
    asked.compiled(**PLACE)
    Path("other/beside.h").write_text("struct beside { long a; };\n")
    _, did_run = asked.compiled(**(PLACE | named))
    assert did_run
    _, did_run = asked.compiled(**PLACE)
    assert not did_run


def test_another_directory_is_another_question(
    asked: Asked, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Names of files are relative to it, those in messages too."""
    asked.compiled(**PLACE)
    shutil.copytree("late", "src/late")
    Path("src/late/inner.h").write_text("struct inner { char a; };\n")
    monkeypatch.chdir("src")
    _, did_run = asked.compiled(include_directories=("early", "late"), name="prog.c")
    assert did_run


def test_a_script_that_starts_a_compiler_is_asked_each_time(asked: Asked, tmp_path: Path) -> None:
    """It may read any file and any variable; a link to a compiler is that compiler."""
    program = clang_program()
    if newest() != ZIGLANG:  # whose clang is started by a script
        link = tmp_path / "clang-link"
        link.symlink_to(program)
        asked.command = str(link)
        for is_first in (True, False):
            assert asked.compiled(**PLACE)[1] is is_first
    script = tmp_path / "clang-script"
    script.write_text(f'#!/bin/sh\nexec {program} "$@" $(cat flags)\n')
    script.chmod(0o755)
    asked.command = str(script)
    for size in (3, 4):
        Path("flags").write_text(f"-DSIZE={size}\n")
        assert asked.compiled("int x[SIZE + 0] __attribute__((used));\n")[1]


def test_what_tells_a_compiler(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its file, whoever sets its times back, and configuration files in every place."""
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    program = tmp_path / "x/bin/clang"
    for place in ("x/bin", "x/etc/clang19", "home/.config/clang"):
        (tmp_path / place).mkdir(parents=True)
    program.write_bytes(b"\x7fELF 1")

    def told() -> list[str] | None:
        return identity((str(program),), str)

    found = [told()]
    assert told() == found[0]
    times = program.stat()
    program.write_bytes(b"\x7fELF 2")
    os.utime(program, ns=(times.st_atime_ns, times.st_mtime_ns))
    found.append(told())
    for place in ("x/bin", "x/etc/clang19", "home/.config", "home/.config/clang"):
        for text in ("-DN=4\n", "-DN=5\n", '# a comment, "so"\n@more.cfg\n--rtlib=compiler-rt\n'):
            (tmp_path / place / "bpf-clang.cfg").write_text(text)
            found.append(told())
    assert None not in found
    assert len({tuple(lines or ()) for lines in found}) == len(found)


@pytest.mark.parametrize(
    "text",
    [
        "-include x.h",
        "@/etc/flags",
        "@../x.cfg",
        "--config=x",
        "-DN=__has_include",
        "-Wp,-DN",
        "-I x",
    ],
)
def test_a_configuration_that_may_read_a_file(text: str, tmp_path: Path) -> None:
    """Nothing tells such a compiler from what it is once that file has changed."""
    (tmp_path / "clang").write_bytes(b"\x7fELF")
    (tmp_path / "clang.cfg").write_text(f"-DN=1\n{text}\n")
    assert identity((str(tmp_path / "clang"),), str) is None


def test_a_program_that_starts_another_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What ccache is given by its names, along the PATH, counts, and the version of that."""
    for place in ("links", "bin"):
        (tmp_path / place).mkdir()
    (tmp_path / "bin/ccache").write_bytes(b"\x7fELF")
    (tmp_path / "links/clang").symlink_to("../bin/ccache")
    monkeypatch.setenv("PATH", f"{tmp_path}/links:{tmp_path}/bin")
    found = []
    for text in (b"\x7fELF 1", b"\x7fELF 22"):
        (tmp_path / "bin/clang").write_bytes(text)
        for command in ((f"{tmp_path}/links/clang",), (f"{tmp_path}/bin/ccache", "clang")):
            lines = identity(command, lambda: "version 1")
            assert lines is not None
            assert lines[-1] == "version 1"
            found.append(tuple(lines))
    assert len(set(found)) == 4


@pytest.mark.parametrize(
    "text",
    [
        "char when[] __attribute__((used)) = __TIME__;\n",
        *(
            f"#define NAME <types.h>\n{directive}\nint x;\n"
            for directive in (
                "#include NAME",
                "# /* so */ include /* so */ NAME",
                "%:include NAME",
                "#inc\\\nlude NAME",
                "#if 0\n#import NAME\n#endif",
                "#if 0\n#embed NAME\n#endif",
                "#if 0\n#include_next NAME\n#endif",
            )
        ),
        "#define HAS(x) __has_include(x)\n#if HAS(<maybe.h>)\nint y;\n#endif\nint x;\n",
        "#define NAME <maybe.h>\n#if __has_include(NAME)\nint y;\n#endif\nint x;\n",
        '#define HI __has_include\n#if HI("maybe.h")\nint y;\n#endif\nint x;\n',
        "#define HI __has_include_next\nint x;\n",
        "#define HI(x) __has_\\\ninclude x\nint x;\n",
        "#define HI /* defined */ __has_include // here\nint x;\n",
        *(
            f"#define CAT(a, b) a##b\n#define HI CAT({word[:n]}, {word[n:]})\n"
            '#if HI("maybe.h")\nint y;\n#endif\nint x;\n'
            for word in ("__has_include",)
            for n in range(1, len(word))
        ),
    ],
)
def test_what_cant_be_known_isnt_kept(asked: Asked, text: str, tmp_path: Path) -> None:
    """An answer that depends on the time, or on a file whose name a macro makes."""
    settled()
    asked.compiler.compile_object(text, is_kept=True, include_directories=("early", "late"))
    assert not (tmp_path / "cache").exists()


def test_a_macro_of_the_command_line_may_ask(asked: Asked, tmp_path: Path) -> None:
    """It stands in no text that is read."""
    named = Finder(asked.command, arguments=("-DHI=__has_include",), cache=asked.cache).find()
    settled()
    named.compile_object('#if HI("maybe.h")\nint y;\n#endif\nint x;\n', is_kept=True)
    assert not (tmp_path / "cache").exists()


SPELLINGS = {
    "a line that goes on before the name": '#if __has_include(\\\n"opt.h")',
    "one that goes on after blanks": "#if __has_include(\\ \t\n<opt.h>)",
    "one that goes on in the name": '#if __has_include("op\\\nt.h")',
    "one that goes on in the word": '#if __has_inc\\\nlude("opt.h")',
    "one that goes on before the bracket": '#if __has_include\\\n("opt.h")',
    "ends of lines as on Windows": '#if __has_include\\\r\n("opt.h")',
    "a comment before the bracket": '#if __has_include/**/("opt.h")',
    "a comment after it": '#if __has_include(/* * / ** */"opt.h")',
    "a comment of two lines": "#if __has_include /* a\n b */ (<opt.h>)",
    "in a macro": '#define HI __has_include("opt.h")\n#if HI',
    "as another name": '#define HI __has_include\n#if HI("opt.h")',
    "of two pieces": '#define CAT(a, b) a##b\n#if CAT(__has, _include)("opt.h")',
    "of two pieces, in digraphs": '%:define CAT(a, b) a%:%:b\n#if CAT(__has_, include)("opt.h")',
    "of three pieces": '#define J(a) __##a##_include\n#if J(has)("opt.h")',
    "the next": '#if __has_include_next/**/("opt.h")',
    "asked whether it is there": '#if defined(__has_include) && __has_include("opt.h")',
}


@pytest.mark.parametrize("condition", SPELLINGS.values(), ids=SPELLINGS)
def test_a_file_that_is_asked_for_in_any_spelling(asked: Asked, condition: str) -> None:
    """Once it is there, the answer is another one; ``compiled`` holds it against a plain run."""
    text = f"{condition}\nstruct w {{ char a[1]; }};\n#else\nstruct w {{ char a[2]; }};\n#endif\n"
    Path("late/w.h").write_bytes(text.encode())
    found = {"include_directories": ("late", "other")}
    use = '#include "w.h"\nstruct w w __attribute__((section("x"), used));\n'
    before, _did_run = asked.compiled(use, **found)
    assert before.object is not None, before.messages
    Path("other/opt.h").touch()
    after, _did_run = asked.compiled(use, **found)
    assert after != before


@pytest.mark.parametrize(
    "text",
    [
        "#ifdef __has_include\n#if __has_include(<opt.h>)\n#endif\n#endif\n",
        "#if defined __has_include && __has_include ( <opt.h> )\n#endif\n",
        '/* the argument of __has_include is "there", \' */\n#if __has_include("opt.h")\n#endif\n',
        "// a word of __has_ is no piece ##\n#if !defined(__has_embed)\n#endif\n",
        "struct has { int __h, has, has_x, x__has_; };\n#define CAT(a, b) a##b\n",
        "/* those who\n#include NAME\n */\n// #include it\nstruct include { int import; };\n",
    ],
)
def test_headers_that_say_what_they_look_for_are_kept(asked: Asked, text: str) -> None:
    """As those of glibc, the kernel and libbpf write it."""
    for is_first in (True, False):
        _result, did_run = asked.compiled(f"{text}int x;\n")
        assert did_run is is_first


def test_a_name_that_a_macro_makes(asked: Asked) -> None:
    """It may be found beside the header that has it, from the next run on."""
    Path("early/a.h").write_text('#define NAME "cfg.h"\n#include NAME\nstruct s { int x[N]; };\n')
    text = '#include "a.h"\nstruct s s __attribute__((section("x"), used));\n'
    for place, size in (("late", 4), ("early", 7)):
        Path(place, "cfg.h").write_text(f"#define N {size}\n")
        result, did_run = asked.compiled(text, **PLACE)
        assert result.object is not None
        assert did_run


def test_a_file_that_changes_while_clang_runs(
    asked: Asked, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What it read then is nobody's to know; the compiler stands for one that is no script."""
    monkeypatch.setattr("bpfgen.clang.cache.identity", lambda *_: ["a compiler"])
    script = tmp_path / "clang-slow"
    script.write_text(
        f'#!/bin/sh\n{clang_program()} "$@" || exit\n'
        'case "$*" in *-c*) echo "struct inner { long l; };" >late/inner.h ;; esac\n'
    )
    script.chmod(0o755)
    asked.command = str(script)
    settled()
    asked.compiler.compile_object(TEXT, is_kept=True, **PLACE)
    assert not (tmp_path / "cache").exists()


def damages(data: bytes) -> list[bytes]:
    """Return what may become of an entry."""
    flipped = [
        data[:at] + bytes([data[at] ^ 0x41]) + data[at + 1 :] for at in range(0, len(data), 97)
    ]
    return [b"", b"\n", data[:-1], data + b"x", data[: len(data) // 2], b"\0" * 99, *flipped]


def test_a_damaged_entry_is_as_good_as_none(asked: Asked, tmp_path: Path) -> None:
    """Whatever became of it: clang is asked, and the entry is whole again."""
    asked.compiled(**PLACE)
    (entry,) = (one for one in (tmp_path / "cache").iterdir() if not one.name.startswith("n"))
    whole = entry.read_bytes()
    for damaged in damages(whole):
        entry.write_bytes(damaged)
        cache = Cache(str(tmp_path / "cache"))
        question = Question(entry.name, (), Known(cache.kept))
        with Workspace("x.c", "", {}) as place:
            assert cache.answer(question, place) is None
    entry.write_bytes(damages(whole)[-1])
    _, did_run = asked.compiled(**PLACE)
    assert did_run
    _, did_run = asked.compiled(**PLACE)
    assert not did_run


def test_a_directory_that_cant_be_used_is_no_error(asked: Asked, tmp_path: Path) -> None:
    """A file in its place, one that others can write to, one that can't be made."""
    (tmp_path / "file").touch()
    shared = tmp_path / "shared"
    shared.mkdir()
    shared.chmod(0o777)
    for place in (tmp_path / "file", tmp_path / "file/below", shared, Path("/proc/none")):
        asked.cache = str(place)
        for _ in range(2):
            _, did_run = asked.compiled(**PLACE)
            assert did_run
    assert list(shared.iterdir()) == []


def test_where_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    """As the XDG Base Directory Specification has it; nowhere without a home."""
    monkeypatch.setenv("XDG_CACHE_HOME", "/x")
    assert cache_directory() == "/x/bpfgen"
    monkeypatch.setenv("XDG_CACHE_HOME", "relative")
    monkeypatch.setenv("HOME", "/home/me")
    assert cache_directory() == "/home/me/.cache/bpfgen"
    monkeypatch.delenv("HOME")
    assert cache_directory() is None


def test_what_was_asked_longest_ago_goes(tmp_path: Path) -> None:
    """So does what a killed run left, but not what another run is writing.

    However little a file holds, it takes a block of the disk.
    """
    began = time.time()
    for name, size, age in (
        ("a", 40, 30),
        ("b", 40, 20),
        ("c", 40, 10),
        ("a.x", 1, 9999),
        ("d.x", 1, 1),
    ):
        (tmp_path / name).write_bytes(b"x" * size)
        os.utime(tmp_path / name, (began - age, began - age))
    Kept(str(tmp_path)).trim(2 * 4096 + 90)
    assert sorted(os.listdir(tmp_path)) == ["b", "c", "d.x"]


def test_the_clang_of_each_machine_says_what_it_reads(asked: Asked) -> None:
    """What is kept rests on `-H` and `-Xclang -v`: they say nothing of their own otherwise."""
    said = subprocess.run(
        [
            clang_program(),
            "-target",
            "bpf",
            *FLAGS,
            "-Ilate",
            "-Inone",
            "-c",
            "-x",
            "c",
            "-",
            "-o",
            "/dev/null",
        ],
        input="#include <types.h>\n#warning told\n",
        capture_output=True,
        text=True,
        check=True,
    ).stderr
    rest, looked = said_by_clang(said)
    assert looked.is_complete
    assert {"late", "none"} <= set(looked.directories)
    assert [Path(path).name for path in looked.files] == ["types.h", "inner.h"]
    assert "warning: told" in rest.splitlines()[0]
    assert "search" not in rest
    del asked


def command(cwd: Path, *words: str, cache: Path) -> tuple[int, str, str]:
    """Run the command; return its status and what it printed and said."""
    environment = dict(os.environ, BPFGEN_CLANG=require_clang(), XDG_CACHE_HOME=str(cache))
    run = subprocess.run(
        [sys.executable, "-m", "bpfgen", *words],
        cwd=cwd,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    return run.returncode, run.stdout, run.stderr


PROGRAM = """\
#include <gone.h>
#include "types.h"
#ifdef DEBUG
#define MORE 2
#else
#define MORE 1
#endif
#define SIZE (LIMIT * MORE)
struct { int (*type)[1]; int (*max_entries)[SIZE]; int *key; struct flow *value; }
flows __attribute__((section(".maps"), used));
"""
HEADER = """\
#pragma once
#define LIMIT 3
enum kind { ONE, TWO };
typedef struct { enum kind kind; unsigned char bytes[LIMIT]; } part;
struct flow { part parts[TWO + 1]; long last; };
"""
SOURCE = """\
include "types.h";
map m: hash<part, flow>[LIMIT];
map n: array<int, kind>[TWO];
"""


def test_the_command_line_keeps_and_the_output_is_the_same(tmp_path: Path) -> None:
    """Without, cold and warm, of imports and of sources; an output's verification isn't kept."""
    (tmp_path / "types.h").write_text(HEADER)
    (tmp_path / "prog.c").write_text(PROGRAM)
    (tmp_path / "maps.dsl").write_text(SOURCE)
    (tmp_path / "plain.dsl").write_text("struct v { int a; };\nmap m: hash<int, v>[1];\n")
    cache = tmp_path / "home"
    kept = cache / "bpfgen"
    assert command(tmp_path, "plain.dsl", "-o", "plain.o", cache=cache)[0] == 0
    assert command(tmp_path, "maps.dsl", "-o", "m.o", "--no-cache", cache=cache)[0] == 0
    assert not kept.exists()
    for words in (
        ("import", "prog.c", "-DDEBUG", "-o", "-"),
        ("maps.dsl", "--emit", "json", "-o", "-"),
    ):
        plain = command(tmp_path, *words, "--no-cache", cache=cache)
        assert plain[0] == 0, plain
        assert command(tmp_path, *words, cache=cache) == plain
        count = len(list(kept.iterdir()))
        assert count
        assert command(tmp_path, *words, cache=cache) == plain
        assert len(list(kept.iterdir())) == count
    shutil.rmtree(cache)
    (tmp_path / "pyproject.toml").write_text("[tool.bpfgen]\ncache = false\n")
    assert command(tmp_path, "maps.dsl", "-o", "m.json", cache=cache)[0] == 0
    assert not kept.exists()


def test_runs_side_by_side(tmp_path: Path) -> None:
    """All have the same question and find the cache empty: none fails, the answer is whole."""
    (tmp_path / "types.h").write_text(HEADER)
    (tmp_path / "maps.dsl").write_text(SOURCE)
    environment = dict(os.environ, BPFGEN_CLANG=require_clang(), XDG_CACHE_HOME=str(tmp_path / "c"))
    words = [sys.executable, "-m", "bpfgen", "maps.dsl", "--emit", "json", "-o", "-"]
    runs = [
        subprocess.Popen(words, cwd=tmp_path, env=environment, stdout=subprocess.PIPE, text=True)
        for _ in range(4)
    ]
    printed = {run.communicate()[0] for run in runs}
    assert len(printed) == 1
    assert all(run.returncode == 0 for run in runs)
    assert not [name for name in os.listdir(tmp_path / "c/bpfgen") if "." in name]


@pytest.mark.parametrize(
    "name", [name for name in GOOD if "\ninclude" in (SAMPLES / name).read_text()]
)
def test_samples_are_the_same(name: str, asked: Asked) -> None:
    """What clang says of their headers, read from the cache, makes the same model."""
    from bpfgen.compiler import Options, compile, emit
    from bpfgen.text.source import Source

    source = Source(str(SAMPLES / name), (SAMPLES / name).read_text())
    outputs = []
    for finder in (
        Finder(asked.command),
        Finder(asked.command, cache=asked.cache),
        Finder(asked.command, cache=asked.cache),
    ):
        settled()
        compilation = compile(source, Options(clang=finder))
        said = [(each.code, each.message) for each in compilation.diagnostics]
        outputs.append((said, compilation.dependencies, emit(compilation, form="json")))
    assert outputs[0] == outputs[1] == outputs[2]
