"""Every compiler that is here: objects that depend on their text alone, messages at their lines."""

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

from bpfgen.clang import ToolMissing
from bpfgen.clang.compiler import Compiler
from bpfgen.clang.finder import Finder
from bpfgen.clang.search import find
from bpfgen.clang.search import find as find_uncached
from bpfgen.clang.ziglang import ziglang_program
from bpfgen.cli import main
from tests.tools import CLANGS, clang_program, compilers, missing, require_clang

if TYPE_CHECKING:
    from bpfgen.clang.started import StartedObject

TEXT = """\
#include <stdbool.h>
#include <stddef.h>
#include "flow.h"
struct { int (*type)[2]; struct flow *key; bool *value; } m __attribute__((section(".maps"), used));
"""
FLOW = {"flow.h": "struct flow { unsigned long a; size_t b; };\n"}


@pytest.fixture(params=[*compilers(), "python -m ziglang cc"])
def each(request: pytest.FixtureRequest) -> Compiler:
    """Give each compiler in turn."""
    name: str = request.param
    if name != "python -m ziglang cc":
        return find(require_clang(name))
    require_clang("ziglang")
    return find(f"{sys.executable} -m ziglang cc")


@pytest.mark.parametrize("target", ["bpf", "bpfel", "bpfeb"])
def test_an_object_for_each_byte_order(each: Compiler, target: str) -> None:
    """The ELF header has the byte order, machine EM_BPF (247) and the type ET_REL (1)."""
    result = each.compile_object(TEXT, target=target, headers=FLOW)
    assert result.messages == []
    assert result.object is not None
    order = {"bpfel": "little", "bpfeb": "big"}.get(target, sys.byteorder)
    assert result.object[:4] == b"\x7fELF"
    assert result.object[5] == (1 if order == "little" else 2)
    machine = int.from_bytes(result.object[18:20], "little" if order == "little" else "big")
    assert machine == 247
    assert b".BTF\0" in result.object


def test_the_object_depends_on_the_text_alone(
    each: Compiler, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither the working directory, nor how -I is spelt, nor TMPDIR is seen in it."""
    include = tmp_path / "include"
    (tmp_path / "elsewhere" / "deep").mkdir(parents=True)
    include.mkdir()
    (include / "inner.h").write_text("struct inner { int a; };\n")
    text = TEXT + '#include <inner.h>\nstruct inner *i __attribute__((section("anchor"), used));\n'
    objects = set()
    for directory, flag, name in (
        (tmp_path, "include", "maps.dsl"),
        (tmp_path / "elsewhere" / "deep", "../../include/", "../x/maps.dsl"),
        (tmp_path / "elsewhere", str(include), f"{tmp_path}/maps.dsl"),
    ):
        monkeypatch.chdir(directory)
        temporary = directory / "temporary"
        temporary.mkdir()
        monkeypatch.setenv("TMPDIR", str(temporary))
        result = each.compile_object(text, include_directories=[flag], name=name, headers=FLOW)
        assert result.object is not None, result.messages
        for leak in (
            str(tmp_path),
            "temporary",
            "elsewhere",
            "include/",
            "bpfgen",
            "/usr/",
            "/lib",
        ):
            assert leak.encode() not in result.object
        objects.add(result.object)
        assert list(temporary.iterdir()) == []
        temporary.rmdir()
        assert sorted(entry.name for entry in tmp_path.iterdir()) == ["elsewhere", "include"]
    assert len(objects) == 1


def test_kernel_headers_compile(each: Compiler) -> None:
    """<linux/bpf.h> and libbpf's macros are found, <asm/types.h> of the machine included."""
    text = '#include <linux/bpf.h>\n#include <bpf/bpf_helpers.h>\nint x SEC("anchor");\n'
    result = each.compile_object(text)
    if result.messages and "file not found" in result.messages[0].text:
        missing("libbpf-dev", result.messages[0].text)
    assert result.object is not None, result.messages
    assert "/usr/include/linux/bpf.h" in result.dependencies
    assert any(name.endswith("asm/types.h") for name in result.dependencies)


def test_complaints_have_their_places(each: Compiler) -> None:
    """Line and column in our text, the including line for headers, and all of them in one run."""
    text = (
        '#include "flow.h"\n'
        "int x = y;\n"
        '_Static_assert(sizeof(int) == 3, "struct s: error: 4:5: odd");\n' + "bad z;\n" * 30
    )
    result = each.compile_object(text, name="a b/c.dsl", headers={"flow.h": "\n\nundef_t f;\n"})
    assert result.object is None
    errors = [message for message in result.messages if message.is_error]
    assert (errors[0].line, errors[0].file, errors[0].file_line) == (1, "flow.h", 3)
    assert "undef_t" in errors[0].text
    assert (errors[1].line, errors[1].column, errors[1].file) == (2, 9, "")
    assert errors[2].line == 3
    assert "struct s: error: 4:5: odd" in errors[2].text
    assert [error.line for error in errors[3:]] == list(range(4, 34))


def test_headers_of_ours_come_before_those_of_the_disk(
    each: Compiler, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A stale header beside the source or in -I doesn't replace the text that was given."""
    (tmp_path / "sub").mkdir()
    for stale in (tmp_path / "flow.h", tmp_path / "sub" / "flow.h"):
        stale.write_text("#error stale\n")
    monkeypatch.chdir(tmp_path)
    headers = {"flow.h": '#include "../up.h"\n', "../up.h": "typedef int up;\n"}
    result = each.compile_object(
        '#include "flow.h"\nup u;\n',
        name="sub/maps.dsl",
        include_directories=["."],
        headers=headers,
    )
    assert result.messages == []
    assert result.dependencies == []


def test_a_header_beside_the_source_is_found(
    each: Compiler, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`#include "…"` looks where the .dsl file lies, and the file is a dependency by that name."""
    (tmp_path / "sub dir").mkdir()
    (tmp_path / "sub dir" / "own$.h").write_text("typedef int own;\n")
    monkeypatch.chdir(tmp_path)
    result = each.compile_object('#include "own$.h"\nown o;\n', name="sub dir/maps.dsl")
    assert result.messages == []
    assert result.dependencies == ["sub dir/own$.h"]


def test_preprocess(each: Compiler) -> None:
    """The preprocessor's text and, asked for, the macros."""
    expanded = each.preprocess("#define A 6\nint x = A * 7;\n")
    assert expanded.text is not None
    assert "int x = 6 * 7;" in expanded.text
    macros = each.preprocess("#define A 6\n", flags=["-dM"])
    assert macros.text is not None
    assert "#define A 6\n" in macros.text


def program(path: Path, script: str) -> str:
    """Write an executable shell script and return its path."""
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return str(path)


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ("kill -SEGV $$", "was ended by signal 11"),
        ("exit 0", "wrote no object"),
        ("echo oops >&2; exit 7", "failed with status 7: oops"),
        (r"printf '\377\376bad' >&2; exit 1", "failed with status 1"),
        ("echo 'x: error: unknown argument: -g' >&2; exit 1", "unknown argument: -g"),
        ("sleep 100 & sleep 100", "did not end within"),
    ],
)
def test_a_broken_compiler_is_one_clear_message(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str, said: str
) -> None:
    """Crashes, silence, strange flags and hanging end in one sentence that names the program."""
    monkeypatch.setattr("bpfgen.clang.started.TIMEOUT_SECONDS", 1.0)
    path = program(tmp_path / "clang", script)
    before = time.monotonic()
    result = find(path).compile_object("int x;")
    assert time.monotonic() - before < 20
    assert result.object is None
    (message,) = result.messages
    assert message.is_error
    assert said in message.text
    assert path in message.text


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0)])
def test_several_run_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, order: tuple[int, ...]
) -> None:
    """They are finished in any order, and what is given up is ended; nothing stays."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    found = find(require_clang())
    begun = [found.start_object(f"int x[{number + 1}];") for number in range(3)]
    given_up = find(program(tmp_path / "clang", "sleep 98 & sleep 98")).start_object("int x;")
    assert len(list(tmp_path.glob("bpfgen-*"))) == 4
    given_up.close()
    objects = {number: begun[number].finish().object for number in order}
    expected = [found.compile_object(f"int x[{number + 1}];").object for number in range(3)]
    assert [objects[number] for number in range(3)] == expected
    assert len(set(expected)) == 3
    begun[0].close()  # once more is nothing
    assert list(tmp_path.glob("bpfgen-*")) == []


ONE_TEXT = "#include <stdbool.h>\nbool x;\nundef_t y;\nint z[sizeof(int)];\n"


@pytest.mark.parametrize(
    "text",
    [
        ONE_TEXT.replace("undef_t", "long"),
        ONE_TEXT,
        "/* long */\n" * 20_000 + "int x;\n",
        '#include "endless.h"\n',
        "",
    ],
    ids=["right", "wrong", "long", "endless", "empty"],
)
def test_a_compiler_that_waits_for_its_text(
    each: Compiler, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    """Objects, messages and dependencies are those of a text that was there before.

    One that is too long for a pipe isn't given: it may have been read in part.
    """
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    os.mkfifo(tmp_path / "endless.h")
    name = str(tmp_path / "maps.dsl")
    started = each.start_before_text(name, "bpf", ())
    if started is None:
        assert "zig" in " ".join(each.command)
        return
    with started:
        is_given = started.run.give(text)
        result = started.finish() if is_given else None
    assert list(tmp_path.glob("bpfgen-*")) == []
    assert is_given == (len(text) < 1 << 16)
    assert result is None or result == each.compile_object(text, name=name)


def test_its_time_begins_with_its_text(monkeypatch: pytest.MonkeyPatch) -> None:
    """However long the text takes that it waits for."""
    monkeypatch.setattr("bpfgen.clang.started.TIMEOUT_SECONDS", -1.0)
    started = find(clang_program()).start_before_text("maps.dsl", "bpf", ())
    if started is None:
        pytest.skip("zig's clang alone, which isn't started early")
    with started:
        started.run.give("int x;")
        assert started.finish().object is not None


def test_a_compiler_that_waits_in_vain(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is ended by whoever has no text for it, and by the death of this process."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    started = find(clang_program()).start_before_text("maps.dsl", "bpf", ())
    if started is None:
        pytest.skip("zig's clang alone, which isn't started early")
    started.close()
    assert list(tmp_path.glob("bpfgen-*")) == []
    script = (
        "import os, signal, sys; from bpfgen.clang.search import find\n"
        "started = find(sys.argv[1]).start_before_text('maps.dsl', 'bpf', ())\n"
        "print(started.run.place.directory, flush=True)\n"
        "os.kill(os.getpid(), signal.SIGKILL)"
    )
    command = [sys.executable, "-c", script, clang_program()]
    # It and the janitor have the other end of this pipe: when it is at its end they are gone.
    run = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False, timeout=60)
    assert run.returncode == -9
    end = time.monotonic() + 60
    while os.path.exists(run.stdout.strip()):
        assert time.monotonic() < end
        time.sleep(0.01)
    assert not [pid for pid in Path("/proc").glob("[0-9]*") if _mentions(pid, run.stdout.strip())]


def _mentions(process: Path, word: str) -> bool:
    """Whether *word* is among those of a *process* that is there still."""
    try:
        return word.encode() in (process / "cmdline").read_bytes()
    except OSError:
        return False


@pytest.mark.parametrize(
    ("source", "is_early"),
    [
        ("map m: array<__u32, __u64>[1];\n", True),
        ("include <linux/in.h>;\nmap m: array<__u32, __u64>[1];\n", False),
        ('import "other.dsl";\nmap m: array<__u32, __u64>[1];\n', False),
        ("const C; when (C) { map m: array<__u32, __u64>[1]; }\n", False),
        ("map m: array<__u64, __u64>[1];\n", True),
    ],
)
@pytest.mark.parametrize("output", ["m.h", "m.o"])
def test_who_gets_a_compiler_that_waits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, source: str, is_early: bool, output: str
) -> None:
    """One source that asks for nothing else: whatever it comes to, its compiler was started."""
    started: list[StartedObject | None] = []
    start = Compiler.start_before_text

    def start_before_text(self: Compiler, *words: Any) -> StartedObject | None:
        started.append(start(self, *words))
        return started[-1]

    monkeypatch.setattr(Compiler, "start_before_text", start_before_text)
    (tmp_path / "maps.dsl").write_text(source)
    (tmp_path / "other.dsl").write_text("struct s { int x; };\n")
    main([str(tmp_path / "maps.dsl"), "-o", str(tmp_path / output), "--clang", require_clang()])
    assert len(started) == is_early
    main([str(tmp_path / "maps.dsl"), "-o", str(tmp_path / "m.h"), "--no-verify"])
    main([str(tmp_path / "maps.dsl"), "-o", str(tmp_path / "b.o"), "--assembler", "builtin"])
    assert len(started) == is_early


def test_a_wrapper_has_its_text_in_a_file(tmp_path: Path) -> None:
    """What may read the text itself isn't started before there is one."""
    (tmp_path / "ccache").write_text(f'#!/bin/sh\nexec {require_clang()} "$@"\n')
    (tmp_path / "ccache").chmod(0o755)
    (tmp_path / "clang").symlink_to("ccache")
    for named in (str(tmp_path / "clang"), f"{tmp_path}/ccache x"):
        assert find(named).start_before_text("maps.dsl", "bpf", ()) is None


def test_no_program(tmp_path: Path) -> None:
    """A file that can't be run, or isn't there, is a missing tool; so is a wrong interpreter."""
    plain = tmp_path / "clang"
    plain.write_text("")
    for named in (str(plain), str(tmp_path / "nowhere"), "no-such-clang"):
        with pytest.raises(ToolMissing, match="no program that can be run") as caught:
            find(named)
        assert caught.value.named
    plain.write_text("#!/no/such/interpreter\n")
    plain.chmod(0o755)
    (message,) = find(str(plain)).compile_object("int x;").messages
    assert "can't be run" in message.text


def fake_clangs(directory: Path, *names: str) -> None:
    """Put programs of these names into *directory*."""
    directory.mkdir(exist_ok=True)
    for name in names:
        program(directory / name, f"echo {name}")


def test_the_newest_on_the_path_is_taken(tmp_path: Path) -> None:
    """By version, not by alphabet; of one name the first directory counts; tools aren't clang."""
    first, second = tmp_path / "1", tmp_path / "2"
    fake_clangs(first, "clang-9", "clang-16", "clang-format-20", "clang++-30", "clang-cl")
    fake_clangs(second, "clang-19", "clang-16")
    (second / "clang-40").write_text("not executable")
    found = find_uncached(None, {"PATH": f"{first}::/nowhere:{second}"})
    programs = [found.command[0], *(other.command[0] for other in found.alternatives)]
    assert programs == [f"{second}/clang-19", f"{first}/clang-16", f"{first}/clang-9"]


def test_an_unversioned_clang_is_asked_for_its_version(tmp_path: Path) -> None:
    """`clang` is the newest where it says so, by its link or by `--version`."""
    fake_clangs(tmp_path, "clang-16")
    program(tmp_path / "clang", "echo 'Some clang version 21.1.0 (x)'")
    assert find_uncached(None, {"PATH": str(tmp_path)}).command == (f"{tmp_path}/clang",)
    program(tmp_path / "clang", "echo 'Some clang version 9.1.0 (x)'")
    assert find_uncached(None, {"PATH": str(tmp_path)}).command == (f"{tmp_path}/clang-16",)
    (tmp_path / "clang").unlink()
    fake_clangs(tmp_path / "llvm-22", "clang")
    (tmp_path / "clang").symlink_to(tmp_path / "llvm-22" / "clang")
    assert find_uncached(None, {"PATH": str(tmp_path)}).command == (f"{tmp_path}/clang",)


def test_a_clang_without_the_bpf_target_is_passed_over(tmp_path: Path) -> None:
    """The next one compiles; a clang that was named is not replaced behind the user's back."""
    real = clang_program()
    lacking = program(
        tmp_path / "clang-99",
        "echo \"error: unable to create target: 'No available targets'\" >&2; exit 1",
    )
    (tmp_path / "clang-16").symlink_to(real)
    found = find_uncached(None, {"PATH": str(tmp_path)})
    assert found.command == (lacking,)
    assert found.compile_object("int x;").object is not None
    with pytest.raises(ToolMissing, match="doesn't know the target bpf") as caught:
        find(lacking).compile_object("int x;")
    assert caught.value.named


def test_who_names_the_compiler(tmp_path: Path) -> None:
    """--clang wins over BPFGEN_CLANG, that over the PATH; arguments may follow the name."""
    fake_clangs(tmp_path, "clang-19", "mine", "yours")
    environment = {"PATH": str(tmp_path), "BPFGEN_CLANG": "yours"}
    assert find_uncached("mine", environment).command == (f"{tmp_path}/mine",)
    assert find_uncached(None, environment).origin == "BPFGEN_CLANG"
    assert find_uncached(None, environment).command == (f"{tmp_path}/yours",)
    assert find_uncached(None, {**environment, "BPFGEN_CLANG": ""}).origin == "PATH"
    wrapped = find_uncached("mine --flag 'a b'", environment)
    assert wrapped.command == (f"{tmp_path}/mine", "--flag", "a b")


def test_ziglang_serves_where_the_path_has_none(tmp_path: Path) -> None:
    """An empty PATH leads to the package, and without that to a sentence that says what to do."""
    zig = ziglang_program()
    if zig is None:
        with pytest.raises(ToolMissing, match="apt install clang"):
            find_uncached(None, {"PATH": str(tmp_path)})
        return
    found = find_uncached(None, {"PATH": str(tmp_path)})
    assert found.origin == "ziglang"
    assert found.compile_object(TEXT, headers=FLOW).object is not None


def test_nothing_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The sentence names both ways to get one, and a finder says it again without searching."""
    monkeypatch.setattr("bpfgen.clang.search.ziglang_program", lambda: None)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("BPFGEN_CLANG", raising=False)
    finder = Finder()
    for _ in range(2):
        with pytest.raises(ToolMissing, match=r"`apt install clang` or `pip install zigl"):
            finder.find()


def test_the_search_starts_no_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a machine whose clangs have versions in their names, finding one costs no run."""
    if not any(shutil.which(name) for name in CLANGS) or shutil.which("clang"):
        pytest.skip("clang-NN alone are not what this machine has")

    def refuse(*_arguments: object, **_keywords: object) -> None:
        pytest.fail("a process was started")

    monkeypatch.setattr(subprocess, "run", refuse)
    monkeypatch.setattr(os, "posix_spawn", refuse)
    assert find_uncached(None, {"PATH": os.environ["PATH"]}).origin == "PATH"
