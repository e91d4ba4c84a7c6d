"""ARCHITECTURE.md's promise: who adds a kind of type is told by mypy where it must be learnt."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections import Counter
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

MUST_LEARN = {
    "ctype/children.py",
    "ctype/compare.py",
    "ctype/describe.py",
    "ctype/identity.py",
    "ctype/sizes.py",
    "emit/c/declarators.py",
    "emit/json/model.py",
    "importer/from_object/types.py",
}
"""The modules that decide something for every kind of type; more are welcome."""


@pytest.mark.slow
def test_mypy_lists_who_must_learn_a_new_kind_of_type(tmp_path: Path) -> None:
    """A class more in the union of types gives an error in every module that tells them apart."""
    shutil.copytree(CHECKOUT / "bpfgen", tmp_path / "bpfgen")
    types = tmp_path / "bpfgen" / "ctype" / "types.py"
    text = types.read_text(encoding="utf-8")
    for old, new in (
        ("class Attributes(Record):\n", TOY),
        ("        | Unknown\n", "        | Unknown\n        | Toy\n"),
    ):
        assert text.count(old) == 1
        text = text.replace(old, new)
    types.write_text(text, encoding="utf-8")
    command = (sys.executable, "-m", "mypy", "--config-file", CHECKOUT / "pyproject.toml")
    run = subprocess.run(
        [*command, "--cache-dir", tmp_path / "cache", "bpfgen"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    errors = re.findall(r"^bpfgen/(\S+?):\d+: error: (.*)$", run.stdout, re.MULTILINE)
    places = Counter(path for path, message in errors if "Toy" in message)
    assert MUST_LEARN - set(places) == set(), run.stdout + run.stderr
    assert places.total() >= 10, run.stdout
