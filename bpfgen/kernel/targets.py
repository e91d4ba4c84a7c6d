"""What a file can aim at: the kernel, and what loads its maps; which versions of it there are.

A row here and a column of :data:`bpfgen.kernel.loaders.LOADERS` make a loader something that
`target`, the command line and `[tool.bpfgen]` know by its name.
"""

from __future__ import annotations

from bpfgen.kernel.version import KERNEL, LAST_MINORS, format_version
from bpfgen.record import TYPE_CHECKING, Record

if TYPE_CHECKING:
    from bpfgen.kernel.version import KernelVersion


class TargetKind(Record):
    """One row of :data:`TARGETS`.

    Attributes:
        name: As `target NAME >= VERSION;` has it, and `--NAME VERSION`.
        title: What it is called in a sentence.
        example: A version as one writes it.
        last_minors: The last minor version of each major one; of the newest, the last known.
        may_be_bare: `target NAME;` will do: it stands for the newest version known.
    """

    name: str
    title: str
    example: str
    last_minors: dict[int, int]
    may_be_bare: bool = False

    @property
    def newest(self) -> KernelVersion:
        """The newest version that the tables know."""
        major = max(self.last_minors)
        return major, self.last_minors[major]

    def fault(self, version: KernelVersion) -> str:
        """Return why there can't be a *version*, or nothing: it is known, old, or to come."""
        major, minor = version
        last = self.last_minors.get(major)
        if last is None or minor <= last or major == max(self.last_minors):
            return ""
        return (
            f"there is no {self.title} {format_version(version)}: "
            f"{major}.{last} was the last {major}.x"
        )


TARGETS: dict[str, TargetKind] = {
    kind.name: kind
    for kind in (
        TargetKind(KERNEL, "Linux", "5.15", LAST_MINORS),
        TargetKind("libbpf", "libbpf", "1.1", {0: 8, 1: 8}),
        TargetKind("cilium", "cilium/ebpf", "0.12", {0: 22}, may_be_bare=True),
        TargetKind("aya", "aya", "0.13", {0: 14}, may_be_bare=True),
    )
}
"""By name; the kernel first."""
