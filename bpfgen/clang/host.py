"""C that is written for the front end of a host, and compiled for BPF after that.

`clang -target x86_64-linux-gnu -emit-llvm | llc -march=bpf`, or no `-target` at all: headers see a
machine and a system in macros, and no `__bpf__`. Layouts are asked of the bpf target all the same:
`long` and pointers have 64 bits on both, and the object is BPF's.
"""

from __future__ import annotations

import os

_MACHINES: dict[str, tuple[str, ...]] = {
    "aarch64": ("__aarch64__",),
    "arm": ("__arm__",),
    "i386": ("__i386__", "__i386"),
    "loongarch64": ("__loongarch__", "__loongarch64", "__loongarch_grlen=64"),
    "mips64": ("__mips__", "__mips64", "_MIPS_SIM=_ABI64", "_ABI64=3"),
    "powerpc64": ("__powerpc__", "__powerpc64__", "__PPC__", "__PPC64__"),
    "riscv64": ("__riscv", "__riscv_xlen=64"),
    "s390x": ("__s390__", "__s390x__"),
    "sparc64": ("__sparc__", "__sparc_v9__", "__arch64__"),
    "x86_64": ("__x86_64__", "__x86_64", "__amd64__", "__amd64"),
}
"""The macros by which a machine is known, as clang and gcc define them (clang/lib/Basic/Targets,
`getTargetDefines`); not those that describe it, which are those of BPF."""

_ALIASES = {
    "amd64": "x86_64",
    "arm64": "aarch64",
    "i486": "i386",
    "i586": "i386",
    "i686": "i386",
    "mips64el": "mips64",
    "powerpc64le": "powerpc64",
    "ppc64": "powerpc64",
    "ppc64le": "powerpc64",
}

_LINUX = ("__linux__", "__linux", "linux=1", "__gnu_linux__", "__unix__", "__unix", "unix=1")
"""clang/lib/Basic/Targets/OSTargets.h, `LinuxTargetInfo::getOSDefines`."""


def host_macros(triple: str = "") -> list[str]:
    """Return flags that give headers the macros of the target *triple*; this machine where empty.

    A generated header is told by `BPFGEN_BPF` that it is the program's side all the same.
    """
    name = triple.partition("-")[0] or os.uname().machine
    machine = _ALIASES.get(name, name)
    if machine not in _MACHINES and machine.startswith("arm"):
        machine = "arm"
    defined = _MACHINES.get(machine, ())
    if not triple or "linux" in triple:
        defined += _LINUX
    if machine == "powerpc64" and name.endswith("le"):
        defined += ("_CALL_ELF=2", "__LITTLE_ENDIAN__")
    gone = ("-U__bpf__", "-U__BPF__")
    return [*gone, *(f"-D{macro}" for macro in defined), "-DBPFGEN_BPF"]
