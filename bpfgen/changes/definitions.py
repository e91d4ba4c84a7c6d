"""What the definition of a map is called in messages; a template's is that of all its maps."""

from __future__ import annotations

from bpfgen.model.maps import FILLED_IN
from bpfgen.record import TYPE_CHECKING
from bpfgen.rules.maps.bpf_attr import INNER
from bpfgen.text.diagnostics import Subject

if TYPE_CHECKING:
    from bpfgen.kernel.map_kind import Entries
    from bpfgen.rules.maps.bpf_attr import BpfAttr


def called(old: BpfAttr, new: BpfAttr) -> str:
    """Return what the maps of the definitions *old* and *new* are called.

    "`flows`", "the inner maps of `tenants`", "maps of template `counters`" where it is one that
    both have.
    """
    template = _template(old, new)
    if template:
        return f"maps of template `{template}`"
    name = old.declared.name
    return f"the inner maps of `{name}`" if old.is_inner else f"`{name}`"


def subject_of(old: BpfAttr, new: BpfAttr, part: str) -> Subject:
    """Return *part* of the definitions *old* and *new*, by their name in OLD."""
    template = _template(old, new)
    if template:
        return Subject("template", template, part)
    return Subject("map", old.declared.name, f"{INNER}{part}" if old.is_inner else part)


def follows_from_kind(old: BpfAttr, new: BpfAttr, name: str) -> bool:
    """Return whether attribute *name* had to change because the kind did: nobody chose its value.

    Nobody wrote it on either side, or one of the kinds takes a single size, or counts otherwise.
    """
    kinds = old.kind, new.kind
    if kinds[0] == kinds[1]:
        return False
    if name == "key_size":
        return any(kind.key_sizes.least == kind.key_sizes.most for kind in kinds)
    if name == "value_size":
        return any(kind.value_sizes.least == kind.value_sizes.most for kind in kinds)
    if name == "max_entries":
        own, other = (kind.entries for kind in kinds)
        return not own.most or not other.most or _unit(own) != _unit(other)
    attributes = [attr.shape.attributes.get(name) for attr in (old, new)]
    return all(one is None or one.origin == FILLED_IN for one in attributes)


def _unit(entries: Entries) -> tuple[bool, bool, bool]:
    return entries.pages, entries.counts_pages, entries.filled_by_loader


def _template(old: BpfAttr, new: BpfAttr) -> str:
    """Return the template that both are exactly, or an empty text."""
    template = old.shape.template
    return template if template == new.shape.template else ""
