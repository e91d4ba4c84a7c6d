"""The declarations of all programs, each in one source: that of the file that it stands in.

Fourth of the import of a whole project. A header's declarations are the same in all programs that
include it, as a rule, and are written once. Where they aren't, since the programs define other
macros before, each program gets its own. What a header of maps needs of the program that includes
it moves to the header's source, since a source can't import who imports it.
"""

from __future__ import annotations

import os

from bpfgen.importer.branches import macros_of, said
from bpfgen.record import TYPE_CHECKING, MutableRecord, Record, replace
from bpfgen.text.diagnostics import ERROR

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from typing import TypeAlias

    from bpfgen.importer.branches import Within
    from bpfgen.importer.items import Imported, Item
    from bpfgen.importer.project.pieces import Header, Key, Piece

    Place: TypeAlias = tuple[str, Key]


class Context(Record):
    """A program, and what its import came to.

    Attributes:
        path: The program, as it was found.
        file: Its real path.
        files: Real paths of all files that were read as part of it, its own the first.
        reported: The maps of which it is said why they are left out.
    """

    path: str
    file: str
    imported: Imported
    pieces: list[Piece]
    files: tuple[str, ...]
    reported: frozenset[str]

    @property
    def vmlinux(self) -> str:
        """The path of the vmlinux.h that the program includes; empty if it doesn't."""
        paths = self.imported.dependencies
        return next((path for path in paths if os.path.basename(path) == "vmlinux.h"), "")

    @property
    def failed(self) -> bool:
        """Whether there is an error, so that nothing of it may be written."""
        return any(said.severity == ERROR for said in self.imported.diagnostics)


class Entry(Record):
    """One declaration of a source, with the program that it was taken from and its line in C."""

    item: Item
    piece: Piece
    context: Context


class Part(MutableRecord):
    """What becomes one source.

    Attributes:
        file: The real path of the C file whose declarations these are.
        entries: In order.
        headers: What it includes.
        imports: The files whose sources it imports.
        contexts: The programs that had something for it.
    """

    file: str
    entries: list[Entry]
    headers: dict[Header, Context]
    imports: dict[str, None]
    contexts: dict[str, Context]


class Split(Record):
    """A declaration of a header that isn't the same in all programs.

    Attributes:
        file: The header.
        what: In words: `map `flows``.
        programs: Those that have it, by what it is there.
        without: Those that include the header and haven't got it.
    """

    file: str
    what: str
    programs: tuple[tuple[str, ...], ...]
    without: tuple[str, ...]


class Assembly(Record):
    """What a project comes to.

    Attributes:
        parts: By the file, programs and headers, each after those that it imports.
        splits: What isn't the same in all programs.
        merged: Headers whose declarations stand in the source of another, which needs them.
    """

    parts: dict[str, Part]
    splits: list[Split]
    merged: dict[str, str]


def assemble(contexts: list[Context]) -> Assembly:
    """Return what *contexts* come to."""
    return _Assembler(contexts).assembly()


class _Assembler:
    def __init__(self, contexts: list[Context]) -> None:
        self._given = contexts
        self._contexts = contexts = _with_conditions(contexts)
        # A program that another includes is as good as a header.
        self._shared = {file for context in contexts for file in context.files[1:]}
        self._order = {
            file: number
            for number, file in enumerate(
                dict.fromkeys(file for context in contexts for file in context.files)
            )
        }
        # What headers need of their programs, by program.
        self._lent = [self._needed_by_headers(context) for context in contexts]
        self._own: set[Place] = set()
        self._splits: list[Split] = []

    def assembly(self) -> Assembly:
        """Return what the contexts come to."""
        self._split()
        homes = self._homes()
        targets = [self._targets(number, homes) for number in range(len(self._contexts))]
        merged = self._merged(targets)
        parts: dict[str, Part] = {}
        entries: dict[str, dict[Key, Entry]] = {}
        for number, (context, aims) in enumerate(zip(self._contexts, targets, strict=True)):
            aims[:] = [merged.get(file, file) for file in aims]
            # What a program has for itself is as its own macros have it.
            pieces = [
                self._given[number].pieces[index] if self._is_own(number, index) else piece
                for index, piece in enumerate(context.pieces)
            ]
            for piece, file in zip(pieces, aims, strict=True):
                part = parts.setdefault(file, Part(file, [], {}, {}, {}))
                part.contexts[context.path] = context
                for used in piece.uses:
                    if aims[used] != file:
                        part.imports[aims[used]] = None
                own = entries.setdefault(file, {})
                known = own.get(piece.key)
                if known is None:
                    own[piece.key] = Entry(piece.item, piece, context)
                elif len(piece.headers) < len(known.piece.headers):
                    # What others include before may not go with all programs, as vmlinux.h.
                    own[piece.key] = _allowing(Entry(piece.item, piece, context), known.item)
                else:
                    own[piece.key] = _allowing(known, piece.item)
        for file, part in parts.items():
            part.entries = sorted(entries[file].values(), key=lambda e: self._position(file, e))
            for entry in part.entries:
                for header in entry.piece.headers:
                    part.headers.setdefault(header, entry.context)
        ordered = {file: parts[file] for file in _in_order(parts)}
        return Assembly(ordered, self._splits, merged)

    def _position(self, file: str, entry: Entry) -> tuple[int, int, int]:
        """Return where *entry* stands in the source of *file*: what is from elsewhere first."""
        piece = entry.piece
        is_own = piece.file == file
        return (
            0 if piece.file else -1,
            self._order[file] if is_own else self._order.get(piece.file, -1) - len(self._order),
            piece.line,
        )

    def _needed_by_headers(self, context: Context) -> set[int]:
        """Return the pieces of the program itself that its headers need."""
        pieces = context.pieces
        pending = [n for n, piece in enumerate(pieces) if self._is_of_header(piece, context)]
        seen = set(pending)
        while pending:
            for used in pieces[pending.pop()].uses:
                if used not in seen:
                    seen.add(used)
                    pending.append(used)
        return {number for number in seen if not self._is_of_header(pieces[number], context)}

    def _is_of_header(self, piece: Piece, context: Context) -> bool:
        return piece.file not in ("", context.file) or piece.file in self._shared

    def _place(self, number: int, index: int) -> Place | None:
        """Return what a piece is known by to all programs; None if it is its program's alone."""
        context = self._contexts[number]
        piece = context.pieces[index]
        if self._is_of_header(piece, context):
            return piece.file, piece.key
        return ("", piece.key) if index in self._lent[number] else None

    def _split(self) -> None:
        """Find what isn't the same in all programs, and what needs that."""
        versions: dict[Place, dict[object, list[int]]] = {}
        users: dict[Place, set[Place]] = {}
        whats: dict[Place, Piece] = {}
        for number, context in enumerate(self._contexts):
            for index, piece in enumerate(context.pieces):
                place = self._place(number, index)
                if place is None:
                    continue
                used = [self._place(number, other) for other in piece.uses]
                version = (piece.item.text, self._uses(number, piece))
                versions.setdefault(place, {}).setdefault(version, []).append(number)
                whats.setdefault(place, piece)
                for other in used:
                    if other is not None:
                        users.setdefault(other, set()).add(place)
        pending: list[Place] = []
        for place, texts in versions.items():
            programs = tuple(tuple(self._contexts[n].path for n in ns) for ns in texts.values())
            without = tuple(self._without(place, whats[place], texts))
            if len(texts) > 1 or without:
                file = place[0] or whats[place].file
                what = whats[place].item.what
                self._splits.append(Split(file, what, programs, without))
                pending.append(place)
        self._own.update(pending)
        while pending:
            for user in users.get(pending.pop(), ()):
                if user not in self._own:
                    self._own.add(user)
                    pending.append(user)

    def _uses(self, number: int, piece: Piece) -> frozenset[tuple[str, tuple[str, ...]]]:
        """Return what *piece* uses of headers, whatever the conditions of that."""
        pieces = self._contexts[number].pieces
        return frozenset(
            (place[0], pieces[other].names)
            for other in piece.uses
            if (place := self._place(number, other)) is not None
            and pieces[other].names != piece.names
        )

    def _without(
        self, place: Place, piece: Piece, texts: Mapping[object, list[int]]
    ) -> Iterator[str]:
        """Yield the programs that read the file of a map and haven't got it, nor say why."""
        if not piece.is_map or not place[0] or piece.item.within:
            return  # a condition says that it isn't everywhere
        having = {number for numbers in texts.values() for number in numbers}
        for number, context in enumerate(self._contexts):
            if (
                number not in having
                and place[0] in context.files
                and context.reported.isdisjoint(piece.names)
            ):
                yield context.path

    def _homes(self) -> dict[Key, str]:
        """Return the header that each piece goes to which headers need of their programs."""
        homes: dict[Key, str] = {}
        for number, context in enumerate(self._contexts):
            for index, piece in enumerate(context.pieces):
                if not self._is_of_header(piece, context) or self._is_own(number, index):
                    continue
                pending, seen = list(piece.uses), set(piece.uses)
                while pending:
                    other = pending.pop()
                    if other not in self._lent[number]:
                        continue
                    key = context.pieces[other].key
                    best = homes.setdefault(key, piece.file)
                    if self._order[piece.file] < self._order[best]:
                        homes[key] = piece.file
                    fresh = [used for used in context.pieces[other].uses if used not in seen]
                    seen.update(fresh)
                    pending += fresh
        return homes

    def _is_own(self, number: int, index: int) -> bool:
        """Whether each program has a piece for itself, though it is a header's."""
        return self._place(number, index) in self._own

    def _targets(self, number: int, homes: Mapping[Key, str]) -> list[str]:
        """Return the file whose source has each piece of a program."""
        context = self._contexts[number]
        targets = []
        for index, piece in enumerate(context.pieces):
            if self._is_own(number, index):
                targets.append(context.file)
            elif self._is_of_header(piece, context):
                targets.append(piece.file)
            elif index in self._lent[number]:
                targets.append(homes.get(piece.key, context.file))
            else:
                targets.append(context.file)
        return targets

    def _merged(self, targets: list[list[str]]) -> dict[str, str]:
        """Return for headers that need each other which one has it all: imports form no circle."""
        edges: dict[str, set[str]] = {}
        for context, aims in zip(self._contexts, targets, strict=True):
            for piece, file in zip(context.pieces, aims, strict=True):
                edges.setdefault(file, set()).update(aims[used] for used in piece.uses)
        reached = {file: _reached(edges, file) for file in edges}
        merged: dict[str, str] = {}
        for file in sorted(edges, key=lambda file: self._order.get(file, 0)):
            for other in reached[file]:
                if other != file and file in reached[other] and file not in merged:
                    merged.setdefault(other, file)
        return merged


def _with_conditions(contexts: list[Context]) -> list[Context]:
    """Return *contexts* with what headers declare under all conditions that a program leaves open.

    Where a program defines the macro of a condition itself, its import has decided on it. The
    header that is generated asks that macro as the old one did.
    """
    forms: dict[tuple[object, ...], list[tuple[tuple[Within, ...], set[str]]]] = {}
    for context in contexts:
        asked = set(macros_of(one for piece in context.pieces for one in piece.item.within))
        for piece in context.pieces:
            forms.setdefault(piece.written, []).append((piece.item.within, asked))
    open_ = {written: _widest(withins) for written, withins in forms.items()}
    return [
        replace(context, pieces=[_under(piece, open_, context) for piece in context.pieces])
        for context in contexts
    ]


def _widest(withins: list[tuple[tuple[Within, ...], set[str]]]) -> tuple[Within, ...]:
    """Return the conditions, out of those in several programs, that a header has in all of them.

    Each comes with the macros that its program leaves open: where those are all that any asks, and
    the condition isn't there, it isn't the header's.
    """
    macros = set(macros_of(one for within, _asked in withins for one in within))
    in_order = sorted(withins, key=lambda entry: len(said(entry[0])))
    return next((within for within, asked in in_order if macros <= asked), in_order[-1][0])


def _under(
    piece: Piece, open_: Mapping[tuple[object, ...], tuple[Within, ...]], context: Context
) -> Piece:
    """Return *piece* under its conditions in *open_*, unless it is its program's own."""
    within = open_.get(piece.written, ())
    if within == piece.item.within or piece.file in ("", context.file):
        return piece
    return replace(piece, item=replace(piece.item, within=within))


def _allowing(entry: Entry, item: Item) -> Entry:
    """Return *entry* with what *item*, the same in another program, allows besides."""
    allowances = tuple(dict.fromkeys((*entry.item.allowances, *item.allowances)))
    if allowances == entry.item.allowances:
        return entry
    return replace(entry, item=replace(entry.item, allowances=allowances))


def _reached(edges: Mapping[str, Iterable[str]], file: str) -> set[str]:
    """Return what can be reached from *file*, itself only by a circle."""
    seen: set[str] = set()
    pending = [file]
    while pending:
        for other in edges.get(pending.pop(), ()):
            if other not in seen:
                seen.add(other)
                pending.append(other)
    return seen


def _in_order(parts: Mapping[str, Part]) -> list[str]:
    """Return the files of *parts*, each after those that it imports."""
    order: dict[str, None] = {}
    for file in parts:
        pending = [(file, False)]
        while pending:
            place, is_done = pending.pop()
            if is_done:
                order[place] = None
            elif place not in order:
                pending.append((place, True))
                pending += ((other, False) for other in parts[place].imports if other not in order)
    return list(order)
