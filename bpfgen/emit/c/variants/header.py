"""The header of a source with conditions, and where its lines come from.

What the preprocessor makes of it, with the macros that one variant is for, is what it makes of that
variant's own header. What a header defines for itself alone, and undefines at its end, is the same
in all variants, so that it needs no `#if`.
"""

from __future__ import annotations

from bpfgen.emit.backend import OutputRefused, PlacedText
from bpfgen.emit.c.anchors import Anchors
from bpfgen.emit.c.facts import HEADING
from bpfgen.emit.c.header import Needs, Spelled, composed, options_of
from bpfgen.emit.c.include_guard import defined_by, definitions, guard_name
from bpfgen.emit.c.options import Access
from bpfgen.emit.c.sides import BPF
from bpfgen.emit.c.variants.alignment import in_order
from bpfgen.emit.c.variants.branches import Chunk, Item, branched, merged, without_gap
from bpfgen.emit.c.variants.choices import Choices, in_source_order
from bpfgen.emit.templates import render
from bpfgen.model.maps import Map
from bpfgen.record import TYPE_CHECKING, replace

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from typing import TypeAlias

    from bpfgen.conditions import Guard
    from bpfgen.emit.backend import Settings, SourceVariants
    from bpfgen.emit.c.blocks import Block
    from bpfgen.emit.c.options import Accessors, HeaderOptions
    from bpfgen.emit.c.variants.choices import Conditions
    from bpfgen.model.model import Declaration, Model, PreludeType
    from bpfgen.text.diagnostics import Diagnostic

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
        self._spelled = [Spelled(model, options) for model in _with_shared_prelude(models)]
        refused: list[Diagnostic] = []
        for spelled in self._spelled:
            refused += [said for said in spelled.refused() if said not in refused]
        if refused:
            raise OutputRefused(refused)
        self._guard = guard_name(*models)
        needs = [spelled.needs for spelled in self._spelled]
        own = {name for model in models for name in definitions(model)}
        self._needs = _shared(needs, own)

    def alone(self, number: int) -> PlacedText:
        """Return the header of one variant, which defines what the others want defined, too."""
        return composed(self._spelled[number], self._needs[number], self._guard)

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
            number: f"{spelled.opening(self._needs[number], self._guard)}{_END}"
            for number, spelled in enumerate(self._spelled)
        }
        return merged(texts, self._choices).removesuffix(_END)

    def _closing(self) -> str:
        texts = {}
        for number, spelled in enumerate(self._spelled):
            end = spelled.closing(_NO_ANCHORS, "", Access(), self._needs[number], self._guard)
            texts[number] = f"{_BEGIN}{end}"
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
        if not maps:
            return []
        head, end = (
            merged(dict(enumerate(texts)), self._choices)
            for texts in zip(*[(one.head, one.end) for one in accessors], strict=True)
        )
        return [Chunk(f"\n{directive}\n{head}"), *maps, Chunk(f"{end}#endif\n")]

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
        texts = {
            number: render("c/anchors.h.j2", anchors=spelled.anchors)
            for number, spelled in enumerate(self._spelled)
            if spelled.anchors != _NO_ANCHORS
        }
        if not texts:
            return []
        text = merged(texts, self._choices)
        return self._branched([Item(frozenset(texts), text, gap=True, for_bpf=True)])

    def _branched(self, items: Sequence[Item]) -> list[Chunk]:
        return branched(items, self._choices.everything, self._choices, as_written=True)

    def _guard_of(self, block: Block) -> Guard:
        return () if block.span is None else self._choices.guard_at(block.span.start)

    def _conditions_of(self, block: Block) -> Conditions:
        return () if block.span is None else self._choices.conditions_at(block.span.start)


_NO_ANCHORS = Anchors((), (), ())
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


def _with_shared_prelude(models: Sequence[Model]) -> Sequence[Model]:
    """Return *models*, each with the kernel's types that any of them uses.

    The header then needs no `#if` around these, unless some variants get a type from elsewhere.
    """
    if len({(model.includes, tuple(i.path for i in model.imports)) for model in models}) > 1:
        return models
    keyed = [{_prelude_key(used): used for used in model.prelude_types} for model in models]
    known = {key: used for one in keyed for key, used in one.items()}
    own = {name for model in models for one in model.with_imports() for name in definitions(one)}
    if any(not own.isdisjoint(key) for key in known):
        return models
    sequences = {number: list(one) for number, one in enumerate(keyed)}
    order = in_order(sequences, {key: place for place, key in enumerate(known)})
    shared = tuple(known[key] for key in dict.fromkeys(key for key, _ in order))
    return [replace(model, prelude_types=shared) for model in models]


def _prelude_key(used: PreludeType) -> tuple[str, ...]:
    return tuple(defined_by(used.declaration))


def _shared(needs: Sequence[Needs], own: set[str]) -> list[Needs]:
    """Return what each variant has defined at the beginning: all that any of them needs.

    Not where the source declares one of these names itself, in another variant perhaps.
    """
    macros = frozenset(name for one in needs for name in one.macros)
    kernel_names = {name: value for one in needs for name, value in one.kernel_names.items()}
    pins = {name: value for one in needs for name, value in one.pins.items()}
    words = tuple(dict.fromkeys(word for one in needs for word in one.words))
    if not own.isdisjoint((*macros, *kernel_names, *pins)):
        return list(needs)
    shared = Needs(
        macros,
        legacy=any(one.legacy for one in needs),
        kernel_names=kernel_names,
        pins=pins,
        based=any(one.based for one in needs),
        prefix=any(one.prefix for one in needs),
        maps=any(one.maps for one in needs),
        kernel=any(one.kernel for one in needs),
        libbpf=any(one.libbpf for one in needs),
        words=words,
    )
    return [shared] * len(needs)
