"""Why a path couldn't be opened as a map: what the kernel says to BPF_OBJ_GET, and what that means.

Imported where that failed. The kernel says EACCES of whatever is pinned nowhere, and of a pin that
one may not read; what stands at the path tells these apart, as for a file on the command line.

Source: kernel/bpf/inode.c, bpf_obj_do_get and bpf_inode_type.
"""

from __future__ import annotations

import os
import stat
from errno import EACCES, EINVAL, EISDIR, ENOENT, EPERM

from bpfgen.files.pins import has_dot, is_like_a_pin
from bpfgen.files.reasons import failure as failure_of_file
from bpfgen.live.syscall import OBJ_GET, failure
from bpfgen.record import replace

_OLDER = "up to Linux 5.10 it takes CAP_BPF"


def unopened(path: str | bytes, number: int, wanted: str) -> OSError:
    """Return the exception for *number*, the errno of BPF_OBJ_GET of *path*.

    Args:
        wanted: Which permission was asked for: `read`, `read and write`.
    """
    path = os.fsdecode(path)
    subject = f"`{path}`"
    error = OSError(number, os.strerror(number))
    try:
        status = os.stat(path)
    except OSError as missing:
        if has_dot(path):
            error = FileNotFoundError(ENOENT, os.strerror(ENOENT))
        elif missing.errno is not None:
            error = OSError(missing.errno, os.strerror(missing.errno))
        reason, _help = failure_of_file(path, error)
        return OSError(error.errno, f"BPF_OBJ_GET of {subject}: {reason}")
    if stat.S_ISDIR(status.st_mode):
        return OSError(EISDIR, f"{subject} is no map: it is a directory")
    if not is_like_a_pin(status):
        return OSError(EINVAL, f"{subject} is no map: it is not in a BPF filesystem")
    if has_dot(path):  # maps.debug, progs.debug: bpf_iter_link_pin_kernel
        return OSError(EINVAL, f"{subject} is no map: it is a list of the kernel's own")
    rights = {EACCES: f"it takes {wanted} permission for the file", EPERM: _OLDER}
    return failure(replace(OBJ_GET, rights=rights.get(number, "")), number, subject)
