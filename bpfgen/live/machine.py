"""The machine that runs this: what decides how maps are made on it, and what they cost."""

from __future__ import annotations

import os
import re

from bpfgen.kernel.memory import Machine
from bpfgen.kernel.version import NEWEST
from bpfgen.live.info import possible_cpus
from bpfgen.record import TYPE_CHECKING

if TYPE_CHECKING:
    from bpfgen.kernel.version import KernelVersion


def this_machine() -> Machine:
    """Return the CPUs that there may be, the size of a page, and the version of the kernel.

    Raises:
        OSError: There is no sysfs to ask for the CPUs.
    """
    return Machine(
        len(possible_cpus()), os.sysconf("SC_PAGE_SIZE"), kernel=running_kernel(os.uname().release)
    )


def running_kernel(release: str) -> KernelVersion:
    """Return the version that *release* begins with, what uname(2) says: `6.1.0-56-amd64`.

    The newest version known where it begins with none.
    """
    numbers = re.match(r"(\d{1,4})\.(\d{1,4})", release, re.ASCII)
    return NEWEST if numbers is None else (int(numbers[1]), int(numbers[2]))
