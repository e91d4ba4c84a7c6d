"""The same source in other words: what no category may find anything in.

Declarations stand in another order, numbers have names, shapes are templates, there are comments,
and the lines are other ones. Types are spelled by `respelled_types` with other names of the same
integers: bytes mean the same then, while BTF and generated code differ.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tests.changes.program import Map, declaration_text, shape_text

if TYPE_CHECKING:
    from random import Random

    from tests.changes.program import Declaration, Program

SAME_INTEGERS = {
    "__u8": ("unsigned char", "uint8_t", "u8"),
    "__u16": ("unsigned short", "uint16_t", "u16"),
    "__u32": ("unsigned int", "uint32_t", "u32"),
    "__u64": ("unsigned long long", "uint64_t", "u64"),
    "__s8": ("signed char", "int8_t", "s8"),
    "__s16": ("short", "int16_t", "s16"),
    "__s32": ("int", "int32_t", "s32"),
    "__s64": ("long long", "int64_t", "s64"),
}
"""Spellings of the same bytes, on the BPF target."""


def respelled(random: Random, program: Program) -> str:
    """Return the text of *program* in other words that mean the same in every category."""
    declarations = _shuffled(random, program.declarations)
    lines: list[str] = []
    for number, one in enumerate(declarations):
        text = declaration_text(one)
        if isinstance(one, Map) and random.random() < 0.3 and not one.slots:
            shape = shape_text(one.shape)
            name = f"shape_{number}"
            lines.append(f"template {name}: {shape};")
            text = text.replace(shape, name)
        elif isinstance(one, Map) and isinstance(one.shape.entries, int) and random.random() < 0.3:
            name = f"MOST_{number}"
            lines.append(f"const {name} = {one.shape.entries};")
            text = text.replace(f"[{one.shape.entries}]", f"[{name}]", 1)
        if random.random() < 0.2:
            lines.append(random.choice(("/// What it is.", "// A comment.", "/* Another\none. */")))
        lines.append(_spread(random, text))
    return "\n".join(lines) + "\n"


def respelled_types(random: Random, program: Program) -> str:
    """Return the text of *program* with other names for the same integers."""
    text = program.text()

    def other(match: re.Match[str]) -> str:
        return random.choice((match[0], *SAME_INTEGERS[match[0]]))

    return re.sub(r"\b__[us](?:8|16|32|64)\b", other, text)


def _shuffled(random: Random, declarations: tuple[Declaration, ...]) -> list[Declaration]:
    """Return them in another order; that of the maps among themselves stays."""
    maps = iter([one for one in declarations if isinstance(one, Map)])
    shuffled = list(declarations)
    random.shuffle(shuffled)
    return [next(maps) if isinstance(one, Map) else one for one in shuffled]


def _spread(random: Random, text: str) -> str:
    """Return *text* with some of its blanks as line ends and tabs."""
    if random.random() < 0.5:
        return text
    return "".join(
        random.choice(("\n    ", "\t", "  ")) if c == " " and random.random() < 0.3 else c
        for c in text
    )
