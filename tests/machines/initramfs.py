"""A first root for a Linux kernel, which goes on in the root of the host.

Source: Documentation/driver-api/early-userspace/buffer-format.rst (cpio, "newc").
"""

from __future__ import annotations

import gzip
import lzma
import re
import stat
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_WANTED = ("virtio_pci", "9pnet_virtio", "9p")
"""The modules that see a directory of the host; Debian has them built in or as files."""

SCRATCH = "/dev/scratch"
"""Where the machine may write, in its memory; the host's own directories stay as they are."""

_FOLDERS = ("bin", "dev", "host", "modules", "proc")

_INIT = """\
#!/bin/busybox sh
/bin/busybox --install -s /bin
mount -t proc proc /proc
mount -t devtmpfs dev /dev
for module in {modules}; do insmod "/modules/$module"; done
mount -t 9p -o ro,trans=virtio,version=9p2000.L,msize=262144,cache=loose host /host
mount -t devtmpfs dev /host/dev
mount -t proc proc /host/proc
mount -t sysfs sys /host/sys
mount -t cgroup2 cgroup2 /host/sys/fs/cgroup
mount -t bpf -o mode=700 bpf /host/sys/fs/bpf
mkdir /host/dev/pts /host/dev/shm /host/dev/results /host{scratch}
mount -t devpts devpts /host/dev/pts
mount -t tmpfs -o mode=1777,size=16m shm /host/dev/shm
mount -t tmpfs -o mode=1777,size=400m scratch /host{scratch}
mount -t 9p -o trans=virtio,version=9p2000.L,msize=262144 results /host/dev/results
ln -s /proc/self/fd /host/dev/fd
ip link set lo up
chroot /host /bin/sh /dev/results/run
sync
poweroff -f
"""


def initramfs(kernel: Path, busybox: Path) -> bytes:
    """Return the first root for the kernel whose package is unpacked in *kernel*.

    It runs `/dev/results/run` in the host's directory that has the tag `host`; that file and what
    it leaves beside it are in the host's directory `results`. Then the machine is turned off.
    """
    modules = _modules(kernel)
    names = [f"{number:02}.ko" for number in range(len(modules))]
    entries = [(folder, stat.S_IFDIR | 0o755, b"") for folder in _FOLDERS]
    entries.append(("bin/busybox", stat.S_IFREG | 0o755, busybox.read_bytes()))
    entries += [
        (f"modules/{name}", stat.S_IFREG | 0o644, module)
        for name, module in zip(names, modules, strict=True)
    ]
    init = _INIT.format(modules=" ".join(names), scratch=SCRATCH).encode()
    entries.append(("init", stat.S_IFREG | 0o755, init))
    entries.append(("TRAILER!!!", 0, b""))
    archive = b"".join(_entry(number, *entry) for number, entry in enumerate(entries, 1))
    return gzip.compress(archive, 1)


def _entry(number: int, name: str, mode: int, content: bytes) -> bytes:
    links, path = 1, name.encode() + b"\0"
    fields = (number, mode, 0, 0, links, 0, len(content), 0, 0, 0, 0, len(path), 0)
    head = b"070701" + b"".join(b"%08x" % field for field in fields) + path
    return _padded(head) + _padded(content)


def _padded(data: bytes) -> bytes:
    return data + bytes(-len(data) % 4)


def _modules(kernel: Path) -> list[bytes]:
    """Return the modules that are :data:`_WANTED`, each after those that it needs."""
    files = {_module_name(path.name): path for path in kernel.rglob("*.ko*")}
    ordered: dict[str, bytes] = {}

    def add(name: str) -> None:
        if name in ordered or name not in files:
            return
        module = files[name].read_bytes()
        if files[name].suffix == ".xz":
            module = lzma.decompress(module)
        needed = re.search(rb"\0depends=([^\0]+)\0", module)
        for other in needed[1].decode().split(",") if needed else ():
            add(_module_name(other))
        ordered[name] = module

    for name in _WANTED:
        add(name)
    return list(ordered.values())


def _module_name(name: str) -> str:
    return name.partition(".")[0].replace("-", "_")
