"""Conditions on macros: what C's `#if` says, when it holds, and which cases there are.

`when (…)` of a source and `#if` of a file in C become the same :class:`Condition`. Nothing here
knows a tree or a model: conditions come in as text or words, and assignments of values to macros
come out, each of which a program can really be compiled with.

    parse         `#if` text -> Condition
    holds         Condition, Assignment -> what the preprocessor says
    assignments   guards -> the assignments that between them show every case
    describe      some of the assignments -> the shortest expression that tells them from the others
"""

from __future__ import annotations

from bpfgen.conditions.assignments import TooManyCases, assignments
from bpfgen.conditions.condition import Condition, parse
from bpfgen.conditions.describing import describe
from bpfgen.conditions.evaluation import Assignment, Guard, guard_holds, holds
from bpfgen.conditions.joining import conjunction
from bpfgen.conditions.places import Block, Dependence, Places
from bpfgen.conditions.words import ConditionError, Word

__all__ = [
    "Assignment",
    "Block",
    "Condition",
    "ConditionError",
    "Dependence",
    "Guard",
    "Places",
    "TooManyCases",
    "Word",
    "assignments",
    "conjunction",
    "describe",
    "guard_holds",
    "holds",
    "parse",
]
