"""Vim's files: colours, the type of a file, its options, indentation, and `:make`.

In Vim itself; the colours in Neovim, too.
"""

from __future__ import annotations

import re
import shlex
import sys
from typing import TYPE_CHECKING, Any

import pytest

from bpfgen.files import SUFFIXES
from bpfgen.highlighting.roles import ROLES
from bpfgen.highlighting.vim import group_of, vim_expression
from bpfgen.syntax.formatting.format import format_text
from tests.highlighting.comparison import differences
from tests.highlighting.detected import DETECTED
from tests.highlighting.texts import BROKEN, texts
from tests.highlighting.vim import FILES, run
from tests.tools import CHECKOUT

if TYPE_CHECKING:
    from pathlib import Path

ROLE_OF = {group_of(name): name for name in ROLES}

_COLOURS = """
for [name, places] in g:given
  exe 'edit' name
  setlocal filetype=bpfmap
  let groups = []
  for [line, column] in places
    call add(groups, synIDattr(synID(line, column, 1), 'name'))
  endfor
  call add(g:answer, groups)
endfor
"""


def colours(editor: str, programs: list[str], directory: Path) -> list[list[str]]:
    """Return the role of each character of each text; of a blank, none."""
    linked = dict(re.findall(r"hi def link (bpfmap_\d+) (\w+)", _syntax_file()))
    given: list[Any] = []
    for number, text in enumerate(programs):
        (directory / f"{number}.txt").write_text(text, encoding="utf-8")
        places = [
            [number_of_line, len(line[:at].encode()) + 1]
            for number_of_line, line in enumerate(text.split("\n"), 1)
            for at in range(len(line))
        ]
        given.append([f"{number}.txt", places])
    roles = []
    for text, groups in zip(programs, run(editor, _COLOURS, directory, given), strict=True):
        following = iter(groups)
        names = ["" if character == "\n" else next(following) for character in text]
        roles.append([ROLE_OF.get(linked.get(name, name), "") for name in names])
    return roles


def _syntax_file() -> str:
    return (FILES / "syntax/bpfmap.vim").read_text()


@pytest.mark.parametrize("editor", ["vim", "nvim"])
def test_each_token_has_the_group_of_its_meaning(editor: str, tmp_path: Path) -> None:
    """In every text, to the character; the witness is lark's parse of the grammar."""
    programs = dict(list(texts().items())[:: 2 if editor == "vim" else 8])
    for (name, text), roles in zip(
        programs.items(), colours(editor, list(programs.values()), tmp_path), strict=True
    ):
        assert differences(text, roles) == [], name


def test_what_is_open_ends_where_the_next_item_surely_begins(tmp_path: Path) -> None:
    """A text that is being typed has the colours of its other lines."""
    programs = list(BROKEN.values())
    for (text, word), roles in zip(
        programs, colours("vim", [text for text, _ in programs], tmp_path), strict=True
    ):
        (found,) = re.finditer(rf"\b{word}\b", text)
        assert roles[found.start()] == "map", text


@pytest.mark.parametrize("editor", ["vim", "nvim"])
def test_the_type_of_a_file(editor: str, tmp_path: Path) -> None:
    """By the suffix that is ours alone; `.dsl` by how it begins, as is_source_text says."""
    names = []
    for number, (text, _) in enumerate(DETECTED):
        names.append(f"{number}.dsl")
        (tmp_path / names[-1]).write_text(text)
    own = [suffix for suffix in SUFFIXES if suffix != ".dsl"]
    names += [f"new{suffix}" for suffix in own]
    script = "for name in g:given\n exe 'edit' name\n call add(g:answer, &filetype)\nendfor\n"
    found = [name == "bpfmap" for name in run(editor, script, tmp_path, names)]
    assert found == [is_ours for _, is_ours in DETECTED] + [True] * len(own)


def test_options_come_and_go(tmp_path: Path) -> None:
    """A buffer has those of the language, and no longer when its type is another."""
    (tmp_path / "m.bpfmap").write_text('import "common.bpfmap";\nmap m: hash<int, int>[1];\n')
    (tmp_path / "common.bpfmap").write_text("struct key { int a; };\n")
    script = """
edit m.bpfmap
call add(g:answer, [&expandtab, &shiftwidth, &commentstring, &indentexpr != ''])
call add(g:answer, map(range(1, 2), {_, n -> synIDattr(synID(n, 1, 1), 'name') != ''}))
checkpath!
normal! gg0f"lgf
call add(g:answer, expand('%:t'))
edit m.bpfmap
setlocal filetype=text
call add(g:answer, [&expandtab, &commentstring == '// %s', &indentexpr])
"""
    options, colours_of, opened, gone = run("vim", script, tmp_path)
    assert options == [1, 4, "// %s", 1]
    assert colours_of == [1, 1]
    assert opened == "common.bpfmap"
    assert gone == [0, 0, ""]


CONTINUED = """\
const A = 1 |
    2 |  // it's (two
    3;
const B = (1 +
    2) |
    (3 +
        4);
const C = (
    1 +
    2
) |
    3;
struct s {
    __u32 a[1 +
        2];
    /* a { comment
     * of lines
     */
    const char *b
        __attribute__((aligned(8)));
};
int f(int a,
    int b);
enum e {
    X = 1 |
        2,
    Y,
};
map m: hash<__u32,
    __u64>[1 |
        2] {
    map_flags = BPF_F_A |
        BPF_F_B;
    pinning =
        by_name;
};
map flows: hash<
    flow_key,
    struct {
        __u64 packets;
    }
>[1<<2];
when (A &&
        B) {
    const D = 1;
}
map o: array_of_maps<__u32, array<__u32,
    __u64>[2]>[3];
"""
"""Lines that go on on the next, as the formatter leaves them."""


def test_indenting_is_what_the_formatter_does(tmp_path: Path) -> None:
    """`gg=G` gives every line of a formatted text the indentation that it had."""
    programs = {}
    for path in sorted((CHECKOUT / "samples").rglob("*.dsl")):
        if "broken" not in path.parts:
            formatted = format_text(path.read_text(encoding="utf-8"))
            assert formatted is not None
            programs[path.name] = formatted
    assert len(programs) > 10
    assert format_text(CONTINUED) == CONTINUED
    programs["continued"] = CONTINUED
    for name, text in programs.items():
        flat = "".join(f"{line.lstrip()}\n" for line in text.splitlines())
        (tmp_path / f"{name}.bpfmap").write_text(flat, encoding="utf-8")
    script = """
for name in g:given
  exe 'edit!' name .. '.bpfmap'
  silent normal! gg=G
  call add(g:answer, getline(1, '$'))
endfor
"""
    for (name, text), lines in zip(
        programs.items(), run("vim", script, tmp_path, list(programs)), strict=True
    ):
        assert lines == text.splitlines(), name


@pytest.mark.parametrize("editor", ["vim", "nvim"])
def test_lines_are_indented_while_they_are_typed(editor: str, tmp_path: Path) -> None:
    """Comments in a body, and brackets around types."""
    typed = (
        "struct s {|/**|text|/|int a;|/* one|two */|};|map m: hash<|int,|struct {|int x;|}|>[2];"
    )
    keys = typed.replace("|", "\\<CR>")
    script = f'edit m.bpfmap\nexe "normal! i{keys}"\nlet g:answer = getline(1, "$")\n'
    assert run(editor, script, tmp_path) == [
        *("struct s {", "    /**", "     * text", "     */", "    int a;"),
        *("    /* one", "     * two */", "};"),
        *("map m: hash<", "    int,", "    struct {", "        int x;", "    }", ">[2];"),
    ]


def test_make_goes_to_what_is_wrong(tmp_path: Path) -> None:
    """`:compiler bpfgen` and `:make`: each error and warning with its place."""
    (tmp_path / "bpfgen").write_text(
        f'#!/bin/sh\nPYTHONPATH={shlex.quote(str(CHECKOUT))} exec {sys.executable} -m bpfgen "$@"\n'
    )
    (tmp_path / "bpfgen").chmod(0o755)
    (tmp_path / "m.bpfmap").write_text(
        "map a: array<__u64, __u64>[4];\n\nmap b: hsah<int, int>[1];\n"
    )
    script = """
let $PATH = getcwd() .. ':' .. $PATH
edit m.bpfmap
compiler bpfgen
silent make --no-verify
let g:answer = map(getqflist(), {_, e -> [e.valid, e.lnum, e.col, e.type, e.text]})
"""
    found = run("vim", script, tmp_path)
    assert [entry[:4] for entry in found] == [[1, 1, 14, "E"], [1, 3, 8, "E"]]
    assert "hsah" in found[1][4]


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        (r"\bmap\b(?=:)", r"\v%(<|>)map%(<|>)%(\:)@="),
        (r"(?<=\))|}", r"\v%(%(\))@<=|\})"),
        (r"[^*/]+x{2,3}?", r"\v[^*\/]+x{-2,3}"),
        (r"^a$", r"\v\_^a\_$"),
        (r"[^\r\n]*(?!.)", r"\v.*%(.)@!"),
        (r"(?:ab)?[a-c_\]]", r"\v%(ab)?[a-c_\]]"),
    ],
)
def test_expressions_are_rewritten(pattern: str, expected: str) -> None:
    """What an expression of Python is in Vim, as :help pattern has it."""
    assert vim_expression(pattern) == expected
