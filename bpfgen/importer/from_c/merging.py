"""What the readings of one unit declare, as one list: once what they share, the rest by branches.

Used by :mod:`variants` in the import of C. A declaration is known by where it stands and what it
declares. It stands in the branches of C around it; where it isn't the same in all readings in which
those are active, each form of it has a condition of its own, the shortest that tells the readings
apart.
"""

from __future__ import annotations

import re
from functools import partial

from bpfgen.importer.branches import INDENT, Within
from bpfgen.importer.items import INCLUDES, MAPS, PROGRAMS, TEMPLATES, grouped
from bpfgen.record import TYPE_CHECKING, Record, replace

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from bpfgen.conditions import Condition
    from bpfgen.importer.items import Item, Placed

    Readings = frozenset[int]
    """Some of the readings, by number."""

    Stretches = dict[tuple[int, int], None]
    """First and last lines of declarations."""

    Describe = Callable[[Stretches, Readings, Readings], Condition]
    """Gives the condition that tells the second from the others of the third."""

_ATTRIBUTE = re.compile(r" {4}\w")
_DOC = re.compile(r"(?:///.*\n)*")


class _Forms(Record):
    """One declaration in all readings that have it.

    Attributes:
        key: Where it comes in the source.
        stretches: Where it stands.
        forms: Each text of it, with the readings that have it so.
    """

    key: tuple[int, int, int, int]
    stretches: Stretches
    forms: list[tuple[Item, set[int]]]


class Branches(Record):
    """What is known of the branches of the unit.

    Attributes:
        around: Gives the branches around a line, those that are the same in all readings left out.
        active: Gives the readings in which all of some branches are active.
        describe: See :data:`Describe`.
    """

    around: Callable[[int], tuple[Within, ...]]
    active: Callable[[tuple[Within, ...]], Readings]
    describe: Describe


def merged(readings: Sequence[Sequence[Placed]], branches: Branches) -> list[Item]:
    """Return what *readings* declare, in the order of C.

    Raises:
        ValueError: A declaration isn't the same in all, and no condition says where it is what.
    """
    found: dict[tuple[int, str, int], _Forms] = {}
    for number, placed in enumerate(readings):
        for sequence, one in enumerate(placed):
            item = one.item
            is_anywhere = item.group in (PROGRAMS, INCLUDES)
            identity = (item.group, item.what, -2 if is_anywhere else one.place)
            rank = 0 if item.group == INCLUDES else 1
            key = (rank, one.place, one.order, sequence)
            forms = found.setdefault(identity, _Forms(key, {}, []))
            if key[:3] < forms.key[:3]:
                found[identity] = forms = replace(forms, key=key)
            forms.stretches[one.place, one.last] = None
            for at, (form, having) in enumerate(forms.forms):
                if form.text == item.text:
                    having.add(number)
                    names = tuple(dict.fromkeys((*form.names, *item.names)))
                    forms.forms[at] = replace(form, names=names), having
                    break
            else:
                forms.forms.append((item, {number}))
    items: list[Item] = []
    for forms in sorted(found.values(), key=lambda forms: forms.key):
        items += _placed(forms, branches)
    return grouped(items)


def _placed(forms: _Forms, branches: Branches) -> Iterable[Item]:
    """Yield each form of one declaration within its branches."""
    path = _common([branches.around(first) for first, _last in forms.stretches])
    active = branches.active(path)
    parts = [(item, frozenset(having)) for item, having in forms.forms]
    if len(parts) > 1 and parts[0][0].group in (MAPS, TEMPLATES):
        item = _with_attributes(parts, partial(branches.describe, forms.stretches))
        if item is not None:
            parts = [(item, frozenset().union(*(having for _item, having in parts)))]
    if len(parts) == 1 and parts[0][1] >= active:
        yield replace(parts[0][0], within=path)
        return
    describe = partial(branches.describe, forms.stretches)
    if len(parts) > 1:  # what is there comes before what isn't
        parts.sort(key=lambda part: describe(part[1], active).text.startswith("!"))
    for (item, _having), within in zip(
        parts, chain_of([having for _item, having in parts], active, describe), strict=True
    ):
        yield replace(item, within=(*path, within))


def chain_of(
    parts: Sequence[Readings],
    active: Readings,
    describe: Callable[[Readings, Readings], Condition],
) -> Iterable[Within]:
    """Yield the branch of each of *parts*, readings that have nothing in common, out of *active*.

    The same parts have the same chain, so that what stands side by side shares its branches.
    """
    chain = (-1, *(number for part in parts for number in (*sorted(part), -1)))
    conditions: list[Condition] = []
    left = active
    for number, part in enumerate(parts):
        if number == 0 or part != left:
            conditions.append(describe(part, left))
        yield Within(chain, number, tuple(conditions))
        left -= part


def _common(paths: Sequence[tuple[Within, ...]]) -> tuple[Within, ...]:
    """Return the branches that all of *paths* begin with."""
    first = paths[0]
    for path in paths[1:]:
        count = 0
        for one, other in zip(first, path, strict=False):
            if one != other:
                break
            count += 1
        first = first[:count]
    return first


def _with_attributes(
    parts: Sequence[tuple[Item, Readings]], describe: Callable[[Readings, Readings], Condition]
) -> Item | None:
    """Return the map whose forms differ in attributes alone, with those in branches, or None.

    What all forms have comes first.
    """
    docs: dict[str, None] = {}
    heads: set[tuple[str, str]] = set()
    rows: list[tuple[dict[str, None], Readings]] = []
    for item, having in parts:
        taken_apart = _attributes(item.text)
        if taken_apart is None:
            return None
        doc, head, attributes, tail = taken_apart
        docs.update(dict.fromkeys(doc.splitlines(keepends=True)))
        heads.add((head, tail))
        rows.append((attributes, having))
    if len(heads) > 1:
        return None
    everyone = frozenset().union(*(having for _attributes, having in rows))
    lines = dict.fromkeys(line for attributes, _having in rows for line in attributes)
    groups: dict[Readings, list[str]] = {}
    for line in lines:
        having = frozenset().union(*(each for attributes, each in rows if line in attributes))
        groups.setdefault(having, []).append(line)
    body = groups.pop(everyone, [])
    conditions = {having: describe(having, everyone) for having in groups}
    asked = list(conditions.values())
    # What is there comes before what isn't.
    pending = sorted(groups, key=lambda having: conditions[having].text.startswith("!"))
    while pending:
        having = pending.pop(0)
        body += (f"{INDENT}when ({conditions[having].text}) {{\n", *_deeper(groups[having]))
        other = everyone - having
        if other in pending:
            pending.remove(other)
            body += (f"{INDENT}}} else {{\n", *_deeper(groups[other]))
        body.append(f"{INDENT}}}\n")
    head, tail = heads.pop()
    text = f"{''.join(docs)}{head} {{\n{''.join(body)}}}{tail}"
    macros = dict.fromkeys(name for condition in asked for name in condition.macros)
    return replace(parts[0][0], text=text, macros=tuple(macros))


def _deeper(attributes: Iterable[str]) -> Iterable[str]:
    return (
        "".join(f"{INDENT}{line}\n" for line in attribute.rstrip("\n").split("\n"))
        for attribute in attributes
    )


def _attributes(text: str) -> tuple[str, str, dict[str, None], str] | None:
    """Return the doc comment of the map *text*, what stands before its braces, in them, and after.

    None where the first braces are those of an inner map.
    """
    match = _DOC.match(text)
    doc = "" if match is None else match[0]
    text = text[len(doc) :]
    head, brace, rest = text.partition(" {\n")
    if not brace or not _ATTRIBUTE.match(rest):
        end = text.find(" = {")
        end = end if end >= 0 else text.rfind(";")
        return doc, text[:end], {}, text[end:]
    body, _, tail = rest.partition("\n}")
    if not tail.startswith((";", " = {")):
        return None
    attributes: list[str] = []
    for line in f"{body}\n".splitlines(keepends=True):
        if _ATTRIBUTE.match(line) or not attributes:
            attributes.append(line)
        else:
            attributes[-1] += line
    return doc, head, dict.fromkeys(attributes), tail
