"""Which maps the kernel is known not to freeze, by what can be read of them.

Freezing has no way back, so that a map that was there before is never frozen to see whether that
works. Below :mod:`creating`.

Source: map_freeze in kernel/bpf/syscall.c.
"""

from __future__ import annotations

import os

from bpfgen.kernel.special_fields import FREEZE_KNOWS_SINCE, NESTED_FIELDS_SINCE, SPECIAL_FIELDS
from bpfgen.live.syscall import ENOTSUPP
from bpfgen.record import TYPE_CHECKING
from bpfgen.rules.fields.places import fields_of_value
from bpfgen.rules.fields.uses import FieldFinder, row_name

if TYPE_CHECKING:
    from bpfgen.kernel.version import KernelVersion
    from bpfgen.object.running import RunningMap
    from bpfgen.rules.fields.uses import FieldUse


def refusal_to_freeze(running: RunningMap, kernel: KernelVersion) -> OSError | None:
    """Return what *kernel* says when *running* is to be frozen; None where nothing is against it.

    That somebody writes to it just then, or has it mapped for that, nobody knows before.
    """
    value = running.value
    if value is None:
        return None
    if any(_counts(use, kernel) for use in fields_of_value(value, FieldFinder())):
        return OSError(ENOTSUPP, os.strerror(ENOTSUPP))
    return None


def _counts(use: FieldUse, kernel: KernelVersion) -> bool:
    field = SPECIAL_FIELDS[row_name(use.name)]
    if kernel < field.since or (use.nested and kernel < NESTED_FIELDS_SINCE):
        return False
    return kernel >= FREEZE_KNOWS_SINCE or field.pointer or field.name == "bpf_timer"
