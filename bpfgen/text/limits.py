"""How deep anything in a program may go. Every stage may import this module."""

from __future__ import annotations

NESTING_LIMIT = 200
"""How deep types nest, and brackets in their source: what reads a source or BTF refuses more.

Whatever recurses along a type relies on it, and fits in Python's default limit of frames.
"""
