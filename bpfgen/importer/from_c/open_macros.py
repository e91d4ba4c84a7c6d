"""Which macros of a unit are open: neither it nor anything before it decides what they are.

Used by :mod:`views` in the import of C. A macro that the compiler, the command line, a header or
the file itself defines is decided. What is left are names that somebody gives a build, or doesn't.
"""

from __future__ import annotations

import re

from bpfgen.importer.from_c.macros import Macro
from bpfgen.record import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Container

    from bpfgen.importer.from_c.conditionals import Branch, Conditionals
    from bpfgen.importer.from_c.unit import Unit

_NAME = re.compile(r"[A-Za-z_]\w*")

_COMPILERS = re.compile(
    r"__(?:cplusplus|OBJC__|ASSEMBLE[RD]__|ASSEMBLY__|INTELLISENSE__|CHECKER__|COVERITY__"
    r"|clang_analyzer__|OPTIMIZE\w*|NO_INLINE__|PIC__|PIE__|LP64__|ILP32__|BPF_FEATURE_\w+"
    r"|BPF_CPU_VERSION__|BPF__|bpf__|has_\w+|is_identifier|building_module"
    r"|GNUC\w*|GCC\w*|STDC\w*|SIZEOF_\w+|BYTE_ORDER__|ORDER_\w+|VERSION__|CHAR_BIT__)"
    r"|BPFGEN_\w+|_MSC_VER|_WIN32|_WIN64|SWIG|__\w+_(?:MAX|MIN|WIDTH|TYPE)__|true|false|defined"
)
"""What compilers and tools define by themselves, for a target or an option, and no build does.

What our own headers ask for is among it.

Source: clang 19, lib/Frontend/InitPreprocessor.cpp, lib/Basic/Targets/BPF.cpp.
"""

_GUARD = re.compile(r"\w*_[hH]_*")
"""Names that say whether a header has been included."""

_QUESTION = re.compile(r"\b__has_\w+\s*\([^()]*\)")
"""What is asked of a compiler, about names that are no macros."""


def names_in(text: str) -> list[str]:
    """Return the names in the condition *text* that may be macros, each once."""
    return list(dict.fromkeys(_NAME.findall(_QUESTION.sub(" ", text))))


class OpenMacros:
    """Those of *unit*, whose conditionals are *conditionals*.

    The macros that are *decided*, and those that *undefined* says aren't defined, are so whatever
    else there is to say of them.
    """

    def __init__(
        self,
        unit: Unit,
        conditionals: Conditionals,
        decided: Container[str],
        undefined: Container[str],
    ) -> None:
        self._conditionals = conditionals
        self._decided = decided
        self._undefined = undefined
        self._defined = {macro.name for macro in unit.predefined}
        self._defined.update(
            event.name
            for events in unit.events.values()
            for event in events
            if isinstance(event, Macro) and event.header >= 0
        )

    def is_open(self, name: str) -> bool:
        """Return whether *name* is a macro that only a build decides on."""
        if name in self._decided or name in self._undefined or name in self._defined:
            return False
        if _COMPILERS.fullmatch(name) or _GUARD.fullmatch(name):
            return False
        return name not in self._conditionals.defined or self._conditionals.is_default(name)

    def is_asked_at(self, name: str, place: int) -> bool:
        """Return whether a condition on the line *place* asks a build for *name*.

        So it does where the file hasn't defined it before, whatever the file does after.
        """
        if name in self._undefined or name in self._defined:
            return False
        if _COMPILERS.fullmatch(name) or _GUARD.fullmatch(name):
            return False
        return all(other > place for other in self._conditionals.defined.get(name, ()))

    def has_default(self, name: str) -> bool:
        """Return whether the file defines the open macro *name* where nobody does."""
        return name in self._conditionals.defined

    @staticmethod
    def is_compilers(name: str) -> bool:
        """Return whether compilers define *name* themselves, or are asked by it."""
        return _COMPILERS.fullmatch(name) is not None

    def names_in(self, branch: Branch) -> list[str]:
        """Return the open macros in the condition of *branch*."""
        return [name for name in names_in(branch.condition) if self.is_open(name)]

    def own_names_in(self, branch: Branch) -> list[str]:
        """Return the macros in the condition of *branch* that the file itself decides on."""
        return [
            name
            for name in names_in(branch.condition)
            if not self.is_open(name) and name in self._conditionals.defined
        ]
