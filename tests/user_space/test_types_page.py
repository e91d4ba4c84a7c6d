"""The table of docs/user-space.md: each C type comes out in each language as its row says."""

from __future__ import annotations

import re
from typing import NamedTuple

import pytest

from bpfgen.compiler import compile, emit_files
from bpfgen.text.source import Source
from tests.tools import CHECKOUT

FORMS = ("header", "go", "rust", "python")
"""The outputs in the order of the table's columns."""

SOURCE = """
enum verdict : __u8 {{ ACCEPTED }};
struct inner {{ __u32 a; }};
struct empty {{ }};
union either {{ __u64 number; __u8 raw[8]; }};
struct t {{ {before}{declaration}{after} }}{attribute};
map maps: {kind};
"""


class Row(NamedTuple):
    """A row of the table: what the source has, and what is to be found in each output."""

    what: str
    declaration: str
    cells: tuple[tuple[str, ...], ...]


def _rows() -> list[Row]:
    page = (CHECKOUT / "docs/user-space.md").read_text(encoding="utf-8")
    section = page.split("\n## How C's types come out\n")[1].split("\n## ")[0]
    rows = []
    for line in section.splitlines():
        if not line.startswith("| ") or line.startswith(("| C |", "| Declaration |")):
            continue
        what, *cells = (cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1])
        (declaration,) = re.findall(r"`([^`]*)`", what)
        codes = [tuple(re.findall(r"`([^`]*)`", cell.replace(r"\|", "|"))) for cell in cells]
        rows.append(Row(what.replace(f"`{declaration}`", "").strip(" ,"), declaration, (*codes,)))
    return rows


ROWS = _rows()


_AT_THE_TOP = ("const ", "enum color", "struct flow_id", "typedef ", "map ")


def _source_of(row: Row) -> str:
    """Return the row's declaration, or a struct `t` with the row's member, `m`."""
    if row.declaration.startswith(_AT_THE_TOP):
        return row.declaration
    is_last = row.declaration.endswith("[];")
    return SOURCE.format(
        before="__u8 before; " if "packed" in row.what else "__u64 before; ",
        declaration=row.declaration,
        after="" if is_last else " __u64 after;",
        attribute=" __attribute__((packed))" if "packed" in row.what else "",
        kind="ringbuf<t>[4096]" if is_last else "hash<int, t>[1]",
    )


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.declaration} {row.what}".strip())
def test_a_type_comes_out_as_the_table_says(row: Row) -> None:
    """All that a cell shows stands in that output, blanks aside."""
    compilation = compile(Source("maps.dsl", _source_of(row)))
    assert not compilation.failed, [d.message for d in compilation.diagnostics]
    assert len(row.cells) == len(FORMS)
    for form, codes in zip(FORMS, row.cells, strict=True):
        (file,) = emit_files(compilation, form=form)
        text = " ".join(file.text.split())
        for code in codes:
            assert code in text, f"{form} doesn't have {code!r}"


def test_the_table_has_every_sort_of_type() -> None:
    """No row is lost in reading the page."""
    assert len(ROWS) > 25
