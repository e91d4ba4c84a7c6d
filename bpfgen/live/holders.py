"""Who holds the maps of the running kernel: there is no count, so all that may do so is looked at.

A map lives while one of these does: a program that uses it, a link that is made of it, a process
that has it open or mapped, a pin, an outer map that it is in. A program lives by links, processes
and pins of its own. What one may not look at is said, and the rest is looked at all the same.

Source: kernel/bpf/syscall.c, bpf_map_put and its callers.
"""

from __future__ import annotations

import struct
from itertools import islice

from bpfgen.live.fdinfo import LINK, MAP, PROGRAM
from bpfgen.live.ids import ids_of, opened_by_id
from bpfgen.live.info import MapInfo
from bpfgen.live.links import Link, links
from bpfgen.live.map import open as open_map
from bpfgen.live.pins import pins
from bpfgen.live.processes import Process, descriptors_of_processes
from bpfgen.live.programs import Program, full_name, programs
from bpfgen.live.syscall import MAP_GET_FD_BY_ID, MAP_GET_NEXT_ID, Bpf
from bpfgen.record import TYPE_CHECKING, Record

