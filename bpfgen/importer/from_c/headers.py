"""Which `#include` declares a name, by the lines that the preprocessor made of each header.

Used by :mod:`needs` in the sixth step of the import of C. A header has all that clang takes, which
is more than the parser of the language does, and most of it concerns nobody: what declares a type
or an enumerator is found by its marks, and only a typedef that may be the one is read.
"""

from __future__ import annotations

import re
from functools import cached_property
from itertools import pairwise

from bpfgen.importer.from_c.attributes import without_attributes
from bpfgen.importer.from_c.declarations import TAG_WORDS
from bpfgen.importer.from_c.declarators import DeclarationReader
from bpfgen.importer.from_c.errors import CError
from bpfgen.record import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bpfgen.importer.from_c.unit import Include, Unit

_UNNEEDED = re.compile(
    r"[<\"](?:bpf/.*|.*bpf_helpers\.h|linux/(?:bpf|types|stddef)\.h|std(?:int|def|bool)\.h)[>\"]"
)
"""Headers whose types are built in, or that have none, where clang can't be asked."""

_NAME = re.compile(r"[A-Za-z_]\w*")
_MARK = re.compile(r"[{};]")
_HEAD = re.compile(
    r"\b(struct|union|enum)\b\s*(?:__attribute__\s*\(\(.*?\)\)\s*)*([A-Za-z_]\w*)?\s*(?::[^{};]*)?\Z",
    re.DOTALL,
)
"""What stands before the `{` of a body: the word, and the tag if there is one."""

_LONGEST_HEAD = 400
_ENUMERATOR = re.compile(r"(?:^|,)\s*([A-Za-z_]\w*)\s*(?=[=,]|$|__attribute__)")


class HeaderNames:
    """Finds names in the headers of one unit.

    What is inside of a struct or of parentheses, members and parameters, declares none of them, and
    neither does a variable or a function.
    """

    def __init__(self, unit: Unit) -> None:
        self._unit = unit

    @cached_property
    def _texts(self) -> list[tuple[Include, str]]:
        """The text of each header, with the `#include` that brought it."""
        return [
            (include, "\n".join(include.header.lines))
            for include in self._unit.includes
            if include.header is not None
        ]

    @cached_property
    def _typedefs(self) -> dict[str, list[tuple[Include, str]]]:
        """Declarations of typedefs, by each word that their declarators may declare."""
        typedefs: dict[str, list[tuple[Include, str]]] = {}
        for include, text in self._texts:
            for declaration, declarators in _typedefs_in(text):
                for word in dict.fromkeys(_NAME.findall(declarators)):
                    typedefs.setdefault(word, []).append((include, declaration))
        return typedefs

    @cached_property
    def _bodies(self) -> tuple[dict[str, Include], dict[str, Include]]:
        """The `struct name`s and the like that have a body; and the enumerators."""
        tags: dict[str, Include] = {}
        enumerators: dict[str, Include] = {}
        for include, text in self._texts:
            # A vmlinux.h has 20,000 bodies: between their braces there is little to search.
            pieces = text.split("{")
            for before, inside in pairwise(pieces):
                head = _head_in(_last_part(before))
                if head is None:
                    continue
                if head[2]:
                    tags.setdefault(f"{head[1]} {head[2]}", include)
                if head[1] == "enum":
                    for name in _ENUMERATOR.findall(inside.partition("}")[0]):
                        enumerators.setdefault(name, include)
        return tags, enumerators

    @property
    def _tags(self) -> dict[str, Include]:
        return self._bodies[0]

    @property
    def _enumerators(self) -> dict[str, Include]:
        return self._bodies[1]

    def has_type(self, name: str) -> bool:
        """Return whether a header has a typedef of *name*."""
        return self._typedef(name) is not None

    def has_enumerator(self, name: str) -> bool:
        """Return whether a header has an enumerator *name*."""
        return name in self._enumerators

    def has_tag(self, name: str) -> bool:
        """Return whether a header has a struct, union or enum of the tag *name*."""
        return self._tagged(name) is not None

    def _tagged(self, name: str) -> Include | None:
        tags = (self._tags.get(f"{word} {name}") for word in TAG_WORDS)
        return next(filter(None, tags), None)

    def _typedef(self, name: str) -> tuple[Include, str] | None:
        """Return the first declaration of the typedef *name*, and what includes it."""
        return next(
            (found for found in self._typedefs.get(name, ()) if _declares(found[1], name)), None
        )

    def typedef_words(self, name: str) -> str:
        """Return what the typedef *name* is, if it is of words alone: `unsigned int`."""
        found = self._typedef(name)
        match = (
            None if found is None else re.search(rf"\btypedef\s+([\w\s]+?)\s+{name}\s*;", found[1])
        )
        return "" if match is None else match[1]

    def include_of(self, name: str) -> Include | None:
        """Return the first `#include` whose header declares the type or enumerator *name*, or None.

        A tag may stand without its word, as in the language.
        """
        if " " in name:
            return self._tags.get(name)
        typedef = self._typedef(name)
        if typedef is not None:
            return typedef[0]
        return self._enumerators.get(name) or self._tagged(name)

    def until(self, chosen: list[Include]) -> list[Include]:
        """Return those that are found, up to the last of *chosen*: one may need those before it.

        Not those that define maps, which the source may have as well.
        """
        last = max((include.place for include in chosen), default=-1)
        return [
            include
            for include in self._found()
            if include.place <= last
            and (include in chosen or include.header is None or not include.header.has_maps)
        ]

    def unasked(self) -> list[Include]:
        """Return what may have types, where clang couldn't be asked."""
        return [include for include in self._found() if _UNNEEDED.fullmatch(include.name) is None]

    def _found(self) -> list[Include]:
        missing = self._unit.missing
        return [include for include in self._unit.includes if include.name[1:-1] not in missing]


def _typedefs_in(text: str) -> Iterator[tuple[str, str]]:
    """Yield the declarations of typedefs in *text*, each with what may be declarators."""
    for match in re.finditer(r"typedef\b", text):
        if text[match.start() - 1 : match.start()].isidentifier():
            continue
        end = text.find(";", match.end())
        if end < 0:
            break
        if "{" not in text[match.end() : end]:  # as most are
            yield text[match.start() : end + 1], text[match.end() : end + 1]
            continue
        depth = 0
        last = match.end()
        for mark in _MARK.finditer(text, match.end()):
            if mark[0] == "{":
                depth += 1
            elif mark[0] == "}":
                depth -= 1
                last = mark.end()
            elif not depth:
                yield text[match.start() : mark.end()], text[last : mark.end()]
                break


def _head_in(text: str) -> re.Match[str] | None:
    """Return the head of a body with which *text* ends, or None."""
    begin = max(text.rfind("struct"), text.rfind("union"), text.rfind("enum"))
    if begin < 0:
        return None
    # An attribute of the head may have one of the words, too.
    return _HEAD.match(text, begin) or (_HEAD.search(text) if "__attribute__" in text else None)


def _last_part(text: str) -> str:
    """Return the end of *text* in which the head of a body after it stands."""
    end = text[-_LONGEST_HEAD:]
    return end[max(end.rfind(";"), end.rfind("}")) + 1 :]


def _declares(typedef: str, name: str) -> bool:
    """Return whether the declaration *typedef* has the name among those that it declares."""
    reader = DeclarationReader(without_attributes(typedef)[0])
    try:
        return name in reader.names(reader.specifiers(0, reader.count))
    except CError:
        return re.search(rf"\b{name}\s*(?:\[[^\]]*\]\s*)*;$", typedef) is not None
