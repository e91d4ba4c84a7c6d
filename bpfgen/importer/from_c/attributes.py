"""GNU attributes and the macros that stand for them: taken out of declarations, and read.

A map's section and linkage are in them. Of a type's, those are kept that the language has.
"""

from __future__ import annotations

import re

from bpfgen.importer.from_c.declarations import closing_brackets, tokens_of
from bpfgen.record import TYPE_CHECKING, Record

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bpfgen.importer.from_c.declarations import Token

LANGUAGE_MACROS = frozenset(
    """
    __kptr __kptr_untrusted __kptr_ref __percpu_kptr __uptr __arena __contains __aligned __packed
    """.split()
)
"""Macros of libbpf's headers that the language has too."""

_GNU = ("__attribute__", "__attribute")
_SECTIONS = re.compile(r"SEC|\w*[sS]ection\w*")
_SECTION_NAMES = {
    "__section_maps_btf": ".maps",
    "__section_maps": "maps",
    "__maps_section": ".maps",
}
"""Macros without parameters that cilium and iproute2 have for sections."""

_WORDS = frozenset(
    """
    __weak __hidden __used __unused __maybe_unused __ksym __kconfig __always_unused __extension__
    """.split()
)
_KEPT = frozenset(
    "packed aligned preserve_access_index btf_type_tag btf_decl_tag address_space".split()
)
_MAPS = re.compile(r"\"(\.?maps)(/[^\"]*)?\"")


class Attributes(Record):
    """What the attributes of a declaration say.

    Attributes:
        section: Its name, or empty.
        names: Of all attributes.
    """

    section: str
    names: set[str]


def without_attributes(text: str) -> tuple[str, Attributes]:
    """Return *text* without its attributes, and what they say; `__aligned(n)` is one, too."""
    section = ""
    names: set[str] = set()
    tokens = tokens_of(text)
    closing = closing_brackets(tokens)
    parts: list[str] = []
    position = 0
    index = 0
    while index < len(tokens):
        token = tokens[index]
        following = tokens[index + 1].text if index + 1 < len(tokens) else ""
        end = index
        if token.kind != "name":
            index += 1
            continue
        if following == "(" and token.text in _GNU:
            end = closing[index + 1]
            for spelling, argument in _listed(tokens, closing, index + 1):
                name = spelling.strip("_")
                names.add(name)
                if name == "section":
                    section = argument.strip().strip('"')
                elif name == "visibility" and "hidden" in argument:
                    names.add("hidden")
        elif following == "(" and _SECTIONS.fullmatch(token.text):
            end = closing[index + 1]
            section = _slice(text, tokens, index + 2, end).strip().strip('"')
        elif following == "(" and token.text in ("__aligned", "_Alignas", "__asm__", "asm"):
            end = closing[index + 1]
            names.add(token.text)
        elif token.text in _SECTION_NAMES:
            section = _SECTION_NAMES[token.text]
        elif token.text in _WORDS:
            names.add(token.text.strip("_"))
        else:
            index += 1
            continue
        parts += (text[position : token.start], " ")
        position = tokens[end].start + len(tokens[end].text)
        index = end + 1
    return "".join([*parts, text[position:]]), Attributes(section, names)


def _slice(text: str, tokens: Sequence[Token], start: int, end: int) -> str:
    return text[tokens[start].start : tokens[end].start] if start < len(tokens) else ""


def _listed(tokens: Sequence[Token], closing: dict[int, int], index: int) -> list[tuple[str, str]]:
    """Return (name, arguments) of each attribute in the double brackets at *index*."""
    last = closing[index]
    index += 1
    if index < last and tokens[index].text == "(":
        last = closing[index]
        index += 1
    listed: list[tuple[str, str]] = []
    while index < last:
        token = tokens[index]
        index += 1
        if token.kind != "name":
            continue
        argument = ""
        if index < last and tokens[index].text == "(":
            end = closing[index]
            argument = " ".join(each.text for each in tokens[index + 1 : end])
            index = end + 1
        listed.append((token.text, argument))
    return listed


def section_of_maps(section: str) -> tuple[str, str] | None:
    """Return `.maps` or `maps`, and what follows it, if *section* is one of maps."""
    match = _MAPS.fullmatch(f'"{section}"')
    return None if match is None else (match[1], match[2] or "")


def cleaned_type(text: str) -> tuple[str, list[str]]:
    """Return the type declaration *text* with the attributes that the language has, and the rest.

    What comes second are the names of attributes that are left out.
    """
    tokens = tokens_of(text)
    closing = closing_brackets(tokens)
    parts: list[str] = []
    position = 0
    dropped: list[str] = []
    index = 0
    while index < len(tokens):
        token = tokens[index]
        following = tokens[index + 1].text if index + 1 < len(tokens) else ""
        end = index
        if token.text in _GNU and following == "(":
            end = closing[index + 1]
            listed = _listed(tokens, closing, index + 1)
            kept = [each for each in listed if each[0].strip("_") in _KEPT]
            dropped += (name for name, _ in listed if name.strip("_") not in _KEPT)
            if len(kept) == len(listed) and listed:
                index = end + 1
                continue
            words = [f"{name}({argument})" if argument else name for name, argument in kept]
            new = f"__attribute__(({', '.join(words)}))" if words else ""
        elif token.text == "__extension__":
            new = ""
        elif token.text in ("__signed__", "__signed"):
            new = "signed"
        elif token.text in ("__volatile__", "__volatile", "__const__", "__const"):
            new = token.text.strip("_")
        else:
            index += 1
            continue
        before = text[position : token.start]
        parts += (before if new else before.rstrip(" \t"), new)
        position = tokens[end].start + len(tokens[end].text)
        index = end + 1
    return "".join([*parts, text[position:]]), dropped
