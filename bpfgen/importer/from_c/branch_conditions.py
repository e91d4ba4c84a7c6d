"""What the `#if`s of a unit ask for, as conditions of the language.

Used by :mod:`variants` in the import of C. Open macros keep their names, everything else stands for
the number that it is.
"""

from __future__ import annotations

import re

from bpfgen.conditions import ConditionError, parse
from bpfgen.ctype.constants import ConstantError
from bpfgen.importer.from_c.conditions import value_of
from bpfgen.importer.from_c.errors import CError
from bpfgen.importer.from_c.macros import TOKEN, Expander
from bpfgen.importer.from_c.open_macros import names_in
from bpfgen.importer.from_c.unit import enter_events
from bpfgen.importer.from_c.written import end_of_brackets
from bpfgen.record import TYPE_CHECKING, replace

if TYPE_CHECKING:
    from bpfgen.conditions import Condition
    from bpfgen.importer.from_c.conditionals import Branch
    from bpfgen.importer.from_c.macros import Macro
    from bpfgen.importer.from_c.open_macros import OpenMacros
    from bpfgen.importer.from_c.unit import Unit

_DEFINED = re.compile(r"\bdefined\s*(?:\(\s*([A-Za-z_]\w*)\s*\)|([A-Za-z_]\w*))")
_NAME = re.compile(r"[A-Za-z_]\w*")
_VERSION = re.compile(r"KERNEL_VERSION\s*\(\s*(\d+)\s*,\s*(\d+)\s*,\s*(\d+)\s*\)")
_LARGE = 0xFFFF


class BranchConditions:
    """The conditions of *unit*, in which the macros *open* are the user's."""

    def __init__(self, unit: Unit, open: OpenMacros) -> None:
        self._unit = unit
        self._open = open
        self._macros: dict[str, Macro] = {macro.name: macro for macro in unit.predefined}
        self._passed = 0

    def of(self, branch: Branch) -> Condition | None:
        """Return the condition of *branch*, asked for in the order of the unit.

        None where it asks for nothing that is open, or for what a condition of the language can't.
        """
        names = self._open.names_in(branch)
        if branch.word == "else" or not names:
            return None
        if branch.word in ("ifdef", "elifdef"):
            return parse(f"defined({names[0]})")
        if branch.word in ("ifndef", "elifndef"):
            return parse(f"!defined({names[0]})")
        self._pass(branch.place)
        try:
            return self._said(branch.condition)
        except (ConditionError, ConstantError, CError):
            return None

    def given_by_default(self, branch: Branch) -> list[Condition]:
        """Return conditions on the names of which the file knows what they are by default."""
        names = self._open.names_in(branch)
        return [parse(f"defined({name})") for name in names if self._open.has_default(name)]

    def asked_whether_defined(self, branch: Branch) -> list[Condition]:
        """Return conditions on the names of which *branch* asks nothing but whether there are such.

        They tell its cases apart where :meth:`of` doesn't.
        """
        rest = _DEFINED.sub(" ", branch.condition)
        names = self._open.names_in(branch)
        if not set(names).isdisjoint(names_in(rest)):
            return []
        return [parse(f"defined({name})") for name in names]

    def _pass(self, place: int) -> None:
        """Let the macros be those at the line *place*."""
        while self._passed < place:
            enter_events(self._unit.events.get(self._passed, ()), self._macros)
            self._passed += 1

    def _said(self, text: str) -> Condition:
        """Return the condition *text* with everything written out that is decided.

        Raises:
            ConditionError, ConstantError, CError: That can't be done.
        """
        text = " ".join(text.split())
        whole = _DEFINED.sub(self._is_defined, text)
        parts: list[str] = []
        position = 0
        while (match := TOKEN.search(whole, position)) is not None:
            parts.append(whole[position : match.start()])
            position = match.end()
            name = match["name"]
            version = _VERSION.match(whole, match.start()) if name == "KERNEL_VERSION" else None
            if version is not None and self._is_usual(version):
                parts.append(f"KERNEL_VERSION({', '.join(version.groups())})")
                position = version.end()
            elif name == "defined":
                asked = _DEFINED.match(whole, match.start())
                position = match.end() if asked is None else asked.end()
                parts.append(whole[match.start() : position])
            elif name is None or self._open.is_open(name):
                parts.append(match[0])
            else:
                number, position = self._number(whole, match.start(), position)
                parts.append(number)
        parts.append(whole[position:])
        written = "".join(parts)
        return replace(parse(written), text=_spaced(written))

    def _is_defined(self, match: re.Match[str]) -> str:
        name = match[1] or match[2]
        if self._open.is_open(name):
            return f"defined({name})"
        return "1" if name in self._macros else "0"

    def _is_usual(self, version: re.Match[str]) -> bool:
        """Whether `KERNEL_VERSION` is nothing else than the kernel's own."""
        if "KERNEL_VERSION" not in self._macros:
            return True
        major, minor, patch = map(int, version.groups())
        number = value_of(Expander(self._macros, lambda _macro: False).expanded(version[0]))
        return number == (major << 16) + (minor << 8) + min(patch, 255)

    def _number(self, text: str, start: int, end: int) -> tuple[str, int]:
        """Return the number that the name from *start* to *end* of *text* stands for, and its end.

        Raises:
            ConditionError, ConstantError, CError: It stands for none.
        """
        macro = self._macros.get(text[start:end])
        if macro is None:
            if self._open.is_compilers(text[start:end]):
                raise CError("it asks the compiler")
            return "0", end
        if macro.parameters is not None:
            end = end_of_brackets(text, end) or end
        expanded = Expander(self._macros, lambda _macro: False).expanded(text[start:end])
        if any(self._open.is_open(name) for name in _NAME.findall(expanded)):
            raise CError("it asks for more than one macro at once")
        number = value_of(expanded)
        if number < 0:
            return f"({number})", end
        return hex(number) if number > _LARGE else str(number), end


def _spaced(text: str) -> str:
    """Return *text* with single blanks, and none inside of brackets."""
    return re.sub(r"\(\s+|\s+\)", lambda match: match[0].strip(), " ".join(text.split()))
