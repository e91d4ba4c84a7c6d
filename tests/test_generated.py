"""Generated files that are committed are those that their generators make."""

from __future__ import annotations

from bpfgen.resources import grammar_text
from bpfgen.syntax.generate import build_tables, module_text
from tests.tools import CHECKOUT


def test_the_tables_are_those_of_the_grammar() -> None:
    """bpfgen/syntax/tables.py is what `make generate` writes, without a conflict in the grammar."""
    committed = (CHECKOUT / "bpfgen" / "syntax" / "tables.py").read_text()
    assert module_text(build_tables(grammar_text(), strict=True)) == committed
