"""What the codes `break-layout-…` mean; the examples are OLD and NEW."""

from __future__ import annotations

from bpfgen.record import TYPE_CHECKING

if TYPE_CHECKING:
    from bpfgen.text.explanation import Explanation

EXPLANATIONS: dict[str, Explanation] = {}
