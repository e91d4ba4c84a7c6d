"""One declaration of C by its tokens: stretches of it, specifiers, declarators.

Used by :mod:`definitions` in the fourth step of the import of C. Specifiers are read as C's grammar
has them, and a declarator from its name outwards, so that what is asked of a member is asked of its
type and not of its spelling. Macros are expanded, and attributes are gone.
"""

from __future__ import annotations

from bpfgen.importer.from_c.declarations import TAG_WORDS, closing_brackets, tokens_of
from bpfgen.importer.from_c.errors import CError
from bpfgen.record import TYPE_CHECKING, Record
from bpfgen.resolve.scope import C_KEYWORDS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

POINTER, ARRAY, FUNCTION = "pointer", "array", "function"
"""What a declarator does to its name."""

TYPEOF = "typeof"

_TYPEOF = (TYPEOF, "__typeof__", "__typeof")
_STORAGE = frozenset(("static", "extern", "typedef"))
_ATTRIBUTES = frozenset(("__attribute__", "__attribute", "__packed", "__aligned", "_Alignas"))
_QUALIFIERS = frozenset(
    "const volatile restrict __const __const__ __volatile__ __restrict __restrict__".split()
)

_AROUND_BASE = _STORAGE | _QUALIFIERS | _ATTRIBUTES


class Specifiers(Record):
    """What stands before declarators; places are indices of tokens.

    Attributes:
        storage: `static`, `extern`, `typedef`, and qualifiers.
        word: `struct`, `union` or `enum`, `typeof`, or empty.
        name: The tag, or the typedef, or empty.
        body: The opening brace, or None.
        first: The first token of the type itself, a qualifier or its base.
        after: The first token after it.
        inside: The stretch in the brackets of `typeof`, or None.
    """

    storage: list[str]
    word: str
    name: str
    body: int | None
    first: int
    after: int
    inside: tuple[int, int] | None = None


class Declarator(Record):
    """A name, and what is done to it: (kind, length of an array), outwards from the name."""

    name: str
    operators: list[tuple[str, str]]

    @property
    def kinds(self) -> list[str]:
        """What is done to the name, outwards: :data:`POINTER`, :data:`ARRAY`, :data:`FUNCTION`."""
        return [kind for kind, _length in self.operators]


class DeclarationReader:
    """Reads one declaration; places are indices of its tokens."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens = tokens_of(text)
        self.closing = closing_brackets(self._tokens)
        self.count = len(self._tokens)

    def word(self, place: int) -> str:
        """Return the token at *place*, or an empty text where there is none."""
        return self._tokens[place].text if 0 <= place < self.count else ""

    def is_name(self, place: int, after: int) -> bool:
        """Return whether a name stands at *place*, which is before *after*."""
        return place < after and self._tokens[place].kind == "name"

    def inside(self, opening: int) -> tuple[int, int]:
        """Return the stretch of tokens within the bracket *opening*."""
        end = self.closing[opening]
        if self.word(opening) + self.word(end) not in ("()", "[]", "{}"):
            raise CError(f"this C can't be read (`{self.word(opening)}` isn't closed)")
        return opening + 1, end

    def slice(self, first: int, after: int) -> str:
        """Return a stretch of tokens as it is written, on one line."""
        return " ".join(self.text(first, after).split())

    def text(self, first: int, after: int) -> str:
        """Return a stretch of tokens with all that is between them."""
        if first >= after:
            return ""
        return self._text[self._tokens[first].start : self._end(after)]

    def after_attributes(self, place: int) -> int:
        """Return the first token from *place* on that belongs to no attribute."""
        while self.word(place) in _ATTRIBUTES:
            place += 1
            if self.word(place) == "(":
                place = self.closing[place] + 1
        return place

    def _end(self, after: int) -> int:
        """Return where the token before *after* ends."""
        last = self._tokens[after - 1]
        return last.start + len(last.text)

    def rewritten(self, change: Callable[[int], tuple[int, str] | None]) -> str:
        """Return the text with stretches of tokens changed.

        For each token, *change* returns the place after the stretch that begins with it, and the
        new text; or None. Where that is empty, the blanks before it go, too.
        """
        parts: list[str] = []
        position = place = 0
        while place < self.count:
            changed = change(place)
            if changed is None:
                place += 1
                continue
            before = self._text[position : self._tokens[place].start]
            place, new = changed
            parts += (before if new else before.rstrip(" \t"), new)
            position = self._end(place)
        return "".join([*parts, self._text[position:]])

    def find(self, word: str, first: int, after: int) -> int:
        """Return the first *word* that no brackets are around, or *after*."""
        place = first
        while place < after and self.word(place) != word:
            place = self.closing.get(place, place) + 1
        return min(place, after)

    def split(self, word: str, first: int, after: int) -> Iterator[tuple[int, int]]:
        """Yield the stretches between *word*; the last is empty where *word* ends the text."""
        while True:
            end = self.find(word, first, after)
            yield first, end
            if end >= after:
                return
            first = end + 1

    def declarators(self, first: int) -> list[tuple[int, int]]:
        """Return the stretches of the declarators that begin at *first*, with initializers."""
        end = self.find(";", first, self.count)
        return [] if first >= end else list(self.split(",", first, end))

    def names(self, specifiers: Specifiers) -> list[str]:
        """Return the names that the declarators after *specifiers* declare."""
        return [self.declarator(*place).name for place in self.declarators(specifiers.after)]

    def specifiers(self, first: int, after: int) -> Specifiers:
        """Return what the declaration at *first* begins with."""
        storage: list[str] = []
        start = place = first
        while (word := self.word(place)) in _AROUND_BASE:
            if word in _ATTRIBUTES:
                place = self.after_attributes(place)
                continue
            storage.append(word)
            place += 1
            if word in _STORAGE and start == place - 1:
                start = place
        base = place
        name = ""
        body = inside = None
        place += 1
        if word in TAG_WORDS:
            place = self.after_attributes(place)
            if self.is_name(place, after):
                name = self.word(place)
                place += 1
            if self.word(place) == "{":
                body = place
                place = self.inside(place)[1] + 1
        elif word in _TYPEOF and self.word(place) == "(":
            word = TYPEOF
            inside = self.inside(place)
            name = self.slice(*inside)
            place = inside[1] + 1
        elif not self.is_name(base, after):
            raise CError(f"this C can't be read (at `{word or 'its end'}`)")
        elif word in C_KEYWORDS:
            word = ""
            while self.is_name(place, after) and self.word(place) in C_KEYWORDS:
                place += 1
        else:
            word, name = "", word
        while place < after and (qualifier := self.word(place)) in _AROUND_BASE:
            if qualifier in _ATTRIBUTES:
                place = self.after_attributes(place)
                continue
            storage.append(qualifier)
            place += 1
        return Specifiers(storage, word, name, body, start, place, inside)

    def declarator(self, first: int, after: int) -> Declarator:
        """Return the declarator that the whole stretch is, read from its name outwards."""
        name = next(
            (
                place
                for place in range(first, after)
                if self.is_name(place, after) and self.word(place) not in _QUALIFIERS
            ),
            None,
        )
        if name is None:
            raise CError(f"this C can't be read (no name in `{self.slice(first, after)[:40]}`)")
        operators: list[tuple[str, str]] = []
        left, right = name, name + 1
        while True:
            while right < after and self.word(right) in ("[", "("):
                stretch = self.inside(right)
                is_array = self.word(right) == "["
                operators.append(
                    (ARRAY, self.slice(*stretch)) if is_array else (FUNCTION, self.slice(*stretch))
                )
                right = stretch[1] + 1
            while left > first and (word := self.word(left - 1)) in _QUALIFIERS | {"*"}:
                if word == "*":
                    operators.append((POINTER, ""))
                left -= 1
            if left == first or self.word(left - 1) != "(" or self.closing[left - 1] != right:
                break
            left, right = left - 1, right + 1
        if (left, right) != (first, after):
            raise CError(f"this C can't be read (at `{self.slice(name, after)[:40]}`)")
        return Declarator(self.word(name), operators)


def abstract_declarator(operators: list[tuple[str, str]]) -> str:
    """Return *operators*, outwards from where the name would be, as an abstract declarator."""
    text = ""
    for kind, inside in operators:
        if kind == POINTER:
            text = f"*{text}"
            continue
        if text.startswith("*"):
            text = f"({text})"
        text += f"[{inside}]" if kind == ARRAY else f"({inside})"
    return text
