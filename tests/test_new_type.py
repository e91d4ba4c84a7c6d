"""ARCHITECTURE.md's promise: who adds a kind of type is told by mypy where it must be learnt."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.tools import CHECKOUT

if TYPE_CHECKING:
    from pathlib import Path

TOY = '''class Toy(Record):
    """A kind of type that nobody has heard of."""

    element: Type


class Attributes(Record):
'''

TOY_ITEM = '''class ToyItem(Record):
    """An item of a file that nobody has heard of."""

    span: Uncompared[Span]


class Allowance(Record):
'''

MUST_LEARN = {
    "Toy": {
        "ctype/children.py",
        "ctype/compare.py",
        "ctype/describe.py",
        "ctype/identity.py",
        "ctype/sizes.py",
        "emit/c/declarators.py",
        "emit/json/model.py",
        "importer/from_object/types.py",
    },
    "ToyItem": {"resolve/file.py", "resolve/scope.py", "syntax/names.py"},
}
"""The modules that decide something for every kind of type, or of item; more are welcome."""


@pytest.mark.slow
def test_mypy_lists_who_must_learn_a_new_kind(tmp_path: Path) -> None:
    """A class more in a union of types or items is an error wherever they are told apart."""
    shutil.copytree(CHECKOUT / "bpfgen", tmp_path / "bpfgen")
    for module, old, new in (
        ("ctype/types.py", "class Attributes(Record):\n", TOY),
        ("ctype/types.py", "        | Unknown\n", "        | Unknown\n        | Toy\n"),
        ("syntax/tree.py", "class Allowance(Record):\n", TOY_ITEM),
        (
            "syntax/tree.py",
            "ConstItem | DeclarationItem\n",
            "ConstItem | DeclarationItem | ToyItem\n",
        ),
    ):
        path = tmp_path / "bpfgen" / module
        text = path.read_text(encoding="utf-8")
        assert text.count(old) == 1
        path.write_text(text.replace(old, new), encoding="utf-8")
    command = (sys.executable, "-m", "mypy", "--config-file", CHECKOUT / "pyproject.toml")
    run = subprocess.run(
        [*command, "--cache-dir", tmp_path / "cache", "bpfgen"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    errors = re.findall(r"^bpfgen/(\S+?):\d+: error: (.*)$", run.stdout, re.MULTILINE)
    for toy, must_learn in MUST_LEARN.items():
        places = {path for path, message in errors if re.search(rf"\b{toy}\b", message)}
        assert must_learn - places == set(), run.stdout + run.stderr
    assert sum("Toy" in message for _path, message in errors) >= 13, run.stdout
