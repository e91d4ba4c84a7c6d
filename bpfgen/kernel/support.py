"""One cell of the tables of loaders: what a loader makes of a feature, and since which version.

The tables are :mod:`bpfgen.kernel.libbpf`, :mod:`bpfgen.kernel.cilium` and
:mod:`bpfgen.kernel.aya`; :data:`bpfgen.kernel.loaders.LOADERS` has them by name.
"""

from __future__ import annotations

from bpfgen.record import TYPE_CHECKING, Record
from bpfgen.text.diagnostics import ERROR, NOTE

if TYPE_CHECKING:
    from bpfgen.kernel.version import KernelVersion


class Support(Record):
    """What a loader makes of a feature.

    Attributes:
        since: The first version that does what is meant; None if none does. 0.0 stands for the
            first releases of 2019 and 2020.
        otherwise: What versions without it do, as the end of a sentence about them.
        source: The function of the loader that decides.
        until: The first version that no longer does it, or None.
        severity: How bad what they do is: an error where nothing is loaded, a warning where
            something is lost, a note where the maps work all the same.
        advice: What to do instead, where no version does what is meant; or empty.
        before_kernel: Only with kernels before this one it makes a difference; None: with all.
    """

    since: KernelVersion | None
    otherwise: str
    source: str
    until: KernelVersion | None = None
    severity: str = ERROR
    before_kernel: KernelVersion | None = None
    advice: str = ""

    def holds(self, version: KernelVersion, kernel: KernelVersion) -> bool:
        """Return whether every version from *version* on does what is meant on *kernel*.

        What only has another name, or none, does it.
        """
        if self.severity == NOTE:
            return True
        if self.before_kernel is not None and self.before_kernel <= kernel:
            return True
        return self.until is None and self.since is not None and self.since <= version
