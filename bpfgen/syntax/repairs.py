"""What one token would repair: tried at a syntax error that nobody has recognised.

Between messages.py, which says what stands there, and recovery.py. A word near the error may be a
misspelt keyword; a sign may be missing, be another one, or stand there twice. Each is tried, and
counts where the declaration can be read afterwards; where several can be meant, none does.
"""

from __future__ import annotations

from bpfgen.kernel.targets import TARGETS
from bpfgen.record import TYPE_CHECKING, Record, replace
from bpfgen.syntax.tables import HARD_WORDS, PUNCTUATION
from bpfgen.syntax.tree import BROKEN, END
from bpfgen.syntax.trial import Trial
from bpfgen.text.diagnostics import Diagnostic, Edit
from bpfgen.text.source import Span
from bpfgen.text.spelling import Speller, distance, fold

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bpfgen.syntax.automaton import Automaton
    from bpfgen.syntax.mistakes.place import Mistake
    from bpfgen.syntax.tree import Tokens

_LONGEST = 4_000
"""Characters of a declaration in which anything is tried, each time on the whole of it."""

_ITEM_WORDS = (
    *("map", "template", "target", "macro", "import", "include"),
    *("weak", "legacy", "when", "else"),
)
_SIGNS = (";", ",", ":", "=", "]", ">")
"""What may be missing, or be meant by another sign, wherever the grammar takes it."""

_LISTS = frozenset(("map", "template", "weak", "legacy", "extern", "typedef", "macro"))
"""What begins declarations with commas outside of braces."""

_ENDS = frozenset((";", "{", "}"))
_CLOSING = (")", "]", ">")
_BRACKETS = frozenset("([{<>}])")

_LEFT_OUT = ("struct", "enum")
"""Words that may be missing before a declaration; `target` is one before what can be aimed at."""


class _Repair(Record):
    """A change, what it is in words, and the tokens that it is about.

    Attributes:
        end: The token after the declaration as it is then; -1 where it ends as ever.
    """

    edit: Edit
    help: str
    first: int
    after: int
    end: int = -1


def repaired_mistake(
    automaton: Automaton, mistake: Mistake, first: int, ends: tuple[int, int]
) -> Mistake:
    """Return *mistake* with the edits of the one repair that there is, or as it is.

    Args:
        automaton: It stands at the error.
        mistake: What is said of it, without edits.
        first: The first token of the declaration.
        ends: The tokens after it: as the error has it, and if the error swallows its end.
    """
    tokens = automaton.tokens
    start, end = tokens.starts[first], tokens.end(ends[1] - 1)
    if end - start > _LONGEST:
        return mistake
    tries = _Tries(automaton, first, ends)
    words = tries.that_read(_misspelt(automaton, first, ends), alone=False)
    if words:
        return _respelt(automaton, mistake, words[0]) if len(words) == 1 else mistake
    if mistake.is_recognised:
        return mistake
    signs = tries.that_read(_signs(automaton, first))
    if len(signs) != 1:
        return mistake
    (sign,) = signs
    said = replace(mistake.diagnostic, help=sign.help, edits=(sign.edit,))
    resume = ends[1] if ";" in tokens.texts[sign.first : sign.after] else mistake.resume
    resume = max(resume, sign.end)
    return replace(mistake, diagnostic=said, resume=resume)


class _Tries:
    """Repairs of one declaration, each tried on its text."""

    def __init__(self, automaton: Automaton, first: int, ends: tuple[int, int]) -> None:
        self._tokens = automaton.tokens
        self._trial = Trial(automaton.tables, automaton.tokens.source)
        self._first = first
        self._ends = ends

    def that_read(self, repairs: Iterator[_Repair], *, alone: bool = True) -> list[_Repair]:
        """Return those of *repairs* after which the declaration can be read, no text twice.

        Unless it is to be *alone*, it may have mistakes besides that are recognised.
        """
        reads = self._trial.reads if alone else self._trial.leads_on
        found: dict[tuple[int, int, str], _Repair] = {}
        start = self._tokens.starts[self._first]
        for repair in repairs:
            swallowed = ";" in self._tokens.texts[repair.first : repair.after]
            after = self._ends[swallowed] if repair.end < 0 else repair.end
            end = self._tokens.end(after - 1)
            edit = repair.edit
            if reads((edit,), start, max(end, edit.span.end)):
                found.setdefault((edit.span.start, edit.span.end, edit.text), repair)
        return list(found.values())


def _misspelt(automaton: Automaton, first: int, ends: tuple[int, int]) -> Iterator[_Repair]:
    """Yield the words around the error that may be keywords, with the one that each may be."""
    tokens, index = automaton.tokens, automaton.index
    known = Speller((*HARD_WORDS, *_ITEM_WORDS))
    for at in dict.fromkeys((first, first + 1, index - 2, index - 1, index, index + 1)):
        if not first <= at < len(tokens.kinds) or tokens.kinds[at] != "NAME":
            continue
        near = known.closest(tokens.texts[at])
        if at == first and tokens.texts[at + 2 : at + 3] == [":"]:
            near = near or "map"  # of two letters nothing is near
        if near is not None and _is_slip(tokens.texts[at], near):
            edit = Edit(tokens.span(at, at + 1), near)
            # The name of what a `typedef` declares stands after its body.
            end = ends[1] if near == "typedef" else -1
            yield _Repair(edit, f"did you mean `{near}`?", at, at + 1, end)


def _is_slip(text: str, word: str) -> bool:
    """Return whether *text* is *word* but for a letter in four, or for case."""
    return fold(text) == fold(word) or distance(text, word, max(len(word) // 4, 1)) is not None


def _respelt(automaton: Automaton, mistake: Mistake, repair: _Repair) -> Mistake:
    """Return *mistake* as one of spelling alone."""
    tokens = automaton.tokens
    text = tokens.texts[repair.first]
    what = "begins no declaration" if repair.first == automaton.item_start else "means nothing here"
    said = Diagnostic(
        "syntax",
        f"`{text}` {what}",
        tokens.span(repair.first, repair.after),
        help=repair.help,
        edits=(repair.edit,),
    )
    return replace(mistake, diagnostic=said, resume=max(mistake.resume, repair.end))


def _signs(automaton: Automaton, first: int) -> Iterator[_Repair]:
    """Yield what may be missing before the error, stand there in vain, or for something else."""
    tokens, index = automaton.tokens, automaton.index
    kind, text = tokens.kinds[index], tokens.texts[index]
    if kind == BROKEN or index <= first:
        return
    accepted = automaton.accepted()
    fitting = [sign for sign in _SIGNS if PUNCTUATION[sign] in accepted]
    if "PLUS" in accepted and ">" in fitting:
        fitting.remove(">")  # it would compare
    if "," in fitting and tokens.texts[first] not in _LISTS and not tokens.depth(first, index):
        fitting.remove(",")  # it would list variables
    is_width = "NUMBER" in tokens.kinds[index : index + 2]
    if ":" in fitting and tokens.texts[first] not in _LISTS and not is_width:
        fitting.remove(":")  # a bit-field's, of a name
    is_macro = text.startswith("__") or text.isupper()
    if "," in fitting and is_macro and "LSQB" in accepted:
        fitting.remove(",")  # no declarator has such a name
    if "," in fitting and "=" in fitting and kind == "NAME":
        fitting.remove("=")  # another enumerator rather than the value of one
    before = tokens.texts[index - 1]
    end = tokens.end(index - 1)
    closed = -1 if automaton.block >= 0 else _unmatched(tokens, first, index)
    if closed >= 0:
        if "LBRACE" in accepted:
            edit = Edit(Span(tokens.source, end, end), " {")
            after = closed + 1 + (tokens.texts[closed + 1] == ";")
            yield _Repair(edit, "write `{` before it", index, index, after)
        return
    if ";" in fitting and not _are_two(tokens, index):
        fitting.remove(";")
    for sign in fitting:
        if before not in _SIGNS[:4] and (sign != "]" or "[" not in (before, text)):
            blank = " " * (sign == "=")
            edit = Edit(Span(tokens.source, end, end), f"{blank}{sign}")
            yield _Repair(edit, f"write `{sign}` before it", index, index)
    others = fitting if text in _SIGNS and text not in _CLOSING else ()
    if text in _CLOSING:
        others = [sign for sign in _CLOSING if PUNCTUATION[sign] in accepted]
    for sign in others:
        if sign != text and (sign != ">" or "PLUS" not in accepted):
            edit = Edit(tokens.span(index, index + 1), sign)
            yield _Repair(edit, f"write `{sign}`", index, index + 1)
    if text == before and kind != END and text not in _BRACKETS:
        yield _Repair(_removal(automaton, index), f"write `{text}` once", index, index + 1)
    elif text in {":", "="}:
        yield _Repair(_removal(automaton, index), f"remove the `{text}`", index, index + 1)
    if (before, text) == ("=", ">") and index - 1 > first:
        edit = Edit(tokens.span(index - 1, index + 1), ">=")
        yield _Repair(edit, "write `>=`", index - 1, index + 1)
    if before == "," and text == ";" and index - 1 > first:
        edit = _removal(automaton, index - 1)
        yield _Repair(edit, "remove the `,` before it", index - 1, index)
    if index == first + 1 and tokens.kinds[first] == "NAME":
        start = tokens.starts[first]
        for word in ("target",) if before in TARGETS else _LEFT_OUT:
            edit = Edit(Span(tokens.source, start, start), f"{word} ")
            yield _Repair(edit, f"write `{word} {before} {text}`", first, first)


def _are_two(tokens: Tokens, index: int) -> bool:
    """Return whether what stands before and after a `;` before token *index* may be declarations.

    Each has a word more than its type.
    """
    first, after = index, index
    while first and tokens.texts[first - 1] not in _ENDS:
        first -= 1
    while tokens.kinds[after] != END and tokens.texts[after] not in _ENDS:
        after += 1
    is_type = tokens.kinds[index - 1] in {"BUILTIN", "QUALIFIER", "STAR"}
    return index - first > 1 and not is_type and (after - index > 1 or tokens.kinds[index] == END)


def _unmatched(tokens: Tokens, first: int, index: int) -> int:
    """Return the `}` after token *index* that nothing opens, before another map; -1 for none."""
    depth = tokens.depth(first, index)
    for at in range(index, len(tokens.kinds)):
        if at > index and tokens.kinds[at] in {"MAP", "TEMPLATE"} and tokens.at_line_start(at):
            return -1
        depth += (tokens.texts[at] == "{") - (tokens.texts[at] == "}")
        if depth < 0:
            return at
    return -1


def _removal(automaton: Automaton, index: int) -> Edit:
    """Return the edit that removes token *index* and the blanks before it."""
    tokens = automaton.tokens
    start = tokens.starts[index]
    while start and tokens.source.text[start - 1] in " \t":
        start -= 1
    return Edit(Span(tokens.source, start, tokens.end(index)), "")
