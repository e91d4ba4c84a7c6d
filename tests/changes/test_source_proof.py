"""`source` says that code in a language needs a change exactly where its compiler refuses the code.

Random sources and what random changes made of them: a program uses every name of OLD's output, with
its type, and is compiled against NEW's. BPFGEN_PROOF_CHANGES=SEED:COUNT tries others, or more.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from tests.changes.uses import pairs
from tests.changes.uses_of_c import errors_in_c
from tests.changes.uses_of_go import errors_in_go
from tests.changes.uses_of_python import errors_in_python
from tests.changes.uses_of_rust import errors_in_rust

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from tests.changes.uses import Pair

    Witness = Callable[[Path, Sequence[Pair]], dict[str, list[str]]]

SEED, _, COUNT = os.environ.get("BPFGEN_PROOF_CHANGES", "4").partition(":")

WITNESSES: dict[str, tuple[Witness, int]] = {
    "C": (errors_in_c, 8),
    "Go": (errors_in_go, 24),
    "Rust": (errors_in_rust, 10),
    "Python": (errors_in_python, 8),
}
"""By language, with how many pairs are tried."""


@pytest.mark.parametrize("language", WITNESSES)
def test_the_compiler_says_the_same(tmp_path: Path, language: str) -> None:
    """Of each pair, for what can be had in that language."""
    witness, count = WITNESSES[language]
    given = list(pairs(int(SEED), int(COUNT or count)))
    errors = witness(tmp_path, given)
    wrong = [
        f"{pair.label}\n{pair.texts[0]}----\n{pair.texts[1]}"
        f"{language}: {errors[pair.label][:5]}\nsource: {[one.message for one in pair.findings]}"
        for pair in given
        if pair.label in errors and bool(errors[pair.label]) != pair.breaks(language)
    ]
    assert not wrong, "\n\n".join(wrong)
    assert any(errors.values())
    assert not all(errors.values())
