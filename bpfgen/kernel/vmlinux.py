"""The names that every vmlinux.h declares: a program that includes it can't declare them again.

They come from the kernels of three Debian releases, never from the running one;
tests/conformance/vmlinux_names.py writes the list. What modules add isn't in it.
"""

from __future__ import annotations

TAGS = ("struct", "union", "enum")
"""The kinds of names that C has in one name space, that of tags."""

ORDINARY = ("typedef", "enumerator", "function")
"""Those in the other, where variables are as well."""

KINDS = (*TAGS, *ORDINARY)
"""In the order of the list."""

_MANY = 200
"""Look-ups in one kind after which a set of its names, which takes as long, is made."""


class VmlinuxNames:
    """The list, read once; a look-up searches the text, which is sorted within a kind.

    Attributes:
        kernels: The versions that the names are from, as text.
    """

    __slots__ = ("_lookups", "_places", "_sets", "_text", "kernels")

    def __init__(self) -> None:
        from bpfgen.resources import vmlinux_names

        self._text = vmlinux_names()
        self.kernels = self._text.partition("\n")[0]
        starts = [self._text.index(f"\n[{kind}]\n") for kind in (*KINDS, "")]
        self._places = {
            kind: (starts[index] + len(kind) + 3, starts[index + 1])
            for index, kind in enumerate(KINDS)
        }
        self._lookups = dict.fromkeys(KINDS, 0)
        self._sets: dict[str, frozenset[str]] = {}

    def kind_of(self, name: str, kinds: tuple[str, ...]) -> str | None:
        """Return the kind of *name*, one of *kinds*, in vmlinux.h; None if it isn't there."""
        return next((kind for kind in kinds if self._has(name, kind)), None)

    def _has(self, name: str, kind: str) -> bool:
        """Return whether *name* is one of *kind*."""
        if kind in self._sets:
            return name in self._sets[kind]
        low, high = self._places[kind]
        self._lookups[kind] += 1
        if self._lookups[kind] > _MANY:
            self._sets[kind] = frozenset(self._text[low:high].split())
        return self._is_line(name, low, high)

    def _is_line(self, name: str, low: int, high: int) -> bool:
        """Return whether a line between *low* and *high*, two line ends, is *name*."""
        text = self._text
        while low < high:
            start = text.rfind("\n", low, (low + high) // 2 + 1)
            end = text.find("\n", start + 1)
            found = text[start + 1 : end]
            if found == name:
                return True
            if found < name:
                low = end
            else:
                high = start
        return False
