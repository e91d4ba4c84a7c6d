"""Model values as text of the language itself, as a careful person would write it.

:mod:`dialect` says how types are spelled, :mod:`maps` writes maps, templates and programs. What is
filled in isn't written: the compiler fills it in again.
"""

from __future__ import annotations
