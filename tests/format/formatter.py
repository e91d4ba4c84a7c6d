"""The formatter under proof, by the name that it has here."""

from __future__ import annotations

from bpfgen.syntax.formatting.format import format_text as formatted

__all__ = ("formatted",)
