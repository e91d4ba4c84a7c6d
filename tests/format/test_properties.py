"""The proof proves something: a formatter that breaks a promise is found out."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from tests.format.properties import faults, is_a_program, meaning, other_meaning
from tests.format.texts import texts

if TYPE_CHECKING:
    from collections.abc import Callable

TEXT = """\
/// What the file is for.

const MAX = 1 << 12;  // entries

// About both.
struct flow {
    __u32 a;  // one
    /* two
       lines */
    __u32 b;

    // bpfgen: allow value-padding because it is shown
    __u64 c;
};

/// The flows.
map flows: hash<__u32, flow>[MAX];
map others: hash<__u32, array_of_flows>[MAX >> 2] /* odd */;
// The end.
"""

WRONG: dict[str, Callable[[str], str | None]] = {
    "a comment is lost": lambda text: text.replace("  // one", ""),
    "the last comment is lost": lambda text: text.replace("// The end.\n", ""),
    "a comment is another": lambda text: text.replace("// one", "// on"),
    "comments change places": lambda text: text.replace("// one", "// 1").replace(
        "/* two\n       lines */", "// one"
    ),
    "a comment goes to the next line": lambda text: text.replace(";  // one\n", ";\n    // one\n"),
    "a comment goes to the line before": lambda text: text.replace("a;  // one\n    /*", "a;  /*"),
    "a comment goes to the next declaration": lambda text: text.replace(
        "// The end.\n", ""
    ).replace("map others", "// The end.\nmap others"),
    "an empty line is lost": lambda text: text.replace("\n\n// About", "\n// About"),
    "an empty line is new": lambda text: text.replace("\nmap others", "\n\nmap others"),
    "an empty line parts a comment from what it is about": lambda text: text.replace(
        "both.\n", "both.\n\n"
    ),
    "a doc comment is none any more": lambda text: text.replace("flows.\n", "flows.\n\n"),
    "a token is lost": lambda text: text.replace(" /* odd */;", " /* odd */"),
    "a token is new": lambda text: text.replace("b;\n", "b;;\n"),
    "tokens are joined": lambda text: text.replace("<< 12", "<<12").replace("MAX >> 2", "MAX >>2"),
    "a sign is cut": lambda text: text.replace(">> 2", "> > 2"),
    "declarations change places": lambda text: text.replace("map flows", "map x").replace(
        "map others", "map flows"
    ),
    "blanks stay at the end of a line": lambda text: text.replace("__u32 b;", "__u32 b; "),
    "a tab stays": lambda text: text.replace("    __u32 b", "\t__u32 b"),
    "line ends are others": lambda text: text.replace("\n", "\r\n"),
    "an indentation of three": lambda text: text.replace("    __u32 b", "   __u32 b"),
    "no line end at the end": lambda text: text.rstrip("\n"),
    "empty lines at the end": lambda text: text + "\n",
    "two empty lines": lambda text: text.replace("\n\n", "\n\n\n"),
    "it swings": lambda text: (
        text.replace("[MAX]", "[ MAX ]") if "[MAX]" in text else text.replace("[ MAX ]", "[MAX]")
    ),
    "nothing at all": lambda _text: None,
    "an empty text": lambda _text: "",
}
HARMLESS = {"tokens are joined"}
"""Blanks between tokens are for the test of the form to find."""


def test_a_formatted_text_has_no_faults() -> None:
    """The text is as it should be, so that what is found below was done to it."""
    assert faults(TEXT, lambda text: text) == []


@pytest.mark.parametrize("what", WRONG)
def test_what_is_broken_is_found(what: str) -> None:
    """Each way of being wrong is told, and nothing is told of what is allowed."""
    wrong = WRONG[what]
    assert wrong(TEXT) != TEXT
    assert bool(faults(TEXT, wrong)) == (what not in HARMLESS)


def test_a_broken_file_is_to_be_left_alone() -> None:
    """To format it is a fault; so is to leave a program alone that is wrong only later."""
    assert faults("map flows hash;", lambda text: text)
    assert not faults("map flows hash;", lambda _text: None)
    assert faults("map flows: hsah<nobody, knows>;\n", lambda _text: None)
    assert not faults("map flows: hsah<nobody, knows>;\n", lambda text: text)


def test_meaning_sees_what_a_text_says() -> None:
    """Another number, doc comment or place of a diagnostic is another meaning; blanks aren't."""
    text = "/// Doc.\nmap flows: hash<__u32, __u64>[16];\n"

    def is_kept(text: str, other: str) -> bool:
        return not other_meaning(meaning(text), meaning(other))

    assert is_kept(text, text.replace(" ", "\n\n").replace("///\n\nDoc.", "/// Doc."))
    assert not is_kept(text, text.replace("16", "0x10"))
    assert not is_kept(text, text.replace("Doc", "doc"))
    assert not is_kept(text, text.replace("/// Doc.\n", "/// Doc.\n\n\n"))
    wrong = "map a: hash<__u32, __u64>; map b: hash<__u32, __u64>[1];\n"
    assert meaning(wrong).said
    assert is_kept(wrong, wrong.replace("; ", ";\n\n"))
    assert not is_kept(wrong, wrong.replace(">;", ">[1];").replace(">[1];\n", ">;\n"))


def test_the_repository_is_mostly_programs() -> None:
    """What is tried is formatted, not left alone."""
    programs = sum(map(is_a_program, texts().values()))
    assert programs > 0.9 * len(texts()) > 500
    assert any(re.search(r"/\*", text) for text in texts().values())
