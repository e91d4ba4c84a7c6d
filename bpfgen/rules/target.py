"""What a model is checked against."""

from __future__ import annotations

from bpfgen.kernel.version import NEWEST
from bpfgen.record import TYPE_CHECKING, Record
from bpfgen.rules.maps.bpf_attr import subjects

if TYPE_CHECKING:
    from bpfgen.kernel.version import KernelVersion
    from bpfgen.model.model import Model
    from bpfgen.rules.maps.bpf_attr import Subject


class Target(Record):
    """The kernel and the form of the output that a model is meant for.

    Attributes:
        kernel: The oldest kernel that the maps must work on.
        style: `modern` or `initializer`.
        subjects: The shapes of the model, measured once for all rules.
    """

    kernel: KernelVersion
    style: str
    subjects: tuple[Subject, ...] = ()

    @classmethod
    def of(cls, model: Model, kernel: KernelVersion | None, style: str) -> Target:
        """Return the target of *model*: *kernel* if given, else its own, else the newest known."""
        return cls(kernel or model.target or NEWEST, style, tuple(subjects(model)))
