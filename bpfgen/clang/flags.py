"""The flags that clang gets, each with its reason."""

from __future__ import annotations

import os
import sys

from bpfgen.clang.ziglang import library_of, ziglang_program
from bpfgen.record import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

REQUIRED_FLAGS: tuple[tuple[str, str], ...] = (
    ("-x", "our temporary file is C, whatever its name"),
    ("c", "see -x"),
    ("-g", "clang derives BTF from debug information"),
    ("-fno-color-diagnostics", "the messages are parsed"),
    ("-fno-caret-diagnostics", "we show the line of the .dsl file instead"),
    ("-fno-diagnostics-fixit-info", "the same"),
    ("-ferror-limit=0", "all that is wrong is reported in one run"),
    ("-fdebug-compilation-dir=.", "the object must not depend on where it was compiled"),
)
"""Flags that bpfgen can't work without, each with its reason."""

DEFAULT_FLAGS: tuple[tuple[str, str], ...] = (
    ("-O2", "what BPF programs are built with; -O0 isn't supported by libbpf's loaders"),
    ("-std=gnu11", "the mode of the kernel's own BPF programs; libbpf's headers need GNU C"),
    ("-fno-ident", "no .comment section: the object says nothing about the machine's clang"),
    ("-fno-unwind-tables", "BPF unwinds nothing, and libbpf's linker refuses .eh_frame"),
    ("-fno-asynchronous-unwind-tables", "the same; ziglang's clang makes them by default"),
    (
        "-Wno-missing-declarations",
        "vmlinux.h of a kernel built with -fms-extensions has members without a declarator",
    ),
    ("-Wno-microsoft-anon-tag", "and with that flag they are what it is given for"),
)
"""Flags that make good objects; a build with other needs could replace them."""


def target_flags(
    target: str, command: Sequence[str], zig: str | None, arguments: Sequence[str] = ()
) -> list[str]:
    """Return the flags for *target* that depend on which clang this is.

    Args:
        target: One of :data:`bpfgen.clang.TARGETS`.
        command: The words that start the compiler.
        zig: The path of zig where clang is run through it, else None.
        arguments: The user's flags, which may say where headers of the system are, or not to look.
    """
    words: list[str] = []
    if zig is not None and command[-1] == "cc":  # it has names of its own for targets
        little = target == "bpfel" or (target == "bpf" and sys.byteorder == "little")
        words += ("-target", "bpfel-freestanding" if little else "bpfeb-freestanding")
    else:
        words += ("-target", target)
        if zig is not None:  # its driver looks for stddef.h where clang's own package has it
            words += ("-resource-dir", _library(command, zig))
    if "-nostdinc" in arguments or "-nostdlibinc" in arguments:
        return words
    root = _root(arguments)
    for directory in (
        *system_directories(with_usr_include=zig is not None, root=root),
        *([] if root else kernel_headers(zig)),
    ):
        words += ("-idirafter", directory)
    return words


def _root(arguments: Sequence[str]) -> str:
    """Return the directory that *arguments* name in the place of `/` for the system's headers."""
    root = ""
    for number, word in enumerate(arguments):
        if word in {"--sysroot", "-isysroot"}:
            root = arguments[number + 1]
        elif word.startswith("--sysroot="):
            root = word.removeprefix("--sysroot=")
    return root.rstrip("/")


def own_directories(command: Sequence[str], zig: str | None) -> list[str]:
    """Return where the headers of the compiler and of the system lie."""
    system = ("/usr/include", *system_directories(with_usr_include=False))
    return [_library(command, zig), *system, *kernel_headers(zig)]


def _library(command: Sequence[str], zig: str | None) -> str:
    """Return the directory that the compiler's own headers (stddef.h) are somewhere in."""
    if zig is not None:
        return library_of(zig)
    # They lie beside it: bin/clang, lib/clang/19/include.
    root = os.path.dirname(os.path.dirname(os.path.realpath(command[0])))
    return os.path.join(root, "lib")


def prefix_maps(directories: Iterable[str]) -> list[str]:
    """Return flags that let the names of files in *directories* begin with `./` in the object.

    Where a header lies must not be seen there: `-I inc` from one directory and `-I ../inc` from
    another are the same build. The longest names come last, since of several that fit clang takes
    the last (before 17: the last by alphabet).
    """
    prefixes = {directory.rstrip("/") + "/" for directory in directories}
    return [
        f"-ffile-prefix-map={prefix}=./"
        for prefix in sorted(prefixes, key=lambda prefix: (len(prefix), prefix))
        if prefix != "./" and "=" not in prefix  # the flag can't express it
    ]


_KERNEL_HEADER = "/usr/include/linux/types.h"
"""What is there where somebody has installed the headers of the kernel (linux-libc-dev)."""

_ARCHITECTURES = {
    "i386": "x86",
    "i686": "x86",
    "loongarch64": "loongarch",
    "ppc64le": "powerpc",
    "riscv64": "riscv",
    "x86_64": "x86",
}
"""What zig calls the machine in the names of its directories, by what `uname -m` says."""


def kernel_headers(zig: str | None = None) -> list[str]:
    """Return where *zig*, or that of the package ziglang, has the kernel's UAPI headers.

    They stand in for those of the system, where nobody has installed them: a machine that has no
    more than Python and the package ziglang can then `include <linux/in.h>` too. Where the system
    has its own, and where there is no zig, the list is empty.
    """
    if os.path.exists(_KERNEL_HEADER):
        return []
    home = zig or ziglang_program()
    if home is None:
        return []
    machine = os.uname().machine
    architecture = _ARCHITECTURES.get(machine, "arm" if machine.startswith("arm") else machine)
    names = (f"{architecture}-linux-any", "any-linux-any")
    directories = (os.path.join(library_of(home), "libc", "include", name) for name in names)
    return [directory for directory in directories if os.path.isdir(directory)]


def system_directories(*, with_usr_include: bool, root: str = "") -> list[str]:
    """Return the include directories of the system that clang doesn't search for this target.

    `clang -target bpf` leaves out Debian's multiarch directory, which has <asm/types.h>; the clang
    of ziglang leaves out /usr/include too. *root* is what stands for `/`.
    """
    machine = os.uname().machine
    names = [f"{machine}-linux-gnu", f"{machine}-linux-musl"]
    if machine.startswith("arm"):
        names = ["arm-linux-gnueabihf", "arm-linux-gnueabi", *names]
    elif machine.startswith("ppc64le"):
        names = ["powerpc64le-linux-gnu"]
    elif machine == "i686":
        names = ["i386-linux-gnu"]
    directories = [f"{root}/usr/include/{name}" for name in names]
    present = [directory for directory in directories if os.path.isdir(directory)][:1]
    return [*present, f"{root}/usr/include"] if with_usr_include else present
