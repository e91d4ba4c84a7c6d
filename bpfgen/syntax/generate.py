"""Grammar to tables: what lark makes of grammar/bpfgen.lark, as plain data for the parser.

`python -m bpfgen.syntax.generate` writes tables.py anew. Importing lark and building the automaton
takes longer than compiling a small file, so it is done ahead of time; a checkout in which the
grammar was edited and the tables weren't is served by the same function on the fly.
"""

from __future__ import annotations

import pprint
import re
import sys
import zlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bpfgen.resources import grammar_text

if TYPE_CHECKING:
    from lark import Lark

SPLICED = "splice"
"""The action of a rule whose children go to the parent: helper rules, and names with `_`."""

SINGLE = "single"
"""The action of a rule that is just its only child (`?rule` in the grammar)."""

_WORDS = re.compile(r"\(\?:(\w+(?:\|\w+)*)\)")
_COMMENTS = ("WHITESPACE", "LINE_COMMENT", "BLOCK_COMMENT", "PREPROCESSOR")
_SOFT_COMMENT = "The words of C"
_UNREADABLE = (r"[\"'][^\r\n]*", r"\.+", r"[^\t-\r -#%-?A-\[\]-_a-~]+")
"""What no token begins with, as much of it as is one mistake; the last is no character of C."""


def build_tables(text: str, *, strict: bool = False) -> dict[str, Any]:
    """Return the tables for the grammar *text*.

    *strict* makes lark refuse what it would otherwise resolve by itself; it needs interegular.
    The keys are documented in tables.py's own header, see :func:`module_text`.
    """
    from lark import Lark

    lark = Lark(text, parser="lalr", lexer="contextual", maybe_placeholders=False, strict=strict)
    # lark has no public way to its tables; Lark.save reads this attribute, too.
    table: Any = lark.parser.parser._parse_table  # noqa: SLF001 -- see above
    words, expressions = _terminals(lark, _soft_terminals(text))
    rules, numbers = _rules(lark)
    order = {number: index for index, number in enumerate(_state_order(table))}
    actions: list[dict[str, int]] = [{} for _ in order]
    gotos: list[dict[str, int]] = [{} for _ in order]
    nonterminals = {rule[0] for rule in rules}
    for number, row in table.states.items():
        for symbol, (kind, argument) in sorted(row.items()):
            if str(kind) == "Shift" or getattr(kind, "name", "") == "Shift":
                into = gotos if symbol in nonterminals else actions
                into[order[number]][str(symbol)] = order[argument]
            else:
                actions[order[number]][str(symbol)] = ~numbers[argument]
    return {
        "CHECKSUM": zlib.crc32(text.encode()),
        "LEXER": _lexer(expressions, words["PUNCTUATION"]),
        **{name: dict(sorted(spellings.items())) for name, spellings in words.items()},
        "RULES": rules,
        "ACTIONS": actions,
        "GOTOS": gotos,
        "START": order[table.start_states["start"]],
        "END": order[table.end_states["start"]],
    }


def _terminals(
    lark: Lark, soft_names: set[str]
) -> tuple[dict[str, dict[str, str]], dict[str, str]]:
    """Return the tables of words and signs, spelling -> terminal, and the other terminals."""
    from lark.lexer import PatternStr

    hard: dict[str, str] = {}
    soft: dict[str, str] = {}
    punctuation: dict[str, str] = {}
    expressions: dict[str, str] = {}
    for terminal in lark.terminals:
        words = _WORDS.fullmatch(terminal.pattern.to_regexp())
        if isinstance(terminal.pattern, PatternStr):
            spellings = [terminal.pattern.value]
        elif words:
            spellings = words[1].split("|")
        else:
            expressions[terminal.name] = terminal.pattern.to_regexp()
            continue
        for spelling in spellings:
            if not (spelling[0].isalpha() or spelling[0] == "_"):
                punctuation[spelling] = terminal.name
            elif terminal.name in soft_names:
                soft[spelling] = terminal.name
            else:
                hard[spelling] = terminal.name
    return {"HARD_WORDS": hard, "SOFT_WORDS": soft, "PUNCTUATION": punctuation}, expressions


def _rules(lark: Lark) -> tuple[list[tuple[str, int, str, tuple[int, ...], bool]], dict[Any, int]]:
    """Return the rules as tables.py has them, and the number of each of lark's."""
    rules: list[tuple[str, int, str, tuple[int, ...], bool]] = []
    numbers: dict[Any, int] = {}
    for rule in lark.rules:
        numbers[rule] = len(rules)
        name = str(rule.origin.name)
        kept = tuple(
            position
            for position, symbol in enumerate(rule.expansion)
            if not (symbol.is_term and getattr(symbol, "filter_out", False))
        )
        if name.startswith("_"):
            action = SPLICED
        elif rule.options.expand1 and not rule.alias and len(kept) == 1:
            action = SINGLE
        else:
            action = str(rule.alias or name)
        spliced = any(not s.is_term and str(s.name).startswith("_") for s in rule.expansion)
        rules.append((name, len(rule.expansion), action, kept, spliced))
    return rules, numbers


def _soft_terminals(text: str) -> set[str]:
    """Return the terminals between the headings "Terminals" and "The words of C"."""
    section = text.split("// Terminals.", 1)[1].split(_SOFT_COMMENT, 1)[0]
    return set(re.findall(r"^([A-Z_]+)(?:\.\d+)?:", section, re.MULTILINE))


def _state_order(table: Any) -> list[Any]:
    """Return the automaton's states in the order of a breadth-first walk: stable numbers."""
    first = table.start_states["start"]
    states = [first]
    seen = {first}
    for state in states:
        for _symbol, (_kind, argument) in sorted(table.states[state].items()):
            if isinstance(argument, int) and argument in table.states and argument not in seen:
                seen.add(argument)
                states.append(argument)
    states.extend(sorted(set(table.states) - seen))
    return states


def _lexer(expressions: dict[str, str], punctuation: dict[str, str]) -> str:
    """Return one regular expression for all that a text consists of, which matches anywhere.

    It has no groups, so that `findall` returns the pieces; lexer.py says what each of them is.
    """
    # Characters with a prefix (`L'a'`) must not be taken for a name.
    order = ["WHITESPACE", "CHARACTER", "INCLUDE", "NAME", "NUMBER"]
    order += [name for name in _COMMENTS if name in expressions and name not in order]
    order += sorted(set(expressions) - set(order))
    pieces = [expressions[name] for name in order]
    pieces.append(r"/\*[\s\S]*")  # or the comment's own expression would have matched
    longest_first = sorted(punctuation, key=lambda text: (-len(text), text))
    pieces += [re.escape(text) for text in longest_first if len(text) > 1]
    # Single characters are one class: `re` takes a branch for each otherwise, at every start.
    single = "".join(re.escape(text) for text in longest_first if len(text) == 1)
    pieces.append(f"[{single}]")
    pieces += _UNREADABLE
    return "|".join(pieces)


def module_text(tables: dict[str, Any]) -> str:
    """Return tables.py for *tables*."""
    lines = [
        '"""Generated from grammar/bpfgen.lark by `python -m bpfgen.syntax.generate`. Do not edit.',
        "",
        "CHECKSUM: CRC-32 of the grammar. LEXER: whatever a text consists of, in one expression.",
        "HARD_WORDS: C's keywords; SOFT_WORDS: keywords where the parser expects them.",
        "RULES: (left side, length, action, kept positions, any is spliced). ACTIONS: state ->",
        "terminal -> next state, or ~rule for a reduction. GOTOS: state -> left side -> state.",
        '"""',
        "",
    ]
    for name, value in tables.items():
        if isinstance(value, list):
            lines.append(f"{name} = [")
            lines.extend(f"    {row!r}," for row in value)
            lines.append("]")
        elif isinstance(value, dict):
            lines.append(f"{name} = {pprint.pformat(value, sort_dicts=False)}")
        else:
            lines.append(f"{name} = {value!r}")
    return "\n".join(lines) + "\n"


def main() -> int:
    """Write tables.py beside this module, if it changes."""
    target = Path(__file__).with_name("tables.py")
    text = module_text(build_tables(grammar_text(), strict=True))
    if not target.exists() or target.read_text() != text:
        target.write_text(text)
        sys.stderr.write(f"wrote {target.name}\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
