"""What the headers of all variants have in common though only some of them need it.

It does no harm in the others, and needs no `#if`, for which there may be no condition at hand: of
many conditions that have nothing to do with each other the variants show few combinations.
"""

from __future__ import annotations

from bpfgen.ctype.types import Composite
from bpfgen.emit.c.anchors import AnchorLines
from bpfgen.emit.c.header import Needs
from bpfgen.emit.c.include_guard import defined_by, definitions
from bpfgen.emit.c.variants.alignment import aligned, in_order
from bpfgen.emit.c.variants.pieces import pieces_of, text_of
from bpfgen.record import TYPE_CHECKING, replace

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Sequence
    from typing import TypeVar

    from bpfgen.emit.c.header import Spelled
    from bpfgen.emit.c.options import Accessors
    from bpfgen.model.model import Model, PreludeType

    Key = TypeVar("Key", bound=Hashable)


def with_shared_prelude(models: Sequence[Model]) -> list[Model]:
    """Return *models*, each with the kernel's types that any with the same headers uses.

    Not where the source declares one of these itself, in another variant perhaps.
    """
    own = {name for model in models for one in model.with_imports() for name in definitions(one)}
    groups: dict[Hashable, list[int]] = {}
    for number, model in enumerate(models):
        groups.setdefault(_from_elsewhere(model), []).append(number)
    result = list(models)
    for numbers in groups.values():
        keyed = [
            {tuple(defined_by(used.declaration)): used for used in models[number].prelude_types}
            for number in numbers
        ]
        known: dict[tuple[str, ...], PreludeType] = {}
        for one in keyed:
            known.update(one)
        if all(own.isdisjoint(key) for key in known):
            shared = tuple(known[key] for key in all_of(keyed))
            for number in numbers:
                result[number] = replace(models[number], prelude_types=shared)
    return result


def _from_elsewhere(model: Model) -> Hashable:
    """Return what *model* includes and imports."""
    includes = tuple(include.path for include in model.includes)
    imports = tuple(item.path for item in model.imports)
    return model.uses_kernel, includes, imports


def all_of(sequences: Iterable[Iterable[Key]]) -> list[Key]:
    """Return all that is in *sequences*, each once, in an order that is that of each if one is."""
    numbered = {number: list(keys) for number, keys in enumerate(sequences)}
    rank = {key: place for keys in numbered.values() for place, key in enumerate(keys)}
    return list(dict.fromkeys(key for key, _ in in_order(numbered, rank)))


def share(spelled: Sequence[Spelled]) -> None:
    """Give each of *spelled*, the variants of one source, what any of them needs."""
    needs = _shared_needs(spelled)
    typedefs: dict[Hashable, list[tuple[str, ...]]] = {}
    for one in spelled:
        typedefs.setdefault(_from_elsewhere(one.model), []).append(one.kernel.uapi_typedefs)
    program = _shared_accessors([one.access.program for one in spelled])
    user = _shared_accessors([one.access.user for one in spelled])
    anchors = _shared_anchors(spelled)
    for number, one in enumerate(spelled):
        one.needs = needs[number]
        uapi = tuple(all_of(typedefs[_from_elsewhere(one.model)]))
        one.kernel = replace(one.kernel, uapi_typedefs=uapi)
        one.access = replace(one.access, program=program[number], user=user[number])
        one.anchors = anchors[number]


def _shared_accessors(accessors: Sequence[Accessors]) -> list[Accessors]:
    """Return *accessors* of one side, all with one head and end: macros that not all may use."""
    head, end = (_united([getattr(one, part) for one in accessors]) for part in ("head", "end"))
    return [replace(one, head=head, end=end) for one in accessors]


def _united(texts: Sequence[str]) -> str:
    """Return what is in any of *texts*."""
    if len(set(texts)) == 1:
        return texts[0]
    columns = aligned({number: pieces_of(text) for number, text in enumerate(texts)})
    text = text_of([next(iter(column.values())) for column in columns])
    return f"\n{text}" if any(one.startswith("\n") for one in texts) else text


def _shared_anchors(spelled: Sequence[Spelled]) -> list[AnchorLines]:
    """Return the anchors of each of *spelled*: of a type that is there, wherever one needs it."""
    lost = all_of(one.anchors.tags[: len(one.anchors.types)] for one in spelled)
    wanted = all_of(one.anchors.tags for one in spelled)
    lines: dict[tuple[str, str], str] = {}
    for one in spelled:
        own = (*one.anchors.types, *one.anchors.extern_types)
        lines = {**dict(zip(one.anchors.tags, own, strict=True)), **lines}
    result = []
    for one in spelled:
        here = [tag for tag in wanted if isinstance(one.model.types.get(tag), Composite)]
        types = [tag for tag in here if tag in lost]
        extern = [tag for tag in here if tag not in lost]
        result.append(
            AnchorLines(
                one.anchors.records,
                tuple(lines[tag] for tag in types),
                tuple(lines[tag] for tag in extern),
                (*types, *extern),
            )
        )
    return result


def _shared_needs(spelled: Sequence[Spelled]) -> list[Needs]:
    """Return what each variant has defined at the beginning: all that any of them needs.

    Not where the source declares one of these names itself, in another variant perhaps.
    """
    own = {name for one in spelled for name in definitions(one.model)}
    needs = [one.needs for one in spelled]
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
