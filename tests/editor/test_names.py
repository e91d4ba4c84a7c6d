"""What names in a text mean: each has a part that it plays, and means what resolution says."""

from __future__ import annotations

from bpfgen.editor.names import Names
from bpfgen.editor.occurrences import LOOSE
from tests.editor.texts import COUNT, SEED, analysed, conditional_texts, good_texts, one


def test_every_name_of_a_program_plays_a_part() -> None:
    """No word that the parser takes for a name is left out, and none is guessed."""
    for texts in good_texts(SEED, 4 * COUNT):
        for analysis in analysed(texts).values():
            parts = {name.span.start: name.occurrence for name in Names(analysis).own()}
            tokens = analysis.tokens
            for at, start in enumerate(tokens.starts):
                if tokens.kinds[at] == "NAME":
                    assert parts[start].name == tokens.texts[at]
            assert all(part.is_certain and part.role != LOOSE for part in parts.values())


def test_what_is_looked_up_is_what_resolution_says() -> None:
    """Without what resolution noted each name means the same declaration, and no other.

    So what is looked up where it noted nothing can be relied on.
    """
    compared = 0
    for texts in good_texts(SEED, 4 * COUNT):
        analyses = analysed(texts)
        for analysis in analyses.values():
            names, blind = Names(analysis), Names(analysis)
            blind._noted.clear()
            for name, looked_up in zip(names.own(), blind.own(), strict=True):
                if looked_up.declaration.origin != "unknown":
                    # Of several branches' declarations resolution knows which can be meant.
                    assert {*name.meanings} <= {*looked_up.meanings}, name.span.text
                    compared += 1
                else:
                    assert name.declaration.origin in ("included", "unknown"), name.span.text
    assert compared > 100 * COUNT


def test_a_name_in_branches_means_what_is_there() -> None:
    """A use in one branch means the declaration of that branch; one outside means them all."""
    analysis = one(
        "macro A;\n"
        "when (A) { struct key { int a; }; map m: hash<key, int>[1]; }\n"
        "else { struct key { int b; }; map m: array<int, key>[1]; }\n"
        "map all: hash<struct key, int>[1];\n"
    )
    text, names = analysis.source.text, Names(analysis)
    first, second = (text.index(f"struct key {{ int {name}") for name in "ab")
    places = {}
    for use in ("hash<key", "array<int, key", "struct key, int"):
        name = names.at(text.index(use) + use.index("key"))
        assert name is not None
        spans = [meaning.span for meaning in name.meanings]
        places[use] = {span.start - len("struct ") for span in spans if span is not None}
    assert places == {
        "hash<key": {first},
        "array<int, key": {second},
        "struct key, int": {first, second},
    }


def test_names_in_a_broken_part_are_guessed() -> None:
    """A declaration that can't be read still declares, as far as its first words say what."""
    analysis = one(
        "struct key { __u32 a b; ;\n};\nmap broken: hash<;\nconst N = ;\n"
        "map m: hash<key, int>[N];\n"
    )
    text, names = analysis.source.text, Names(analysis)
    for name in ("key", "N"):
        found = names.at(text.rindex(name))
        assert found is not None
        span = found.declaration.span
        assert span is not None
        assert span.start == text.index(name)
        assert [use.is_certain for use in names.uses(found)] == [False, True]


def test_random_conditions_have_names() -> None:
    """Names are found in what is wrong in some case, and nothing fails."""
    for text in conditional_texts(SEED, 1 + COUNT // 3):
        names = Names(one(text))
        for name in names.own():
            assert any(use.span == name.span for use in names.uses(name))
