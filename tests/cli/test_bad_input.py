"""Bad input of every sort ends in a clear message and status 1, soon, through the whole program."""

from __future__ import annotations

import os
import random
import re
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

from tests.tools import CHECKOUT

if TYPE_CHECKING:
    from pathlib import Path

SECONDS = 30.0
"""More than any of these may take on a busy machine; most take a third of one."""

NOISE = random.Random(3).randbytes(100_000)  # noqa: S311 -- bytes for a test

CASES: dict[str, tuple[str | bytes, str]] = {
    "an empty file": ("", r"maps\.dsl"),
    "blanks and comments alone": ("\n/* nothing */\n// at all\n", r"maps\.dsl"),
    "a binary file": (
        b"\x7fELF\x02\x01\x01\0\0\xff\xfe",
        r"error\[object-format\]: maps\.dsl: an ELF header that ends too soon",
    ),
    "noise": (NOISE, r"error\[encoding\]"),
    "invalid UTF-8": (b"map a: array<int, int>[1];\n/* \xe9 */", r"maps\.dsl:2:4"),
    "a 50 MB line": ("int a; " * 7_200_000, r"error\[line-too-long\].*maps\.dsl:1:"),
    "a 50 MB comment": ("/*" + "x" * 50_000_000 + "*/", r"error\[line-too-long\]"),
    "an open comment": ("map a: array<int, int>[1]; /* open", r"comment.*maps\.dsl:1:28"),
    "an open string": ('import "common.dsl;\n', r"maps\.dsl:1:8"),
    "an open brace": ("struct s { int a;\n", r"error\[syntax\].*maps\.dsl"),
    "a brace too many": ("struct s { int a; }; }\n", r"error\[syntax\].*maps\.dsl:1:22"),
    "10,000 nested structs": ("struct s { " * 10_000 + "int a;" + "};" * 10_000, "200 levels"),
    "10,000 parentheses": (f"const A = {'(' * 10_000}1{')' * 10_000};", "200 levels"),
    "10,000 dimensions": (f"struct s {{ int a{'[1]' * 10_000}; }};", "200 levels"),
    "10,000 stars": (f"struct s {{ int {'*' * 10_000}a; }};", "200 levels"),
    "a recursive type": (
        "struct a { struct b b; };\nstruct b { struct a a[2]; };\nmap m: array<int, a>[1];\n",
        r"error\[recursive-type\].*`struct [ab]`",
    ),
    "an import cycle": ('import "maps.dsl";\n', r"error\[import-cycle\].*maps\.dsl:1:1"),
    "a missing import": ('\nimport "nope.dsl";\n', r"`nope\.dsl`.*maps\.dsl:2:1"),
    "a directory imported": ('import "/";\n', r"maps\.dsl:1:1"),
    "a duplicate map": (
        "map m: array<int, int>[1];\nmap m: array<int, int>[1];\n",
        r"`m`.*maps\.dsl:2:5.*declared",
    ),
    "a duplicate struct": ("struct s { int a; };\nstruct s { int b; };\n", r"`s`.*maps\.dsl:2:8"),
    "a duplicate member": ("struct s { int a; int a; };\n", r"`a`.*maps\.dsl:1:23"),
    "a map named by a keyword": ("map while: array<int, int>[1];\n", r"`while`.*maps\.dsl:1:5"),
    "a member named by a keyword": ("struct s { int if; };\n", r"`if`.*maps\.dsl:1:16"),
    "an enumerator out of range": (
        "enum e : __u8 { A = 255, B };\n",
        r"256.*`__u8`.*maps\.dsl:1:26",
    ),
    "an overflow": ("const A = 0x7fffffff + 1;\n", r"`int`.*maps\.dsl:1"),
    "a shift too far": ("const A = 1 << 31;\n", r"`int`.*1U << 31"),
    "a literal over 64 bits": ("const A = 0x10000000000000000;\n", "64 bits"),
    "division by zero": ("const A = 0;\nconst B = 1 / A;\n", r"zero.*maps\.dsl:2"),
    "remainder by zero": ("const B = 1 % 0;\n", r"zero.*maps\.dsl:1"),
    "max_entries over 32 bits": (
        "map m: array<int, int>[0x100000000];\n",
        r"`max_entries`.*4294967296.*maps\.dsl:1:24",
    ),
    "a negative max_entries": ("map m: array<int, int>[-1];\n", r"`max_entries`.*maps\.dsl:1:24"),
    "sizeof of an incomplete type": ("struct s;\nconst A = sizeof(struct s);\n", r"maps\.dsl:2"),
    "a value of incomplete type": ("struct s;\nmap m: array<int, struct s>[1];\n", r"maps\.dsl:2"),
    "a type that is nowhere": (
        "struct flow_key { int a; };\nmap m: hash<flow_kye, int>[1];\n",
        r"`flow_kye`.*maps\.dsl:2:13",
    ),
    "a map kind that is nowhere": ("map m: hsah<int, int>[1];\n", "did you mean `hash`"),
    "a constant that is nowhere": ("const MAX = 4;\nmap m: hash<int, int>[MAXX];\n", "`MAXX`"),
    "an attribute that is nowhere": (
        "map m: hash<int, int>[1] { map_flgas = 1; };\n",
        "`map_flgas`.*map_flags",
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_bad_input(tmp_path: Path, case: str) -> None:
    """Status 1, the message and the place that are expected, no file, no traceback."""
    text, expected = CASES[case]
    data = text.encode() if isinstance(text, str) else text
    (tmp_path / "maps.dsl").write_bytes(data)
    before = time.monotonic()
    run = subprocess.run(
        [sys.executable, "-m", "bpfgen", "maps.dsl", "-o", "maps.h", "--no-verify"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(CHECKOUT)},
        capture_output=True,
        check=False,
        timeout=SECONDS * 4,
    )
    seconds = time.monotonic() - before
    errors = run.stderr.decode()
    assert run.returncode == 1, errors
    assert "Traceback" not in errors
    assert "error[" in errors
    assert re.search(expected, errors, re.DOTALL), errors
    assert os.listdir(tmp_path) == ["maps.dsl"]
    assert seconds < SECONDS
    assert max(map(len, errors.splitlines())) < 400
    assert len(errors) < 10_000


def test_every_mistake_is_told_in_one_run(tmp_path: Path) -> None:
    """Mistakes of different stages come out together, in source order."""
    (tmp_path / "maps.dsl").write_text(
        "struct a { int x y; };\n"
        "const B = 1 / 0;\n"
        "map c: hsah<int, int>[1];\n"
        "map d: hash<nowhere, int>[1];\n"
        "struct e { int z; }}\n"
        "map f: hash<int, int>[0x100000000];\n"
    )
    run = subprocess.run(
        [sys.executable, "-m", "bpfgen", "maps.dsl", "-o", "maps.h", "--no-verify"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(CHECKOUT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 1
    lines = [int(line) for line in re.findall(r"--> maps\.dsl:(\d+):", run.stderr)]
    assert lines == sorted(lines)
    assert set(lines) == {1, 2, 3, 4, 5, 6}


def test_the_name_of_a_source_is_any_bytes(tmp_path: Path) -> None:
    """A name that isn't UTF-8 is read, written and verified like any other."""
    name = os.fsencode(tmp_path) + b"/m\xff"
    with open(name + b".dsl", "w", encoding="utf-8") as file:
        file.write("map m: array<__u32, __u32>[4];\n")
    for suffix in (b".h", b".json", b".o"):
        command = [
            os.fsencode(sys.executable),
            b"-m",
            b"bpfgen",
            name + b".dsl",
            b"-o",
            name + suffix,
        ]
        result = subprocess.run(command, capture_output=True, check=False, timeout=SECONDS)
        assert (result.returncode, result.stderr) == (0, b"")
        assert os.path.getsize(name + suffix)
