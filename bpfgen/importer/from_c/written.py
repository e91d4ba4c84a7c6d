"""What the preprocessor made of a declaration, with the names and comments that it was written by.

Third of the import of C. What a declaration says, the preprocessed text says. What it was written
like, our own expansion of the written text says, in which the names of constants stay: where the
two are the same but for such names, and each name is what the preprocessor has in its place, the
written form serves; otherwise the preprocessed one does, without names.
"""

from __future__ import annotations

import re
from bisect import bisect_left

from bpfgen.importer.from_c.attributes import LANGUAGE_MACROS
from bpfgen.importer.from_c.errors import CError
from bpfgen.importer.from_c.lines import GONE, without_comments
from bpfgen.importer.from_c.macros import TOKEN, Expander, is_constant
from bpfgen.importer.from_c.unit import enter_events
from bpfgen.providers.prelude import Prelude
from bpfgen.record import TYPE_CHECKING, Record

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from bpfgen.importer.from_c.macros import Macro
    from bpfgen.importer.from_c.unit import Unit

_NAME = re.compile(r"[A-Za-z_$][\w$]*")
_COUNTER = "__COUNTER__"


class Written(Record):
    """A stretch of C.

    Attributes:
        code: Preprocessed, but for names of constants.
        text: The same with comments, as long as *code* where there are any.
        values: What the names stand for, preprocessed.
    """

    code: str
    text: str
    values: dict[str, str]

    def plain(self, text: str) -> str:
        """Return *text*, a part of it, wholly preprocessed."""
        return _NAME.sub(lambda match: self.values.get(match[0], match[0]), text)


class WrittenLines(Record):
    """Lines as they are written, and where each token of the preprocessed text is in them.

    Attributes:
        whole: The lines.
        starts: Where each token begins in the preprocessed text.
        places: For each token, where it begins in *whole*, and where it ends.
    """

    whole: Written
    starts: list[int]
    places: list[int]

    def part(self, start: int, after: int) -> Written:
        """Return a stretch of the preprocessed text as it is written."""
        first, last = bisect_left(self.starts, start), bisect_left(self.starts, after) - 1
        stretch = slice(self.places[2 * first], self.places[2 * last + 1])
        whole = self.whole
        return Written(whole.code[stretch], whole.text[stretch], whole.values)


class Constant(Record):
    """A macro whose name stays.

    Attributes:
        body: What it was defined as, but with macros that have no name to keep expanded.
        value: The same, preprocessed.
    """

    macro: Macro
    body: str
    value: str


class WrittenForms:
    """Finds the written forms in one unit; asked in the order of the text.

    Attributes:
        macros: Those at the place that was asked for last.
        constants: The macros whose names stayed.
    """

    def __init__(
        self, unit: Unit, is_type: Callable[[str], bool], is_enumerator: Callable[[str], bool]
    ) -> None:
        self._unit = unit
        self._is_type = is_type
        self._is_enumerator = is_enumerator
        self._prelude = Prelude.shared()
        self._passed = 0
        self._are_constants: dict[Macro, bool] = {}
        self.macros: dict[str, Macro] = {}
        self._ours: dict[str, Macro] = {}  # without those that the language has, too
        self._enter(unit.predefined)
        self.constants: dict[str, Constant] = {}

    def pass_line(self, place: int) -> None:
        """Take what is said of macros up to the line *place* into account."""
        while self._passed <= place:
            if (events := self._unit.events.get(self._passed)) is not None:
                self._enter(events)
            self._passed += 1

    def _enter(self, events: Sequence[Macro | str]) -> None:
        enter_events(events, self.macros)
        enter_events(events, self._ours)
        for name in LANGUAGE_MACROS:
            self._ours.pop(name, None)

    def of(self, expanded: str, first: int, after: int) -> WrittenLines | None:
        """Return the lines from *first* up to *after* as they are written.

        None where that isn't what came out, which is *expanded*.
        """
        parts: list[str] = []
        kept: dict[str, Constant] = {}
        while after > first + 1 and not self._unit.lines[after - 1].code.strip():
            after -= 1
        ends = [place for place in range(first + 1, after) if place in self._unit.events]
        try:
            for place, end in zip((first, *ends), (*ends, after), strict=True):
                self.pass_line(place)
                lines = self._unit.lines[place:end]
                text = "\n".join(line.text for line in lines)
                expander = Expander(self._ours, self._may_stay, line=lines[0].number)
                parts.append(expander.expanded(text))
                for name, macro in expander.kept.items():
                    constant = Constant(macro, "", self._expanded(name))
                    if kept.setdefault(name, constant) != constant:
                        return None
            return self._matched("\n".join(parts), expanded, kept)
        except CError:
            return None

    def keep(self, name: str) -> None:
        """Note the macro *name* among those that stay, if it is a constant where the unit ends."""
        macro = self.macros.get(name)
        if macro is None or name in self.constants or not self._may_stay(macro):
            return
        try:
            self._stays(Constant(macro, "", self._expanded(name)))
        except CError:
            return

    def _may_stay(self, macro: Macro) -> bool:
        """Whether the name of *macro* may stay: it reads as a constant."""
        if macro not in self._are_constants:
            self._are_constants[macro] = is_constant(macro, self.macros, self._is_type)
        return self._are_constants[macro]

    def _matched(
        self, text: str, expanded: str, kept: Mapping[str, Constant]
    ) -> WrittenLines | None:
        """Return *text* with names that don't stay replaced.

        None where it isn't *expanded* but for the names of *kept*.
        """
        tokens = [match for match in TOKEN.finditer(expanded) if match.lastgroup != "comment"]
        count, index, position, length = len(tokens), 0, 0, 0
        parts: list[str] = []
        places: list[int] = []
        values: dict[str, str] = {}
        while (match := TOKEN.search(text, position)) is not None:
            word, begin, end = match[0], match.start(), match.end()
            if match.lastgroup == "comment" or word == GONE:
                new, used = word, 0
            elif index < count and word == tokens[index][0]:
                new, used = word, 1
            elif word == "_Pragma" and (brackets := end_of_brackets(text, end)) is not None:
                new, used, end = "", 0, brackets
            elif word in kept or word in LANGUAGE_MACROS:
                end = self._end_of_use(word, text, end)
                new = text[begin:end]
                plain = kept[word].value if word in kept else self._expanded(new)
                used = _count_equal(plain, tokens, index)
                if used < 0:
                    return None
                if word in kept and self._stays(kept[word]):
                    values[word] = plain
                elif LANGUAGE_MACROS.get(word, "\n") not in plain:
                    new = plain
            elif index < count and is_counted(word, tokens[index][0]):
                new, used = tokens[index][0], 1
            else:
                return None
            parts += (text[position:begin], new)
            length += begin - position
            places += (length, length + len(new)) * used
            length += len(new)
            position = end
            index += used
        if index < count:
            return None
        whole = "".join(parts)
        written = Written(without_comments(whole).replace(GONE, " "), whole, values)
        return WrittenLines(written, [token.start() for token in tokens], places)

    def _end_of_use(self, name: str, text: str, end: int) -> int:
        """Return where the use of the macro *name* ends, which itself ends at *end*."""
        macro = self.macros.get(name)
        has_arguments = macro is not None and macro.parameters is not None
        return end_of_brackets(text, end) or end if has_arguments else end

    def _expanded(self, text: str) -> str:
        return Expander(self.macros, lambda _macro: False).expanded(text)

    def _stays(self, constant: Constant) -> bool:
        """Whether the name of *constant* stays, which the preprocessor has replaced."""
        macro, plain = constant.macro, constant.value
        name = macro.name
        known = self.constants.get(name)
        if known is not None:
            return known.value == plain
        built_in = self._prelude.find_constant(name)
        number = plain_number(plain)
        is_other = built_in is not None and built_in.value != number
        if is_other and (number is not None or macro.header < 0):
            return False
        word = plain.strip("() \t\n")
        if _NAME.fullmatch(word) is not None and not (
            self._prelude.find_constant(word) is not None or self._is_enumerator(word)
        ):
            return False
        self.constants[name] = Constant(macro, self._body(macro, plain), plain)
        return True

    def _body(self, macro: Macro, plain: str) -> str:
        """Return the body of *macro*, which is *plain* in the end, with names in it that stay."""
        expander = Expander(self._ours, self._may_stay)
        body = expander.expanded(macro.body)
        kept = {
            name: Constant(inner, "", self._expanded(name)) for name, inner in expander.kept.items()
        }
        found = self._matched(body, plain, kept)
        return plain if found is None else found.whole.code


def end_of_brackets(text: str, position: int) -> int | None:
    """Return where the brackets that follow *position* in *text* end, or None."""
    depth = 0
    for match in TOKEN.finditer(text, position):
        depth += (match[0] == "(") - (match[0] == ")")
        if not depth:
            return match.end() if match[0] == ")" else None
    return None


def _count_equal(text: str, tokens: list[re.Match[str]], index: int) -> int:
    """Return how many tokens *text* has; -1 where they aren't those of *tokens* from *index* on."""
    words = [match[0] for match in TOKEN.finditer(text)]
    found = [match[0] for match in tokens[index : index + len(words)]]
    return len(words) if words == found else -1


def is_counted(written: str, expanded: str) -> bool:
    """Return whether *written*, with `__COUNTER__` in it, can have become *expanded*."""
    before, counter, after = written.partition(_COUNTER)
    number = expanded.removeprefix(before).removesuffix(after)
    return bool(counter) and number.isdecimal() and expanded == f"{before}{number}{after}"


def plain_number(text: str) -> int | None:
    """Return the value of *text* if it is one number, in brackets or not."""
    try:
        return int(text.strip("() \t").rstrip("uUlL"), 0)
    except ValueError:
        return None
