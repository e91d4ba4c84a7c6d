"""What import writes is as `bpfgen fmt` writes it, whatever the C looked like."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bpfgen.building import build_object
from bpfgen.compiler import Options, compile
from bpfgen.importer import import_object
from bpfgen.importer.from_c import import_c
from bpfgen.importer.items import CONSTANTS, MAPS, TYPES, Item, source_text
from bpfgen.object import read_object
from bpfgen.syntax.formatting.format import format_text
from bpfgen.text.source import Source
from tests.fuzz.programs import Features, program
from tests.tools import require_clang

if TYPE_CHECKING:
    from pathlib import Path

TABBED = """\
#define MAX   (1<<4)   /* at most */
struct flow {
  unsigned int	opener:1;   /* who
                              began */
  union { unsigned int v4 ;  unsigned int v6 [4]; } from;// where


  void * const *table;
} __attribute__ ((packed, aligned (8))) ;
enum side{LEFT,RIGHT=2} ;
struct {
  int (*type)[1];
  int (*max_entries)[MAX];
  int *key;
  struct flow *value;
} flows __attribute__((section(".maps")));
struct { int (*type)[1]; int (*max_entries)[1]; int *key; enum side *value; } sides
__attribute__((section(".maps")));
"""


def test_c_in_odd_form() -> None:
    """Comments stay beside what they are about; blanks are ours, but those in expressions."""
    require_clang()
    text = import_c(TABBED, "odd.c").text
    assert format_text(text) == text
    assert "const MAX = (1<<4);  // at most\n" in text
    assert "    unsigned int opener : 1; /* who\n" in text
    assert "    union { unsigned int v4; unsigned int v6[4]; } from;  // where\n\n    void" in text
    assert "enum side { LEFT, RIGHT = 2 };\n" in text


@pytest.mark.parametrize("seed", range(6))
def test_objects(seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is written from the model of an object is in form."""
    monkeypatch.chdir(tmp_path)
    made = program(seed, Features(unopenable=False))
    (tmp_path / "common.dsl").write_text(made.imported)
    compilation = compile(Source("main.dsl", made.text))
    if compilation.failed:
        return  # the kernel refuses its types
    data, diagnostics = build_object(compilation, Options(assembler="builtin"))
    assert data is not None, diagnostics
    text = import_object(read_object(data), "program.o").text
    assert all(f"map {name}: " in text for name in made.maps)
    assert format_text(text) == text


def test_lines_belong_to_the_same_declaration() -> None:
    """A declaration that takes other lines once it is formatted is still found by its lines."""
    items = [
        Item("const  A=1 ;\n", "", "`A`", CONSTANTS),
        Item("struct s{ __u32 a;\n__u32\n b ; };\n", "", "`struct s`", TYPES, ("value-padding",)),
        Item("map m : hash<__u32,s>[A];\n", "m", "`m`", MAPS),
    ]
    text, item_at = source_text(items, "x.o")
    assert format_text(text) == text
    lines = text.split("\n")
    found = {lines[line - 1].strip(): index for line, index in item_at.items()}
    assert found == {
        "const A = 1;": 0,
        "struct s {": 1,
        "__u32 a;": 1,
        "__u32 b;": 1,
        "};": 1,
        "map m: hash<__u32, s>[A];": 2,
    }


def test_what_can_t_be_read_is_left_as_it_is() -> None:
    """Its declarations are found by their lines, too, so that those that are wrong can go."""
    items = [
        Item("struct  s { __u32 ( };\n", "", "`struct s`", TYPES),
        Item("map m:  hash<__u32, s>[1];\n", "m", "`m`", MAPS),
    ]
    text, item_at = source_text(items, "x.o")
    assert format_text(text) is None
    assert [text.split("\n")[line - 1] for line in item_at] == [
        item.text.rstrip("\n") for item in items
    ]
