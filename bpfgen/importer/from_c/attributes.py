"""GNU attributes and the macros that stand for them: taken out of declarations, and read.

A map's section and linkage are in them. Of a type's, those are kept that the language has.
"""

from __future__ import annotations

import re

from bpfgen.ctype.attributes import WITHOUT_EFFECT
from bpfgen.importer.from_c.declarators import DeclarationReader
from bpfgen.record import Record

LANGUAGE_MACROS = {
    "__aligned": "aligned",
    "__arena": "address_space",
    "__contains": "contains:",
    "__kptr": '"kptr"',
    "__kptr_ref": '"kptr_ref"',
    "__kptr_untrusted": '"kptr_untrusted"',
    "__packed": "packed",
    "__percpu_kptr": '"percpu_kptr"',
    "__uptr": '"uptr"',
}
"""Macros of libbpf's headers that the language has too; each with a part of what it stands for."""

_GNU = ("__attribute__", "__attribute")
_SECTIONS = re.compile(r"SEC|\w*[sS]ection\w*")
_SECTION_NAMES = {
    "__section_maps_btf": ".maps",
    "__section_maps": "maps",
    "__maps_section": ".maps",
}
"""Macros without parameters that cilium and iproute2 have for sections."""

SIGNS_OF_MAPS = re.compile(r'"\.?maps[/"]|\b__uint\b|\b(?:' + "|".join(_SECTION_NAMES) + r")\b")
"""What a definition of maps has in it, for C that isn't read."""

ARGUMENT_TAGS = ("ctx", "nonnull", "nullable", "trusted", "arena")
"""What libbpf has tags for on arguments, as `__arg_ctx`. Source: libbpf 1.4, bpf_helpers.h."""

_WORDS = frozenset(f"__arg_{tag}" for tag in ARGUMENT_TAGS) | frozenset(
    """
    __weak __hidden __used __unused __maybe_unused __ksym __kconfig __always_unused __extension__
    """.split()
)
_ALIGNMENTS = ("__aligned", "_Alignas")
_CALLS = (*_ALIGNMENTS, "__asm__", "asm")
_SPELLINGS = {
    "__extension__": "",
    "__signed__": "signed",
    "__signed": "signed",
    "__volatile__": "volatile",
    "__volatile": "volatile",
    "__const__": "const",
    "__const": "const",
}
"""What GNU's spellings are in the language."""

_MAPS = re.compile(r"\"(\.?maps)(/[^\"]*)?\"")


class Attributes(Record):
    """What the attributes of a declaration say.

    Attributes:
        section: Its name, or empty.
        names: Of all attributes.
        decl_tags: The arguments of `btf_decl_tag`, as written.
    """

    section: str
    names: set[str]
    decl_tags: tuple[str, ...]


def without_attributes(text: str) -> tuple[str, Attributes]:
    """Return *text* without its attributes, and what they say; `__aligned(n)` is one, too.

    Those of types stay that are written inside of it.
    """
    reader = DeclarationReader(text)
    section = ""
    names: set[str] = set()
    decl_tags: list[str] = []
    body = reader.find("{", 0, reader.count)
    inside = range(body + 1, reader.closing.get(body, body))
    bodies = [
        range(opening, closing)
        for opening, closing in reader.closing.items()
        if opening in inside and reader.word(opening) == "{"
    ]

    def change(place: int) -> tuple[int, str] | None:
        nonlocal section
        word, opening = reader.word(place), place + 1
        is_call = reader.word(opening) == "("
        after = reader.closing[opening] + 1 if is_call else opening
        of_member = reader.word(after) in (";", ",") and not any(place in body for body in bodies)
        if place in inside and is_call and not of_member:
            listed = _listed(reader, opening) if word in _GNU else [(word, "")]
            kept = [name for name, _argument in listed if name.strip("_") not in WITHOUT_EFFECT]
            if kept and (word in _GNU or word in _ALIGNMENTS):
                return None
        if is_call and word in _GNU:
            for spelling, argument in _listed(reader, opening):
                name = spelling.strip("_")
                names.add(name)
                if name == "section":
                    section = argument.strip('"')
                elif name == "btf_decl_tag" and place not in inside:
                    decl_tags.append(argument)
                elif name == "visibility" and "hidden" in argument:
                    names.add("hidden")
        elif is_call and _SECTIONS.fullmatch(word):
            section = reader.slice(opening + 1, after - 1).strip('"')
        elif is_call and word in _CALLS:
            names.add(word)
        elif word in _SECTION_NAMES:
            section, after = _SECTION_NAMES[word], opening
        elif word in _WORDS:
            names.add(word.strip("_"))
            after = opening
        else:
            return None
        return after, " "

    rest = reader.rewritten(change)
    return rest, Attributes(section, names, tuple(dict.fromkeys(decl_tags)))


def _listed(reader: DeclarationReader, opening: int) -> list[tuple[str, str]]:
    """Return (name, arguments) of each attribute in the double brackets at *opening*."""
    first, after = opening + 1, reader.closing[opening]
    if reader.word(first) == "(":
        first, after = first + 1, reader.closing[first]
    stretches = reader.split(",", first, after)
    return [(reader.word(s), reader.slice(s + 2, end - 1)) for s, end in stretches if s < end]


def section_of_maps(section: str) -> tuple[str, str] | None:
    """Return `.maps` or `maps`, and what follows it, if *section* is one of maps."""
    match = _MAPS.fullmatch(f'"{section}"')
    return None if match is None else (match[1], match[2] or "")


def in_plain_sections(text: str) -> str:
    """Return C in which the maps of `maps/NAME` stand in section `maps`, as a source has them."""
    return _MAPS.sub(r'"\1"', text)


def cleaned_type(text: str) -> tuple[str, list[str]]:
    """Return the type declaration *text* without the attributes that say nothing, and their names.

    Those that change the layout and that the language doesn't know stay: it refuses them.
    """
    reader = DeclarationReader(text)
    dropped: list[str] = []

    def change(place: int) -> tuple[int, str] | None:
        word, opening = reader.word(place), place + 1
        if word in _SPELLINGS:
            return opening, _SPELLINGS[word]
        if word not in _GNU or reader.word(opening) != "(":
            return None
        listed = _listed(reader, opening)
        kept = [attribute for attribute in listed if attribute[0].strip("_") not in WITHOUT_EFFECT]
        dropped.extend(name for name, _ in listed if name.strip("_") in WITHOUT_EFFECT)
        if len(kept) == len(listed) and listed:
            return None
        words = [f"{name}({argument})" if argument else name for name, argument in kept]
        new = f"__attribute__(({', '.join(words)}))" if words else ""
        return reader.closing[opening] + 1, new

    return reader.rewritten(change), dropped
