"""What each loader makes of what a definition of maps can say, and since which version.

A loader is a column, a feature a row of it. The rules find the features in a model
(:mod:`bpfgen.rules.maps.loaders`) and hold them against the loaders that the file aims at;
`bpfgen kinds --needs`, `bpfgen inspect --as` and docs/map-kinds.md read the same rows.
"""

from __future__ import annotations

from bpfgen.kernel.aya import AYA
from bpfgen.kernel.cilium import CILIUM
from bpfgen.kernel.libbpf import LIBBPF
from bpfgen.record import TYPE_CHECKING

if TYPE_CHECKING:
    from bpfgen.kernel.support import Support

LOADERS: dict[str, dict[str, Support]] = {"libbpf": LIBBPF, "cilium": CILIUM, "aya": AYA}
"""By the loader's name in :data:`bpfgen.kernel.targets.TARGETS`, then by feature, oldest first.

A feature that a column doesn't have, every version of that loader does as it is meant.
"""
