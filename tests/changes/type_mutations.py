"""Changes of enums, typedefs and constants, of which types there are, and of their names."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tests.changes.program import (
    Composite,
    Constant,
    Enum,
    Member,
    Program,
    Typedef,
    renamed,
    replaced,
)
from tests.changes.random_program import SCALARS
from tests.changes.what import What

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random

    Changed = tuple[Program, What] | None


def _next_name(program: Program, letter: str) -> str:
    text = program.text()
    return next(f"{letter}{n}" for n in range(100, 10_000) if f"{letter}{n}" not in text)


# Enums.


def _in_an_enum(
    random: Random, program: Program, name: str, change: Callable[[Enum], tuple[Enum, str]]
) -> Changed:
    enums = [one for one in program.declarations if isinstance(one, Enum)]
    if not enums:
        return None
    one = random.choice(enums)
    changed, detail = change(one)
    return replaced(program, one, changed), What(name, one.tag, detail)


def enumerator_value(random: Random, program: Program) -> Changed:
    """An enumerator has another value."""

    def change(enum: Enum) -> tuple[Enum, str]:
        at = random.randrange(len(enum.values))
        values = list(enum.values)
        value = random.choice((random.randint(0, 30), values[at][1] + 1))
        values[at] = (values[at][0], value)
        return enum._replace(values=tuple(values)), f"{values[at][0]} {value}"

    return _in_an_enum(random, program, "enumerator-value", change)


def enumerator_added(random: Random, program: Program) -> Changed:
    """An enum has one more enumerator, which may need more bytes or a sign."""

    def change(enum: Enum) -> tuple[Enum, str]:
        new = (_next_name(program, "E"), random.choice((30, 31, 32, 33, 120, -5, 2**31, 2**34)))
        at = random.randint(0, len(enum.values))
        return enum._replace(values=(*enum.values[:at], new, *enum.values[at:])), new[0]

    return _in_an_enum(random, program, "enumerator-added", change)


def enumerator_removed(random: Random, program: Program) -> Changed:
    """An enumerator is gone."""

    def change(enum: Enum) -> tuple[Enum, str]:
        if len(enum.values) == 1:
            return enum, ""
        at = random.randrange(len(enum.values))
        return enum._replace(values=(*enum.values[:at], *enum.values[at + 1 :])), enum.values[at][0]

    return _in_an_enum(random, program, "enumerator-removed", change)


def enumerator_renamed(random: Random, program: Program) -> Changed:
    """An enumerator has another name."""

    def change(enum: Enum) -> tuple[Enum, str]:
        at = random.randrange(len(enum.values))
        values = list(enum.values)
        values[at] = (_next_name(program, "E"), values[at][1])
        return enum._replace(values=tuple(values)), enum.values[at][0]

    return _in_an_enum(random, program, "enumerator-renamed", change)


def enum_base(random: Random, program: Program) -> Changed:
    """An enum has another base type, or none."""

    def change(enum: Enum) -> tuple[Enum, str]:
        base = random.choice(("", "__u8", "__u16", "__u32", "__u64", "__s8", "__s32"))
        return enum._replace(base=base), base

    return _in_an_enum(random, program, "enum-base", change)


# Names, typedefs, constants.


def type_renamed(random: Random, program: Program) -> Changed:
    """A type has another name."""
    names = [
        one.name if isinstance(one, Typedef) else one.tag
        for one in program.declarations
        if isinstance(one, (Typedef, Enum, Composite))
    ]
    if not names:
        return None
    old = random.choice(names)
    new = _next_name(program, old[0])
    return renamed(program, old, new), What("type-renamed", old, new)


def type_removed(random: Random, program: Program) -> Changed:
    """A type that nothing uses is gone."""
    words = re.findall(r"\w+", program.text())
    unused = []
    for one in program.declarations:
        if isinstance(one, (Typedef, Enum, Composite)):
            name = one.name if isinstance(one, Typedef) else one.tag
            if words.count(name) == 1:
                unused.append((one, name))
    if not unused:
        return None
    one, name = random.choice(unused)
    return replaced(program, one, None), What("type-removed", name)


def type_added(random: Random, program: Program) -> Changed:
    """There is a new type, which nothing uses."""
    tag = _next_name(program, "s")
    members = tuple(Member(f"m{index}", random.choice(SCALARS)) for index in range(3))
    new = Composite("struct", tag, members)
    at = random.randint(0, len(program.declarations))
    declarations = (*program.declarations[:at], new, *program.declarations[at:])
    return Program(declarations), What("type-added", tag)


def typedef_target(random: Random, program: Program) -> Changed:
    """A typedef is one of another type."""
    typedefs = [one for one in program.declarations if isinstance(one, Typedef)]
    if not typedefs:
        return None
    one = random.choice(typedefs)
    new = one._replace(type=random.choice(SCALARS))
    return replaced(program, one, new), What("typedef-target", one.name, new.type)


def constant_value(random: Random, program: Program) -> Changed:
    """A constant has another value."""
    constants = [one for one in program.declarations if isinstance(one, Constant)]
    if not constants:
        return None
    one = random.choice(constants)
    new = one._replace(value=random.choice((1, 2, 3, 4, 5, 8, 16, 32)))
    return replaced(program, one, new), What("constant-value", one.name, str(new.value))


def constant_renamed(random: Random, program: Program) -> Changed:
    """A constant has another name."""
    constants = [one for one in program.declarations if isinstance(one, Constant)]
    if not constants:
        return None
    one, new = random.choice(constants), _next_name(program, "N")
    return renamed(program, one.name, new), What("constant-renamed", one.name, new)


def constant_removed(random: Random, program: Program) -> Changed:
    """A constant is gone; where it stood, its value does."""
    constants = [one for one in program.declarations if isinstance(one, Constant)]
    if not constants:
        return None
    one = random.choice(constants)
    without = renamed(replaced(program, one, None), one.name, str(one.value))
    return without, What("constant-removed", one.name)


ALL = (
    *(enumerator_value, enumerator_added, enumerator_removed, enumerator_renamed, enum_base),
    *(type_renamed, type_removed, type_added, typedef_target),
    *(constant_value, constant_renamed, constant_removed),
)
"""Every change of an enum, a typedef, a constant, or of which types there are."""
