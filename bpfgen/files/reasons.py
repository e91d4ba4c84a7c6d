"""Why a file can't be read or written, in words that say what to do about it.

Beside `reading` and `writing`; loaded where one of them failed.
"""

from __future__ import annotations

import errno
import os
import shlex

from bpfgen.files.pins import bpf_mounts, has_dot

_BPF_DIRECTORY = "/sys/fs/bpf"
"""Where everybody mounts the BPF filesystem, systemd and libbpf among them."""


def failure(path: str, error: OSError, *, writing: bool = False) -> tuple[str, str]:
    """Return why *path* can't be read or written, and what to do about it, or an empty text."""
    reason = error.strerror or str(error)
    if not reason.startswith("BPF_"):
        reason = f"{reason[:1].lower()}{reason[1:]}"
    if path == "-":
        return reason, ""
    pinned = _bpf_failure(path, error, reason)
    if pinned is not None:
        return pinned
    wrong = _directory_in_the_way(path)
    if error.errno == errno.ENOENT and wrong:
        help_ = f"`mkdir -p {os.path.dirname(path)}` makes it" if writing else ""
        return f"there is no directory `{wrong}`", help_
    if error.errno == errno.ENOTDIR and wrong:
        return f"`{wrong}` is no directory", ""
    return reason, ""


def _directory_in_the_way(path: str) -> str:
    """Return the first directory on the way to *path* that isn't one; empty if they all are."""
    directory = os.path.dirname(path)
    wrong = ""
    while directory and not os.path.isdir(directory):
        wrong = directory
        directory = os.path.dirname(directory)
    return wrong


def _bpf_failure(path: str, error: OSError, reason: str) -> tuple[str, str] | None:
    """Return what is wrong with *path* where it is on a BPF filesystem, or was meant to be.

    *reason* is what the kernel says of it.
    """
    mounts = bpf_mounts()
    real = os.path.abspath(path)
    mount = next((mount for mount in mounts if f"{real}/".startswith(f"{mount}/")), None)
    if mount is None:
        if not f"{real}/".startswith(f"{_BPF_DIRECTORY}/"):
            return None
        help_ = f"`mount -t bpf bpf {_BPF_DIRECTORY}` mounts one, empty at first"
        return f"no BPF filesystem is mounted at {_BPF_DIRECTORY}", help_
    if has_dot(path):  # EPERM or ENOENT, to whoever asks
        if os.path.lexists(path):  # maps.debug, progs.debug: bpf_iter_link_pin_kernel
            return "no map is pinned there: it is a list of the kernel's own", "type `bpfgen live`"
        return "nothing is pinned there: names below a BPF filesystem have no dot", ""
    if error.errno in (errno.EACCES, errno.EPERM):
        if os.path.lexists(path):  # its own permissions, or a capability: the kernel's words
            help_ = f"run it as root, or let it be read: `chmod o+r {shlex.quote(path)}`"
            return reason, help_ if error.errno == errno.EACCES else ""
        return (
            f"only root may look below {mount}, a BPF filesystem",
            "run it as root, or let its directories be read (`chmod`)",
        )
    if error.errno == errno.ENOENT:
        return "nothing is pinned there", f"`ls {mount}` shows what is"
    if error.errno == errno.EIO:  # bpffs_obj_open (kernel/bpf/inode.c)
        return (
            "it is pinned there, and no file that can be read",
            f"`bpftool map show pinned {path}` shows a map",
        )
    return None
