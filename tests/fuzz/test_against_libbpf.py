"""`bpfgen inspect` sees in a damaged object what bpf_object__open sees, a refusal included."""

from __future__ import annotations

import pytest

from tests.fuzz.against_libbpf import run
from tests.tools import is_here, missing, witnessed

BATCH = 400


@pytest.mark.parametrize("first", witnessed(range(0, 1200, BATCH), "libbpf.so.1"))
def test_mutants_are_what_libbpf_says(first: int) -> None:
    """No difference; and enough of them are opened, so that maps are compared."""
    if not is_here("libbpf.so.1"):
        missing("libbpf.so.1")
    result = run(first, BATCH)
    assert result.differences == []
    assert result.outcomes["opened"] > BATCH // 10
    assert result.outcomes["refused"] > BATCH // 5
