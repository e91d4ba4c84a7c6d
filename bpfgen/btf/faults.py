"""What the kernel refuses in BTF, as the checks report it."""

from __future__ import annotations

from contextlib import suppress

from bpfgen.record import TYPE_CHECKING, Record
from bpfgen.text.diagnostics import FormatError, Subject

if TYPE_CHECKING:
    from bpfgen.btf.decode import Btf


class BtfFault(Record):
    """One thing that the kernel refuses.

    Attributes:
        type_id: The type.
        why: What is wrong with it, in words that go on from its name: `has no name`.
        function: Who refuses it: a function of kernel/bpf/btf.c.
        member: Which of its members *why* is about, counted from 1; 0 where it is the type itself.
    """

    type_id: int
    why: str
    function: str
    member: int = 0


def subject_of(btf: Btf, fault: BtfFault) -> Subject:
    """Return what a diagnostic about *fault* is about: the type, by its name and its id."""
    name = ""
    with suppress(FormatError):  # the name may be what is wrong; so below
        name = btf.name(fault.type_id)
    return Subject("BTF type", name, str(fault.type_id))


def spelled_fault(btf: Btf, fault: BtfFault) -> str:
    """Return *fault* of *btf* as a sentence: `BTF type 7 (ARRAY) has elements of `void``."""
    kind = btf.kind_name(fault.type_id)
    if not fault.member:
        return f"BTF type {fault.type_id} ({kind}) {fault.why}"
    owner, name = "", ""
    with suppress(FormatError):
        owner = btf.name(fault.type_id)
        name = btf.members(fault.type_id)[fault.member - 1][0]
    place = f"BTF type {fault.type_id} ({kind} `{owner}`)".replace(" ``", "")
    called = f" `{name}`" if name else ""
    return f"{place}: its member {fault.member}{called} {fault.why}"
