"""Words of the command line that can mean one thing only, read by the table of options alone.

Before `parser`, which reads all others and says what is wrong with them. What a build types is
plain, and argparse alone would take a tenth of the time of a small file.
"""

from __future__ import annotations

from bpfgen.commands.option import FLAG, LIST, OPTIONAL, SWITCH, VALUE
from bpfgen.record import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from typing import Any

    from bpfgen.commands.option import Option


def plain_values(options: Sequence[Option], words: Iterable[str]) -> dict[str, Any] | None:
    """Return what *words* say, by attribute, the operands in `inputs`; None if one isn't plain.

    Plain are whole names of options, and values and operands that don't look like options. argparse
    makes the same of them, in every version.
    """
    named = {name: option for option in options for name in option.spellings}
    values: dict[str, Any] = {option.attribute: _absent(option) for option in options}
    values["inputs"] = []
    following = iter(words)
    for word in following:
        if _looks_like_an_option(word):
            name, value = _name_and_value(word, named)
            option = named.get(name)
            if option is None or not _enter(values, option, name, value, following):
                return None
        else:
            values["inputs"].append(word)
    return values


def _absent(option: Option) -> Any:
    """Return the value of *option* where it isn't given."""
    if option.kind == FLAG:
        return False
    return [] if option.kind in {LIST, OPTIONAL} else option.default


def _looks_like_an_option(word: str) -> bool:
    return word.startswith("-") and word != "-"


def _name_and_value(word: str, named: dict[str, Option]) -> tuple[str, str | None]:
    """Return the name of the option in *word*, and the value that stands in the same word."""
    if word in named:
        return word, None
    if word.startswith("--"):
        name, is_given, value = word.partition("=")
        return name, value if is_given else None
    # `-Idir`; `-I=dir` is for argparse.
    return ("", None) if word[2:3] in {"", "="} else (word[:2], word[2:])


def _enter(
    values: dict[str, Any],
    option: Option,
    name: str,
    value: str | None,
    following: Iterator[str],
) -> bool:
    """Enter what *option* says into *values*; return whether that was plain.

    Where *value* is None, one that it needs is the next of *following*.
    """
    attribute = option.attribute
    if option.kind in {FLAG, SWITCH}:
        values[attribute] = name in option.names
        return value is None
    if value is None:
        value = next(following, None)
        if value is None or _looks_like_an_option(value):
            return False
    if value == "--":  # which argparse removes
        return False
    if option.kind == VALUE:
        values[attribute] = value
        return not option.choices or value in option.choices
    values[attribute].append(value)
    return True
