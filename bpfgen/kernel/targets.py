"""What a file can aim at: the kernel, and what loads its maps; which versions of it there are.

A row here and a column of :data:`bpfgen.kernel.loaders.LOADERS` make a loader something that
`target`, the command line and `[tool.bpfgen]` know by its name.
"""

from __future__ import annotations

from bpfgen.kernel.version import KERNEL, LAST_MINORS, LOADER_NAMES, format_version
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
    """

    name: str
    title: str
    example: str
    last_minors: dict[int, int]

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
        TargetKind(LOADER_NAMES[0], "libbpf", "1.1", {0: 8, 1: 8}),
    )
}
"""By name; the kernel first."""
