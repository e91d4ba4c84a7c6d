"""Which of a user's flags clang gets, by the table, and what every run of it makes of them."""

from __future__ import annotations

import subprocess
from collections import Counter
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest

from bpfgen.clang.arguments import COMMAND, Flags, RefusedFlag, files_in, read_flags, row_of
from bpfgen.clang.finder import Finder
from bpfgen.clang.flag_table import (
    ALONE,
    DIRECTORY,
    EITHER,
    FILE,
    FLAGS,
    JOINED,
    PASSED,
    REFUSED,
    SEPARATE,
    SWITCH,
)
from tests.tools import clang_program, newest, require_clang

if TYPE_CHECKING:
    from pathlib import Path

    from bpfgen.clang.flag_table import Flag

STARTS_OR_WRITES = """
-fplugin=x.so -fplugin-arg-x-y -fpass-plugin=x.so -Xclang -load -mllvm -Wa,-x -Wl,-x -Wp,-MD,x
-B/x --config --config=x -specs=x -wrapper --gcc-toolchain=/x -fno-integrated-as -fuse-ld=x
--ld-path=x -save-temps -save-temps=obj -fsave-optimization-record -foptimization-record-file=x
-ftime-trace -ftime-trace=x -fstack-usage -fproc-stat-report=x -fdump-record-layouts-simple
-fmodules-cache-path=x -fmodule-file=x -fmodule-map-file=x -fimplicit-modules -gsplit-dwarf
-dumpdir -MJ --serialize-diagnostics -serialize-diagnostics -index-store-path --coverage
-include-pch -ivfsoverlay -working-directory -fcrash-diagnostics-dir=x -fopenmp-targets=x
-fthinlto-index=x -fsanitize-ignorelist=x -frandomize-layout-seed-file=x -cc1 @x x.o - --
--hipspv-pass-plugin=x --ptxas-path=x --amdgpu-arch-tool=x -fembed-offload-object=x -o -MF
-fbasic-block-sections=list=x -fprofile-use=x -fprofile-generate=x -mllvm=-load=x
""".split()
"""Flags that start or load something, write a file, or take options or code from one."""


def passed(*words: str) -> tuple[str, ...]:
    """Return what clang gets for *words*."""
    return read_flags(words).arguments


@pytest.mark.parametrize("word", STARTS_OR_WRITES)
def test_what_starts_or_writes_something_never_reaches_clang(word: str) -> None:
    """Neither as a flag nor in a command, with the word after it or without; and none is known."""
    with suppress(RefusedFlag):
        assert passed(word, "value") == ()
    assert read_flags([word, "value"], read_as=COMMAND).arguments == ()


def test_of_all_that_clang_knows_nothing_such_is_let_through() -> None:
    """clang lists its options itself: of those that can do more than compile none is passed."""
    listed = subprocess.run(
        [clang_program(), "--autocomplete=-"], capture_output=True, text=True, check=True
    ).stdout.split("\n")
    options = {line.split("\t")[0].strip() for line in listed} - {""}
    assert len(options) > 1000, options
    through = {word for word in options if (row := row_of(word)) and row.fate == PASSED}
    suspicious = (
        "plugin load- Xclang Xassem Xlink mllvm pch module trace report dump profile save- "
        "temps config path= -path tool offload openmp cache index response specs wrapper "
        "ld-path lto emit- file= dir= verify"
    ).split()
    outputs = ("-o", "-M", "-S", "-E", "-c", "-emit", "-Wa,", "-Wl,", "-Wp,", "-X", "@")
    found = {
        word
        for word in through
        if (not word.startswith(("-W", "-fno")) and any(part in word for part in suspicious))
        or word.startswith((*outputs, "-fno-integrated"))
    }
    assert sorted(found - HARMLESS) == []


HARMLESS = {
    *("-fbacktrace", "-fexperimental-modules-reduced-bmi", "-fsystem-module", "-fast"),
    *("-fforce-check-cxx20-modules-input-files", "-fms-omit-default-lib", "-fstruct-path-tbaa"),
    *("-fsample-profile-use-profi", "-fdebug-info-for-profiling", "-fverify-intermediate-code"),
    *("-fobjc-encode-cxx-class-template-spec", "-resource-dir=", "-fforce-emit-vtables"),
}
"""What has one of the words in its name and does no such thing."""


def test_each_row_is_reached_by_its_name() -> None:
    """No row hides another, and what is refused has a reason that reads after `: `."""
    counts = Counter((flag.name, flag.form == ALONE) for flag in FLAGS)
    assert [name for name, count in counts.items() if count > 1] == []
    for flag in FLAGS:
        found = row_of(flag.name)
        assert found is not None
        assert found.name == flag.name, flag
        assert flag.reason
        assert flag.reason[-1] != "."


def example(flag: Flag) -> list[str]:
    """Return a use of *flag*."""
    values = {"-D": "A=1", "-U": "A", "-include": "own.h", "-imacros": "own.h"}
    value = values.get(flag.name, "." if flag.value == DIRECTORY else "")
    if flag.name in {"-std=", "--std="}:
        value = "gnu11"
    return {
        ALONE: [flag.name],
        SWITCH: [flag.name + {"-f": "short-enums", "-W": "all"}.get(flag.name, "")],
        JOINED: [flag.name + value],
        EITHER: [flag.name, value],
        SEPARATE: [flag.name, value],
    }[flag.form]


PLAIN = [flag for flag in FLAGS if flag.fate == PASSED and flag.value != DIRECTORY]


def test_clang_takes_what_is_let_through(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """All rows whose flag needs no value that only a project has, in one run."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "own.h").write_text("#define OWN 1\n")
    words: list[str] = []
    for flag in PLAIN:
        if "target" in flag.name or flag.name in {"-ansi", "-undef", "-Og", "-trigraphs"}:
            continue
        if flag.form == JOINED and flag.name.startswith(("-f", "-W")):
            continue  # each has values of its own
        if not flag.name.startswith(("-mcpu", "-nostd", "-nobuiltin")):
            words += example(flag)
    compiler = Finder(require_clang(), arguments=read_flags(words).arguments).find()
    result = compiler.compile_object("int x[OWN];\n")
    assert result.object is not None, result.messages


def test_values_stand_where_clang_takes_them_from_nobody_else() -> None:
    """A path is a word of its own that can only be a path; any other value is beside its flag."""
    assert passed("-isystem", "@x") == ("-isystem", "./@x")
    assert passed("-isystem-x") == ("-isystem", "./-x")
    assert passed("-I", "-") == ("-I", "./-")
    assert passed("-D", "-fplugin=x") == ("-D-fplugin=x",)
    assert passed("-D", "F(x)=x", "-DA") == ("-DF(x)=x", "-DA")
    assert passed("--sysroot=@x", "--sysroot", "a/../b") == ("--sysroot=./@x", "--sysroot", "b")
    assert passed("-include", "x.h") == ("-include", "x.h")


@pytest.mark.parametrize(
    ("words", "what"),
    [
        (["-isystem"], "`-isystem` wants a value after it"),
        (["-D", ""], "`-D` wants a value after it"),
        (["-isystem", 'a"b'], "no directory may have a double quote in its name"),
        (["-include", "a\nb"], "no file may have a line end in its name"),
        (["-Da\0b"], "a flag for clang has a NUL in it"),
        (["src"], "`src` is no flag"),
        (["-isystm", "x"], "`-isystm` is none of the flags that bpfgen gives to clang"),
        (["-g0"], "BTF is made of debug information"),
        (["-m32"], "BPF has 64-bit pointers"),
    ],
)
def test_a_wrong_flag_is_a_sentence(words: list[str], what: str) -> None:
    """It says what is wrong; in a command it is left out."""
    with pytest.raises(RefusedFlag) as refused:
        read_flags(words)
    assert what in refused.value.what
    left = read_flags(words, read_as=COMMAND)
    assert left.arguments == ()
    assert [word.split(" ")[0] for word in left.skipped] == [
        word for word in words[:1] if word.startswith("-")
    ]


def test_paths_are_those_of_whoever_wrote_them(tmp_path: Path) -> None:
    """Relative to a directory; a file that isn't there is for clang to look for."""
    (tmp_path / "here.h").touch()
    words = ["-Iinc", "-include", "here.h", "-include", "linux/kconfig.h"]
    directory = str(tmp_path)
    arguments = read_flags(words, directory).arguments
    here = f"{tmp_path}/here.h"
    expected = ("-I", f"{tmp_path}/inc", "-include", here, "-include", "linux/kconfig.h")
    assert arguments == expected
    assert list(files_in(arguments)) == [here]


def test_targets() -> None:
    """BPF's are a target; a host's is told to headers by its macros alone."""
    assert read_flags(["-target", "bpf", "--target=bpfeb"]) == Flags((), "bpfeb")
    host = read_flags(["-target", "aarch64-linux-gnu"])
    assert host.target == ""
    assert {"-D__aarch64__", "-D__linux__", "-U__bpf__"} <= set(host.arguments)
    assert not any("target" in word for word in host.arguments)


@pytest.mark.parametrize(
    "triple",
    [
        *("x86_64-linux-gnu", "aarch64-linux-gnu", "riscv64-linux-gnu", "s390x-linux-gnu"),
        *("powerpc64le-linux-gnu", "loongarch64-linux-gnu", "armv7-linux-gnueabihf"),
        *("i686-linux-gnu", "mips64el-linux-gnuabi64"),
    ],
)
def test_macros_of_a_host_are_those_of_clang(triple: str) -> None:
    """What clang defines for the target itself says that each of them is right."""
    run = subprocess.run(
        [clang_program(), "-target", triple, "-dM", "-E", "-x", "c", "/dev/null"],
        capture_output=True,
        text=True,
        check=False,
    )
    if run.returncode:
        pytest.skip(f"{newest()} doesn't know {triple}")
    defined = dict(
        line.split(" ", 2)[1:] for line in run.stdout.splitlines() if line.count(" ") > 1
    )
    given = [word[2:] for word in passed("-target", triple) if word.startswith("-D")]
    macros = dict((f"{macro}=1").split("=")[:2] for macro in given)
    assert macros.pop("BPFGEN_BPF") == "1"
    assert {name: defined.get(name) for name in macros} == macros


def test_every_run_of_the_compiler_has_them(tmp_path: Path) -> None:
    """Compiling and preprocessing alike; a file that a flag names is a dependency of each."""
    header = tmp_path / "own.h"
    header.write_text("#define OWN 3\n")
    words = read_flags(["-include", str(header), "-DOTHER=4"]).arguments
    compiler = Finder(require_clang(), arguments=words).find()
    compiled = compiler.compile_object("int x[OWN + OTHER];\n")
    assert compiled.object is not None, compiled.messages
    preprocessed = compiler.preprocess("int x[OWN + OTHER];\n")
    assert preprocessed.text is not None
    assert "int x[3 + 4];" in preprocessed.text
    for result in (compiled, preprocessed):
        assert str(header) in result.dependencies
    assert str(tmp_path).encode() not in compiled.object


def test_nostdinc_is_obeyed() -> None:
    """Our own directories for the system's headers are not searched either."""
    compiler = Finder(require_clang(), arguments=passed("-nostdinc")).find()
    result = compiler.compile_object("#include <asm/types.h>\n")
    assert result.object is None
    assert result.messages[0].missing_header == "asm/types.h"


def test_files_of_the_table_are_read() -> None:
    """The rows whose value is a file are the two that clang reads before the text."""
    assert {flag.name for flag in FLAGS if flag.value == FILE and flag.fate == PASSED} == {
        "-include",
        "-imacros",
    }
    assert all(flag.fate == REFUSED for flag in FLAGS if "plugin" in flag.name)
