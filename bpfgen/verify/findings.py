"""What verification found, as diagnostics that name both sides: the last step, for each other."""

from __future__ import annotations

from bpfgen.record import TYPE_CHECKING
from bpfgen.text.diagnostics import Diagnostic, FormatError, Subject

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from bpfgen.btf.decode import Btf
    from bpfgen.model.maps import Map
    from bpfgen.object.records import ObjectFile, ObjectMap
    from bpfgen.text.source import Span

LIMIT = 20
"""Differences that are reported of one map; of the rest only how many there are."""

_NOWHERE = ""


class Findings:
    """The differences of one object, gathered map by map.

    Attributes:
        object: The object that is looked at.
        maps: Its maps by name; the first where there are several.
    """

    __slots__ = (
        "_counts",
        "_diagnostics",
        "_emitted",
        "_has_source",
        "_map",
        "_more",
        "maps",
        "object",
    )

    def __init__(self, object: ObjectFile, *, has_source: bool = True) -> None:
        """Prepare for the differences of *object*.

        Without *has_source* nobody has the text that the declarations stand in: no note points
        there.
        """
        self.object = object
        self._has_source = has_source
        self.maps: dict[str, ObjectMap] = {}
        for emitted in object.maps:
            self.maps.setdefault(emitted.name, emitted)
        self._diagnostics: list[Diagnostic] = []
        self._counts: dict[str, int] = {}
        self._more: dict[str, Map | None] = {}
        self._map: Map | None = None
        self._emitted: ObjectMap | None = None

    def begin(self, declared: Map | None, emitted: ObjectMap | None) -> None:
        """Say that what follows is about the map *declared*, found as *emitted*."""
        self._map = declared
        self._emitted = emitted

    def add(  # noqa: PLR0913 -- the members of a Diagnostic, by name
        self,
        code: str,
        message: str,
        span: Span | None = None,
        *,
        type_id: int | None = None,
        notes: Iterable[str] = (),
        help: str = "",
        subject: Subject | str = "",
    ) -> None:
        """Report one difference.

        *span* is where the declared side stands; the map's own place serves for None and for what
        stands in the prelude. *type_id* is the emitted culprit. *subject* is what differs: a part
        of the map where it is a text.
        """
        declared = self._map
        name = declared.name if declared is not None else _NOWHERE
        count = self._counts.get(name, 0)
        self._counts[name] = count + 1
        if count >= LIMIT:
            self._more[name] = declared
            return
        if span is None or span.source.name.startswith("<prelude>"):
            span = declared.span if declared is not None else None
        self._diagnostics.append(
            Diagnostic(
                code,
                message,
                span,
                label="declared here" if span is not None else "",
                notes=(*self._places(span, type_id), *notes),
                help=help,
                map=declared.name if declared is not None else None,
                subject=self._subject(subject),
            )
        )

    def _subject(self, subject: Subject | str) -> Subject | None:
        """Return what a difference is about; the map that is looked at has the parts."""
        if isinstance(subject, Subject):
            return subject
        return None if self._map is None else Subject("map", self._map.name, subject)

    def has_any(self, name: str | None = None) -> bool:
        """Return whether anything was reported: of the map *name*, or at all without one."""
        return name in self._counts if name is not None else bool(self._diagnostics)

    def emitted_only(self, code: str, extra: ObjectMap) -> None:
        """Report a map that is in the object and wasn't declared."""
        self._diagnostics.append(
            Diagnostic(
                code,
                f"map `{extra.name}` is in the object and isn't declared",
                None,
                notes=tuple(_emitted_places(self.object, extra, None)),
                map=extra.name,
                subject=Subject("map", extra.name),
            )
        )

    def _places(self, span: Span | None, type_id: int | None) -> list[str]:
        """Return the notes that say where both sides stand."""
        notes = [] if span is None or not self._has_source else [f"declared: {span}"]
        return notes + _emitted_places(self.object, self._emitted, type_id)

    def try_all(self, steps: Iterable[Callable[[], None]]) -> None:
        """Run *steps*; BTF that one can't read is reported, and the next goes on."""
        for step in steps:
            try:
                step()
            except FormatError as error:
                self.add("verify-object", f"the object can't be read any further: {error.what}")

    def finished(self) -> list[Diagnostic]:
        """Return everything that was reported, with a line for each map that has more."""
        for name, declared in self._more.items():
            about = f"map `{name}`" if name else "the object"
            self._diagnostics.append(
                Diagnostic(
                    "verify-more",
                    f"{about} has {self._counts[name] - LIMIT} more differences",
                    declared.span if declared is not None else None,
                    map=name or None,
                    subject=Subject("map", name) if name else None,
                )
            )
        return self._diagnostics


def _emitted_places(
    object: ObjectFile, emitted: ObjectMap | None, type_id: int | None
) -> list[str]:
    """Return a note with the BTF type and the place in the section, as far as there are any."""
    parts = []
    btf = object.btf
    if btf is not None:
        own_id = emitted.var_id if emitted is not None else 0
        if type_id is not None or own_id:
            parts.append(type_place(btf, own_id if type_id is None else type_id))
    if emitted is not None:
        if emitted.linkage != "extern":
            parts.append(f"the map is at byte {emitted.offset:#x} of section `{emitted.section}`")
        if emitted.section == ".maps" and emitted.definition.struct_id and type_id is None:
            parts.append(f"its definition is [{emitted.definition.struct_id}]")
    return [f"emitted: {', '.join(parts)}"] if parts else []


def type_place(btf: Btf, type_id: int) -> str:
    """Return where a type is, as far as the object can be read there."""
    place = f"BTF type [{type_id}]"
    try:
        name = btf.name(type_id)
        place += f" {btf.kind_name(type_id)}"
    except FormatError:
        return place
    return f"{place} `{name}`" if name else place
