"""The header of a source with conditions, and where its lines come from.

What the preprocessor makes of it, with the macros that one variant is for, is what it makes of that
variant's own header. What a header defines for itself alone, and undefines at its end, is the same
in all variants, so that it needs no `#if`.
"""

from __future__ import annotations

import re

from bpfgen.conditions import conjunction
from bpfgen.emit.anchors import tags_defined_by
from bpfgen.emit.backend import OutputRefused, PlacedText
from bpfgen.emit.c.anchors import AnchorLines
from bpfgen.emit.c.blocks import OneOf
from bpfgen.emit.c.facts import HEADING
from bpfgen.emit.c.header import Spelled, composed, options_of
from bpfgen.emit.c.include_guard import defined_by, guard_name
from bpfgen.emit.c.options import Access
from bpfgen.emit.c.sides import BPF
from bpfgen.emit.c.variants.alignment import in_order
from bpfgen.emit.c.variants.branches import Chunk, Item, branched, merged, without_gap
from bpfgen.emit.c.variants.choices import Choices, in_source_order
from bpfgen.emit.c.variants.shared import all_of, share, with_shared_prelude
from bpfgen.emit.templates import render
from bpfgen.model.anchors import RECORD_PREFIX
from bpfgen.model.maps import Map
from bpfgen.record import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from typing import TypeAlias

    from bpfgen.conditions import Guard
    from bpfgen.emit.backend import Settings, SourceVariants
    from bpfgen.emit.c.blocks import Block
    from bpfgen.emit.c.options import Accessors, HeaderOptions
    from bpfgen.emit.c.variants.choices import Conditions
    from bpfgen.model.model import Declaration, Model
    from bpfgen.text.diagnostics import Diagnostic
    from bpfgen.text.source import Span

    Key: TypeAlias = tuple[int | str, ...]
    """What tells a declaration of a source from the others."""


def emit_variants(variants: SourceVariants, settings: Settings) -> list[PlacedText]:
    """Return the header of all variants of a source; what :data:`bpfgen.emit.BACKENDS` calls.

    Raises:
        OutputRefused: Two names became one.
    """
    # In an order that -D has no say in: the header is the same, whichever variant is the first.
    order = in_source_order(variants.assignments, variants.places)
    choices = Choices([variants.assignments[number] for number in order], variants.places)
    models = [variants.models[number] for number in order]
    return [VariantHeaders(models, choices, options_of(settings)).merged()]


class VariantHeaders:
    """The headers of the variants of one source.

    Raises:
        OutputRefused: Two names became one.
    """

    def __init__(self, models: Sequence[Model], choices: Choices, options: HeaderOptions) -> None:
        self._choices = choices
        # What no condition decides about is there in all variants.
        one_of = OneOf(
            alone=all(len(model.maps) < _SEVERAL for model in models),
            is_always=lambda one: one.span is not None and not choices.guard_at(one.span.start),
        )
        self._spelled = [Spelled(model, options, one_of) for model in with_shared_prelude(models)]
        refused: list[Diagnostic] = []
        for spelled in self._spelled:
            refused += [said for said in spelled.refused() if said not in refused]
        if refused:
            raise OutputRefused(refused)
        self._guard = guard_name(*models)
        share(self._spelled)

    def alone(self, number: int) -> PlacedText:
        """Return the header of one variant, which defines what the others want defined, too."""
        return composed(self._spelled[number], self._guard)

    def merged(self) -> PlacedText:
        """Return the header of all variants."""
        chunks = [
            Chunk(self._opening()),
            *self._declarations(),
            *self._anchors(),
            *self._facts(),
            *self._access(f"#ifdef {BPF}", [spelled.access.program for spelled in self._spelled]),
            *self._access(f"#ifndef {BPF}", [spelled.access.user for spelled in self._spelled]),
            Chunk(self._closing()),
        ]
        places = []
        line = 1
        for chunk in chunks:
            if chunk.span is not None:
                gap = chunk.text.startswith("\n")
                places.append((line + gap, chunk.span))
            line += chunk.text.count("\n")
        return PlacedText("".join([chunk.text for chunk in chunks]), tuple(places))

    def _opening(self) -> str:
        texts = {
            number: f"{spelled.opening(self._guard)}{_END}"
            for number, spelled in enumerate(self._spelled)
        }
        models = [spelled.model for spelled in self._spelled]
        places = [include.span for model in models for include in model.includes]
        places += [item.span for model in models for item in model.imports]
        return merged(texts, self._choices, self._conditions_around(places)).removesuffix(_END)

    def _closing(self) -> str:
        texts = {
            number: f"{_BEGIN}{spelled.closing(AnchorLines((), (), ()), '', Access(), self._guard)}"
            for number, spelled in enumerate(self._spelled)
        }
        return merged(texts, self._choices).removeprefix(_BEGIN)

    def _declarations(self) -> list[Chunk]:
        keyed = [dict(_keyed(spelled)) for spelled in self._spelled]
        sequences = {number: list(blocks) for number, blocks in enumerate(keyed)}
        items = []
        for key, numbers in in_order(sequences, _rank(sequences)):
            blocks = {number: keyed[number][key] for number in numbers}
            first = blocks[numbers[0]]
            texts = {number: block.text for number, block in blocks.items()}
            items.append(
                Item(
                    frozenset(numbers),
                    merged(texts, self._choices, self._conditions_of(first)),
                    any(block.blank_line for block in blocks.values()),
                    first.for_bpf,
                    guard=self._guard_of(first),
                    span=first.span,
                )
            )
        return self._branched(items)

    def _facts(self) -> list[Chunk]:
        facts = [[text for _, text in spelled.facts] for spelled in self._spelled]
        items = self._of_maps(facts)
        return [Chunk(f"\n{HEADING}"), *without_gap(items)] if items else []

    def _access(self, directive: str, accessors: Sequence[Accessors]) -> list[Chunk]:
        """Return the accessors for the side that *directive* asks for."""
        by_name = [dict(one.maps) for one in accessors]
        maps = self._of_maps(
            [
                [functions.get(map.name, "") for map in spelled.model.maps]
                for functions, spelled in zip(by_name, self._spelled, strict=True)
            ],
            functions=True,
        )
        head, end = accessors[0].head, accessors[0].end  # the same in all
        return [Chunk(f"\n{directive}\n{head}"), *maps, Chunk(f"{end}#endif\n")] if maps else []

    def _of_maps(self, texts: Sequence[Sequence[str]], *, functions: bool = False) -> list[Chunk]:
        """Return what each variant has of each map, in the order of its maps; nothing, perhaps.

        It stands in the map's place among the maps, and under its conditions. With *functions*
        each of these stays whole.
        """
        keyed = [
            {
                key: (block, text)
                for (key, block), text in zip(_maps(spelled), own, strict=True)
                if text
            }
            for spelled, own in zip(self._spelled, texts, strict=True)
        ]
        sequences = {number: list(own) for number, own in enumerate(keyed)}
        items = []
        for key, numbers in in_order(sequences, _rank(sequences)):
            block = keyed[numbers[0]][key][0]
            own = {number: keyed[number][key][1] for number in numbers}
            text = merged(own, self._choices, self._conditions_of(block), paragraphs=functions)
            guard = self._guard_of(block)
            items.append(Item(frozenset(numbers), text, gap=True, guard=guard))
        return self._branched(items)

    def _anchors(self) -> list[Chunk]:
        plain = [(*one.anchors.records, *one.anchors.types) for one in self._spelled]
        extern = [one.anchors.extern_types for one in self._spelled]
        if not any((*plain, *extern)):
            return []
        heading = render("c/anchors.h.j2", anchors=AnchorLines((), (), ()))
        chunks = [Chunk(f"\n#ifdef {BPF}\n{heading}"), *self._lines(plain)]
        if any(extern):
            chunks += [Chunk("#ifdef BPFGEN_EXTERN_MAPS\n"), *self._lines(extern), Chunk(_END)]
        return [*chunks, Chunk(_END)]

    def _lines(self, lines: Sequence[Sequence[str]]) -> list[Chunk]:
        """Return anchors, each under the conditions of the map or of the type that it is for."""
        sequences = dict(enumerate(lines))
        items = []
        rank = {line: place for place, line in enumerate(all_of(lines))}
        for line, numbers in in_order(sequences, rank):
            record = re.search(rf"{RECORD_PREFIX}(\w+)", line)
            name = record[1] if record else ""
            tags = {tag for one in self._spelled for tag in one.anchors.tags_of(line)}
            places = [
                declaration.span
                for spelled in self._spelled
                for declaration in spelled.model.declarations
                if (isinstance(declaration, Map) and declaration.name == name)
                or not tags.isdisjoint(tags_defined_by(declaration))
            ]
            conditions = self._conditions_around(places)
            items.append(Item(frozenset(numbers), f"{line}\n", conditions=conditions))
        return self._branched(items)

    def _conditions_around(self, places: Iterable[Span | None]) -> Conditions:
        """Return the conditions that what stands at *places* of the source is there under."""
        guards = [self._choices.guard_at(span.start) for span in places if span is not None]
        return tuple(dict.fromkeys(conjunction(guard) for guard in guards if guard))

    def _branched(self, items: Sequence[Item]) -> list[Chunk]:
        return branched(items, self._choices.everything, self._choices, as_written=True)

    def _guard_of(self, block: Block) -> Guard:
        return () if block.span is None else self._choices.guard_at(block.span.start)

    def _conditions_of(self, block: Block) -> Conditions:
        return () if block.span is None else self._choices.conditions_at(block.span.start)


_SEVERAL = 2
_BEGIN, _END = "#ifndef BPFGEN\n", "#endif\n"
"""What makes whole the half of a header that the guard begins in, or ends in."""


def _keyed(spelled: Spelled) -> Iterator[tuple[Key, Block]]:
    """Yield the blocks of *spelled* with what each is known by in all variants.

    A declaration is the same one where it stands in the same place of the source.
    """
    met: dict[Key, int] = {}
    for declaration, block in zip(spelled.model.declarations, spelled.blocks.blocks, strict=True):
        key = _place(declaration)
        met[key] = met.get(key, 0) + 1
        yield (*key, met[key]), block


def _place(declaration: Declaration) -> Key:
    span = declaration.span
    if span is not None:
        return span.start, span.end
    return type(declaration).__name__, *defined_by(declaration)


def _maps(spelled: Spelled) -> Iterator[tuple[Key, Block]]:
    """Yield what :func:`_keyed` does of the maps alone."""
    blocks = zip(_keyed(spelled), spelled.model.declarations, strict=True)
    yield from (keyed for keyed, declaration in blocks if isinstance(declaration, Map))


def _rank(sequences: Mapping[int, Sequence[Key]]) -> dict[Key, int]:
    """Return the place of each key in the source; where that isn't known, as they come."""
    rank: dict[Key, int] = {}
    for keys in sequences.values():
        for key in keys:
            start = key[0]
            rank.setdefault(key, start if isinstance(start, int) else len(rank))
    return rank
