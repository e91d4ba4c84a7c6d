"""Programs in Go that use every name of a generated file, with the types that it has there.

`programs/uses.go` reads both files, makes the program, and asks Go's own type checker.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from tests.changes.uses import write_outputs
from tests.tools import CHECKOUT
from tests.user_space.commands import run
from tests.user_space.go import CILIUM, environment, go_build, go_module

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from tests.changes.uses import Pair

PROGRAM = CHECKOUT / "tests" / "changes" / "programs" / "uses.go"


def errors_in_go(folder: Path, given: Sequence[Pair]) -> dict[str, list[str]]:
    """Return by label of each pair what Go's type checker has against the old program."""
    files = {
        "main.go": PROGRAM.read_text(encoding="utf-8"),
        "needed/needed.go": f'package needed\n\nimport _ "{CILIUM}"\n',
    }
    module = go_module(folder / "witness", files, needs_cilium=True)
    program = go_build(module)
    written = write_outputs(folder, given, "go", ".go")
    words = [str(program), *map(str, written)]
    said = run(words, folder=module, environment=environment()).stdout
    errors = [json.loads(line)["Errors"] or [] for line in said.splitlines()]
    return {pair.label: own for pair, own in zip(written.values(), errors, strict=True)}
