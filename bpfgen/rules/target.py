"""What a model is checked against, and what to say of a target that is too old for it."""

from __future__ import annotations

from bpfgen.kernel.version import NEWEST
from bpfgen.record import TYPE_CHECKING, Record
from bpfgen.rules.maps.bpf_attr import bpf_attrs
from bpfgen.text.diagnostics import Diagnostic

if TYPE_CHECKING:
    from bpfgen.kernel.version import KernelVersion
    from bpfgen.model.model import Model
    from bpfgen.rules.maps.bpf_attr import BpfAttr


class Lacking(Diagnostic):
    """A complaint that the target's kernel is older than something in the file.

    Attributes:
        what: What needs a newer kernel, in words that name no version.
    """

    what: str = ""


def lacking(complaint: Diagnostic, what: str) -> Lacking:
    """Return *complaint* as one about the age of the target's kernel, which lacks *what*."""
    members = {name: getattr(complaint, name) for name in Diagnostic.__match_args__}
    return Lacking(**members, what=what)


class Target(Record):
    """The kernel and the form of the output that a model is meant for.

    Attributes:
        kernel: The oldest kernel that the maps must work on.
        style: `modern` or `initializer`.
        attrs: The shapes of the model, measured once for all rules.
    """

    kernel: KernelVersion
    style: str
    attrs: tuple[BpfAttr, ...] = ()

    @classmethod
    def of(cls, model: Model, kernel: KernelVersion | None, style: str) -> Target:
        """Return the target of *model*: *kernel* if given, else its own, else the newest known."""
        return cls(kernel or model.target or NEWEST, style, tuple(bpf_attrs(model)))
