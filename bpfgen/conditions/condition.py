"""The text of an `#if` to a :class:`Condition`: the steps in which the preprocessor computes it.

The preprocessor knows no types and no casts: every number is an `intmax_t` or `uintmax_t` of 64
bits, every name that isn't a macro is 0, and `defined` asks whether it is one. Steps stand in a
row, each after those that it needs, so that nothing recurses by the depth of the text.

Source: C23 (N3220) 6.10.2 conditional inclusion, 6.6 constant expressions.
"""

from __future__ import annotations

import re

from bpfgen.conditions.words import ConditionError, Word, words
from bpfgen.ctype.integers import ConstantError, parse_integer
from bpfgen.record import TYPE_CHECKING, Record

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Protocol

    from bpfgen.record import Uncompared

    class Meaning(Protocol):
        """What a name in a condition is, see :func:`build`."""

        def __call__(self, word: Word, *, in_defined: bool) -> tuple[int, bool] | None:
            """Return the number of the name *word* and whether it is unsigned; None of a macro."""


NUMBER, MACRO, DEFINED = "number", "macro", "defined"
"""The operators of parts that need no others."""

LARGEST = (1 << 63) - 1
"""Of `intmax_t`: a number above it is a `uintmax_t`."""

UNITS = {"KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30}
"""The suffixes of the language, which C doesn't have."""

PRECEDENCE = {
    **dict.fromkeys(("*", "/", "%"), 11),
    **dict.fromkeys(("+", "-"), 10),
    **dict.fromkeys(("<<", ">>"), 9),
    **dict.fromkeys(("<", "<=", ">", ">="), 8),
    **dict.fromkeys(("==", "!="), 7),
    "&": 6,
    "^": 5,
    "|": 4,
    "&&": 3,
    "||": 2,
    "?:": 1,
}
"""How tightly operators with two or three operands bind."""

UNARY = 12
"""How tightly those with one do, and what has no operator."""

_PREFIXES = frozenset("+-!~")
_OPEN = 0
_NAME = re.compile(r"[A-Za-z_]\w*\Z")


class Part(Record):
    """One step of the computation.

    Attributes:
        operator: `number`, `macro`, `defined`, an operator of C with two operands, `?:` with
            three, or `u+`, `u-`, `!`, `~` with one.
        operands: Which parts it takes; each stands before it.
        value: Of a number.
        unsigned: Whether a number is a `uintmax_t`.
        name: Of a macro.
    """

    operator: str
    operands: tuple[int, ...] = ()
    value: int = 0
    unsigned: bool = False
    name: str = ""


class Condition(Record):
    """What stands after an `#if`.

    Attributes:
        text: As C takes it: macros, numbers, operators and `defined(NAME)`, and no names that the
            source has a number for.
        parts: What is computed, in order; the last is the whole.
    """

    text: str
    parts: Uncompared[tuple[Part, ...]]

    @property
    def macros(self) -> tuple[str, ...]:
        """The macros that it asks for, in the order of first use."""
        return tuple(dict.fromkeys(part.name for part in self.parts if part.name))


def parse(text: str) -> Condition:
    """Return the condition that *text* is: the rest of the line after `#if`, or its like.

    Raises:
        ConditionError: It is none: a string, an assignment, a macro with arguments.
    """
    return build(words(text))


def build(words: Sequence[Word], meaning: Meaning | None = None) -> Condition:
    """Return the condition of *words*.

    Args:
        meaning: What a name is that isn't a macro: its number, and whether that is unsigned; None
            for a macro. It is told whether `defined` asks for the name; then the number is 1 or 0.
            What can't stand in a condition it refuses with a ConditionError.

    Raises:
        ConditionError: They are no condition.
    """
    return _Builder(words, meaning).run()


class _Builder:
    """The stacks of one run: operands as indices of parts, and operators that wait for theirs."""

    def __init__(
        self,
        words: Sequence[Word],
        meaning: Meaning | None,
    ) -> None:
        self._words = words
        self._meaning = meaning
        self._parts: list[Part] = []
        self._operands: list[int] = []
        self._waiting: list[tuple[int, str, Word]] = []
        self._texts: list[str] = []

    def run(self) -> Condition:
        """Return the condition of all words."""
        at = 0
        wants_operand = True
        while at < len(self._words):
            word = self._words[at]
            if wants_operand:
                taken, wants_operand = self._operand(word, at)
                at += taken
            else:
                wants_operand = self._after_operand(word)
                at += 1
        if wants_operand:
            last = self._words[-1] if self._words else Word("", 0, 0)
            what = f"something must follow `{last.text}`" if last.text else "a condition is missing"
            raise ConditionError(what, last.start, last.end)
        self._apply_down_to(_OPEN + 1)
        if self._waiting:
            _level, text, opened = self._waiting[-1]
            closing = ":" if text == "?" else ")"
            raise ConditionError(f"`{closing}` is missing", opened.start, opened.end)
        return Condition("".join(self._texts), tuple(self._parts))

    def _add(self, part: Part) -> None:
        self._parts.append(part)
        self._operands.append(len(self._parts) - 1)

    def _operand(self, word: Word, at: int) -> tuple[int, bool]:
        """Read an operand, or what stands before one; return how many words, and what is next."""
        text = word.text
        if text == "(":
            self._waiting.append((_OPEN, text, word))
            self._texts.append("(")
            return 1, True
        if text in _PREFIXES:
            self._waiting.append((UNARY, f"u{text}" if text in "+-" else text, word))
            previous = self._words[at - 1].text if at else ""
            # `- -1` mustn't become `--1`, which is another sign.
            self._texts.append(f" {text}" if text in "+-" and previous == text else text)
            return 1, True
        if text == "defined":
            return self._defined(at), False
        if _NAME.match(text):
            return self._name(word, at), False
        if text[0].isdigit() or text[0] == "." or text.endswith("'"):
            value, unsigned = _number(word)
            self._add(Part(NUMBER, value=value, unsigned=unsigned))
            self._texts.append(text.replace("'", "") if text[0].isdigit() else text)
            return 1, False
        raise ConditionError(f"something must stand before `{text}`", word.start, word.end)

    def _defined(self, at: int) -> int:
        word = self._words[at]
        rest = [word.text for word in self._words[at + 1 : at + 4]]
        if len(rest) > 1 and rest[0] == "(" and _NAME.match(rest[1]):
            if rest[2:] != [")"]:
                opened = self._words[at + 1]
                raise ConditionError("`)` is missing", opened.start, opened.end)
            name, taken = self._words[at + 2], 4
        elif rest and _NAME.match(rest[0]):
            name, taken = self._words[at + 1], 2
        else:
            raise ConditionError(
                "`defined` asks for one name", word.start, word.end, "write `defined(NAME)`"
            )
        number = self._meaning(name, in_defined=True) if self._meaning is not None else None
        if number is None:
            self._add(Part(DEFINED, name=name.text))
            self._texts.append(f"defined({name.text})")
        else:
            self._add(Part(NUMBER, value=number[0]))
            self._texts.append(str(number[0]))
        return taken

    def _name(self, word: Word, at: int) -> int:
        following = self._words[at + 1].text if at + 1 < len(self._words) else ""
        if following == "(":
            if word.text == "KERNEL_VERSION":
                return self._kernel_version(at)
            if word.text == "sizeof":
                raise ConditionError(
                    "a condition knows no types, as C's `#if`",
                    word.start,
                    word.end,
                    "give the size to a constant, as in `const SIZE = sizeof(struct s);`",
                )
            raise ConditionError(
                f"`{word.text}` would be a macro with arguments, and a condition can't ask for one",
                word.start,
                word.end,
                "compare numbers, or a macro without arguments",
            )
        number = self._meaning(word, in_defined=False) if self._meaning is not None else None
        if number is None:
            self._add(Part(MACRO, name=word.text))
            self._texts.append(word.text)
            return 1
        value, unsigned = number
        self._add(Part(NUMBER, value=value, unsigned=unsigned))
        self._texts.append(number_text(value, unsigned=unsigned))
        return 1

    def _kernel_version(self, at: int) -> int:
        """Read `KERNEL_VERSION(5, 4, 0)`, and write its number: the macro may not be there.

        Source: include/generated/uapi/linux/version.h, which the kernel's Makefile writes.
        """
        taken = self._words[at + 1 : at + 8]
        shape = [word.text for word in taken]
        if len(shape) < 7 or shape[::2] != ["(", ",", ",", ")"]:
            word = self._words[at]
            raise ConditionError(
                "`KERNEL_VERSION` takes three numbers",
                word.start,
                word.end,
                "write `KERNEL_VERSION(5, 4, 0)`",
            )
        major, minor, patch = (_number(word)[0] for word in taken[1::2])
        value = (major << 16) + (minor << 8) + min(patch, 255)
        self._add(Part(NUMBER, value=value))
        self._texts.append(hex(value))
        return 8

    def _after_operand(self, word: Word) -> bool:
        """Take the operator *word*; return whether an operand must follow."""
        text = word.text
        if text == "?":
            self._apply_down_to(PRECEDENCE["?:"] + 1)
            self._waiting.append((_OPEN, "?", word))
            self._texts.append(" ? ")
            return True
        if text == ":":
            self._apply_down_to(_OPEN + 1)
            self._close("?", word)
            self._waiting.append((PRECEDENCE["?:"], "?:", word))
            self._texts.append(" : ")
            return True
        if text == ")":
            self._apply_down_to(_OPEN + 1)
            self._close("(", word)
            self._texts.append(")")
            return False
        if text in UNITS and self._meaning is not None:
            self._unit(word)
            return False
        precedence = PRECEDENCE.get(text)
        if text == "=":
            message = "a condition compares with `==`"
            raise ConditionError(message, word.start, word.end, "write `==`")
        if precedence is None:
            what = "an operator must stand" if _NAME.match(text) else "a condition ends"
            raise ConditionError(f"{what} before `{text}`", word.start, word.end)
        self._apply_down_to(precedence)
        self._waiting.append((precedence, text, word))
        self._texts.append(f" {text} ")
        return True

    def _unit(self, word: Word) -> None:
        """Multiply the number before the unit *word*."""
        last = self._parts[-1]
        if last.operator != NUMBER or self._texts[-1] == ")":
            raise ConditionError(
                f"`{word.text}` stands after a number", word.start, word.end, "multiply by a number"
            )
        value = last.value * UNITS[word.text]
        if value >> 64:
            raise ConditionError("this number doesn't fit in 64 bits", word.start, word.end)
        unsigned = last.unsigned or value > LARGEST
        self._parts[-1] = Part(NUMBER, value=value, unsigned=unsigned)
        self._texts[-1] = number_text(value, unsigned=unsigned)

    def _close(self, opening: str, word: Word) -> None:
        opened = self._waiting.pop()[1] if self._waiting else ""
        if opened != opening:
            raise ConditionError(
                f"`{word.text}` without a `{opening}` before it", word.start, word.end
            )

    def _apply_down_to(self, precedence: int) -> None:
        """Apply the waiting operators that bind at least as tightly as *precedence*."""
        while self._waiting and self._waiting[-1][0] >= precedence:
            _level, operator, _word = self._waiting.pop()
            count = 3 if operator == "?:" else 2
            if operator in ("u+", "u-", "!", "~"):
                count = 1
            operands = tuple(self._operands[-count:])
            del self._operands[-count:]
            self._add(Part(operator, operands))


def _number(word: Word) -> tuple[int, bool]:
    """Return the value of the literal *word*, and whether it is a `uintmax_t`."""
    try:
        value, _type = parse_integer(word.text)
    except ConstantError as error:
        raise ConditionError(error.message, word.start, word.end, error.help) from None
    suffix = word.text[len(word.text.rstrip("uUlL")) :].lower()
    return value, value > LARGEST or "u" in suffix


def number_text(value: int, *, unsigned: bool = False) -> str:
    """Return the number *value* as C's `#if` reads it, in parentheses where it has a sign."""
    if value < -LARGEST:  # C has no literal for it
        return f"({value + 1} - 1)"
    if value < 0:
        return f"({value})"
    return f"{value}U" if unsigned or value > LARGEST else str(value)
