"""What kernels write into fdinfo of maps, programs and links, of several releases, and nonsense."""

from __future__ import annotations

import pytest

from bpfgen.live.fdinfo import LINK, MAP, PROGRAM, FdInfo, parsed

# As bpf_map_show_fdinfo, bpf_prog_show_fdinfo and bpf_link_show_fdinfo print them.
OLD_MAP = b"""pos:\t0
flags:\t02000002
mnt_id:\t14
map_type:\t1
key_size:\t4
value_size:\t8
max_entries:\t1000
map_flags:\t0x0
memlock:\t81920
map_id:\t7
frozen:\t0
"""
PROG_ARRAY = b"""pos:\t0
flags:\t02000002
mnt_id:\t15
ino:\t2081
map_type:\t3
key_size:\t4
value_size:\t4
max_entries:\t4
map_flags:\t0x0
map_extra:\t0x0
memlock:\t344
map_id:\t4294967295
frozen:\t1
owner_prog_type:\t6
owner_jited:\t1
"""
PROGRAM_TEXT = b"""pos:\t0
flags:\t02000002
prog_type:\t1
prog_jited:\t1
prog_tag:\t0bd0168676c7c779
memlock:\t4096
prog_id:\t12
run_time_ns:\t0
"""
NETNS_LINK = b"""link_type:\tnetns
link_id:\t126
prog_tag:\te085eff1b7d08181
prog_id:\t23296
netns_ino:\t4026531833
"""
ITERATOR_LINK = b"""link_type:\titer
link_id:\t127
prog_tag:\t59f4a931744dcdc6
prog_id:\t23297
target_name:\tbpf_map_elem
map_id:\t406061
"""
STRUCT_OPS_LINK = b"link_type:\tstruct_ops\nlink_id:\t3\nmap_id:\t41\n"

OWNED = FdInfo(
    MAP,
    4294967295,
    4294967295,
    memlock=344,
    frozen=True,
    owner_program_type=6,
    owner_is_jited=True,
)


@pytest.mark.parametrize(
    ("text", "info"),
    [
        (OLD_MAP, FdInfo(MAP, 7, 7, memlock=81920, frozen=False)),
        (PROG_ARRAY, OWNED),
        (PROGRAM_TEXT, FdInfo(PROGRAM, 12, 0, 12)),
        (NETNS_LINK, FdInfo(LINK, 126, 0, 23296)),
        (ITERATOR_LINK, FdInfo(LINK, 127, 406061, 23297)),
        (STRUCT_OPS_LINK, FdInfo(LINK, 3, 41)),
        (b"pos:\t0\nflags:\t0100000\nmnt_id:\t22\n", FdInfo()),
        (b"", FdInfo()),
        (b"map_id:\t\nmap_id:\t1\n", FdInfo()),
        (b"map_id:\t-1\nmemlock: x\n", FdInfo()),
        (b"\0\xff:\xff\nmap_id", FdInfo()),
        (b"map_id:\t\xb2\n", FdInfo()),  # a digit of no ASCII
    ],
)
def test_parsed(text: bytes, info: FdInfo) -> None:
    """What it is of, the ids, and what nothing else says."""
    assert parsed(text) == info
