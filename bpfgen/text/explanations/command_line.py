"""What the codes of the command line, files and the compiler mean, for `bpfgen explain`."""

from __future__ import annotations

from bpfgen.text.explanation import Explanation

EXPLANATIONS: dict[str, Explanation] = {
    # The command line, files, the compiler.
    "usage": Explanation("""\
The command line makes no sense as it stands. `bpfgen --help` lists commands and options.
"""),
    "file": Explanation("""\
A file named on the command line could not be read or written; the message has the reason of the
operating system. An output that could not be written whole was not changed.
"""),
    "configuration": Explanation("""\
The table [tool.bpfgen] of a pyproject.toml has a key that there isn't, or a value that makes no
sense. It is the nearest such file upwards from the input that has the table; --config FILE names
another one, --no-config does without. The keys:

  include-directories = ["include"]      as -I, relative to the file
  definitions = { MAX_FLOWS = 1024 }     as -D
  kernel = "5.15"                        as --kernel
  libbpf = "1.1"                         as --libbpf
  relax-compat = true                    as --relax-compat
  style = "modern"                       as --style
  target = "bpf"                         as --target
  warnings = ["error", "no-unverified"]  as -W
  clang = "clang-19"                     as --clang
  clang-args = ["-fms-extensions"]       as --clang-arg, paths relative to the file
  cache = false                          as --no-cache
  inputs = ["maps/*.dsl"]                the sources of outputs that name none

What the command line says comes first. An option of an output is a key, too: `accessors = true`.

What the project has made, by `bpfgen` without inputs:

  [[tool.bpfgen.outputs]]
  path = "gen/{stem}.h"                  relative to the file, and below its directory
  inputs = ["maps/*.dsl"]                relative to the file
  emit = "header"                        where the path doesn't say it
  types = ["event"]                      as --types
  style = "modern"                       and other options of this output

A warning says that a name in `pinned` of [tool.bpfgen.breaking] is that of no map of the project.
"""),
    "compile-commands": Explanation("""\
-p DIR takes the flags of a C file from DIR/compile_commands.json, which many builds write. An error
says that there is none, that it makes no sense, or that it doesn't list the file; a warning, that
it compiles the file several times with different flags, of which the first count (those of a
command with `-target bpf` before others); a note, which flags aren't given to clang: what would
start or load something, or write files, and what bpfgen doesn't know.

What stands on the command line comes after those flags, and counts where the two contradict each
other.
"""),
    "encoding": Explanation("""\
A source is text in UTF-8. A byte that no UTF-8 text has at this place, or a NUL byte, means that
the file is in another encoding (Latin-1, UTF-16) or is no text at all.

A carriage return alone is a blank, and ends no line but a comment of one: a file with more after
that compiles, and isn't formatted, since a line would have to begin there.
"""),
    "running-map": Explanation("""\
A map of the running kernel can't be had: there is none with that id, none or several of that name,
nothing or something else is pinned at that path, or it went while it was read. `bpfgen live` lists
the maps that there are.

Names are compared as the kernel has them, cut to 15 bytes. Several maps of one name are told apart
by their ids, as in `bpfgen inspect id:42`.

What is in a map may not be had although the map is: a ring buffer's records can't be read without
taking them from their reader, and a local storage is asked by object. A dump is incomplete where
elements are deleted faster than they can be read; what was printed of it is right.
"""),
    "size-limit": Explanation("""\
`bpfgen size --limit SIZE` fails where the maps of a source may take more than SIZE together: with
all their elements, and with what the kernel doesn't count, but without elements that nothing limits
(of local storages) and without the maps that are put into maps of maps. The notes name the largest.

It fails, too, where that can't be said since a loader sets a number: `--set flows.max_entries=1000`
says which.
"""),
    "no-right": Explanation("""\
The kernel doesn't let this process do what was asked for, and the message names what it takes. The
exit status is 3, and nothing is tried twice.

Ids, names and types of running maps take CAP_SYS_ADMIN, and no smaller capability: with CAP_BPF
alone, a map is reached by its pin, and read without its types. A pin takes search permission on the
directories above it and read permission for itself; BPF filesystems are mounted for root alone, so
that `chmod` lets others in. Up to Linux 5.10 every call takes CAP_BPF as well.

As a warning or note it says what is missing from the result: types, which sizes stand for in what
is imported or generated of a map, or who holds it.
"""),
    "unformatted": Explanation("""\
`bpfgen fmt --check` or `--diff` found a source that `bpfgen fmt` would change, and said so to a
program (`--diagnostics json`, `github` or `sarif`); the place is the first one. People see its
name, or the difference.
"""),
    "tool-missing": Explanation("""\
What was asked for needs a program or a Python package that isn't there; the message names it.

- A C compiler with the bpf target: for files that include C headers, whose types only the compiler
  knows, for verification that was asked for, and for objects that bpfgen doesn't write itself (see
  `bpfgen explain assembler`). bpfgen takes --clang PATH, else what BPFGEN_CLANG names, else the
  newest `clang` or `clang-NN` on the PATH, else the clang of the Python package ziglang.
- git: for revisions (`git:main:maps.dsl`).
- pygls: for `bpfgen lsp`; the extra `lsp` brings it (`pip install 'bpfgen[lsp]'`, in a clone of the
  repository `pip install '.[lsp]'`).
"""),
    "unverified": Explanation("""\
A header was written without having been compiled and read back, since there is no clang with the
bpf target. It is what bpfgen means to be right, and nothing has proven it.

  apt install clang              or
  pip install ziglang            makes verification possible
  --no-verify                    says that none is wanted
  --verify                       makes a missing clang an error
"""),
    "clang": Explanation("""\
The C that bpfgen wrote did not please clang, or a C header that the file includes did not. The
message is clang's own, at the declaration that it is about. Where no `include` is involved,
bpfgen is wrong: please report it with the source.

C that is compared (`bpfgen breaking`) has to compile: what clang refuses may hide any map.
"""),
    "assembler": Explanation("""\
An object can be made in two ways: clang compiles the header, or bpfgen's own assembler writes what
clang would have written, its BTF included. Either is read back and compared with the source.

  --assembler clang      needs a clang
  --assembler builtin    needs none, and is faster
  neither                clang where there is one that knows the bpf target, else the builtin one

As a note it says that there was no clang, and bpfgen made the object itself. As an error it says
what the builtin assembler leaves to clang: legacy maps, the initializer style, and slots with
initial values that make an object of more than 64 MiB.
"""),
    "object-format": Explanation("""\
The object that the compiler wrote can't be read back: it is damaged, or it is no BPF object with
BTF. Was the compiler replaced by a wrapper (--clang, BPFGEN_CLANG) that writes something else?
"""),
    "output-name": Explanation("""\
An output is in another language, and a name of the source can't be had there: two names become
one when they are spelt as that language spells them (`flow_key` and `flowKey` are both `FlowKey` in
Go), or one is taken by something that the output itself brings. The message has both names. Nothing
is written; the other outputs of the same run aren't either.

Rename one of the two in the source. Keywords are no such case: they get an underscore. So do, in
Go, members and enumerators of C headers, and of all types where the source is an object or C.
"""),
    "when-undecided": Explanation("""\
The source has `when` over macros of C, and this output is for one variant of it: an object, JSON,
Go, Rust, Python. Say what the macros are there:

  bpfgen maps.dsl -o maps.go -D MODE=2 -U FAST

-D NAME is 1, as in cc, and -U says that a macro isn't defined. A C header needs none of this: it
has all variants, each between `#if` and `#endif`, whatever -D says of listed macros.
"""),
    "go-file": Explanation("""\
A file of Go is right by itself, and Go's tools won't build it where it is. A directory has one
package: by default a file's is named after its source, so that two files beside each other, or a
file and that of its import, need --go-package. And names say something to Go: `flow_test.go` is
part of a test, `flow_windows.go` is for Windows alone, `_flow.go` is for nobody.
"""),
    "unused-map-import": Explanation("""\
`--map-import FILE=PLACE` says where the types of an imported file are, and no source of the run
imports FILE. It is the path in the `import`; of a file that an import imports, the path from the
source's directory on; or any path to the file itself.
"""),
    "libbpf-open": Explanation("""\
A note, not a fault: the object is what the source says, but libbpf 1.0 and later can't open it by
itself. It dropped legacy maps, it doesn't read the initializer style, and a map or program that is
defined elsewhere has to be linked in first: `bpftool gen object linked.o a.o b.o`.

No other object of that link may declare a map with slots `extern`, as BPFGEN_EXTERN_MAPS does:
libbpf's linker then forgets the slots. Such a map is in a source whose header its program includes.
"""),
    "libbpf-refuses": Explanation("""\
An object is one that libbpf 1.0 and later would not open: it stops at the first thing that it
doesn't like, in the object or in a map of it, often with `-22` and few words. The message says what
that is. `bpfgen inspect` shows the maps all the same, as far as they can be read; an object that is
made or verified is refused, unless it waits for a linker or an older loader: extern and legacy
maps, slots that another object fills, the initializer style.
"""),
    "loader-refuses": Explanation("""\
`bpfgen inspect --as LOADER` was asked for an object that this loader, in that version, would not
load. The message says which map it is, why, and which function of the loader decides; the maps are
shown all the same. `bpfgen kinds --format markdown` lists what each loader makes of what, and since
which version; `target cilium >= X;` and the like have a source checked before there is an object.
"""),
    # Files.
    "import": Explanation(
        """\
`import` names another file of this language. It is looked up relative to the importing file, then
in the directories of -I. A C header is included instead: `include <linux/in.h>;`.
""",
        'import "nowhere.dsl";\nmap m: array<__u32, __u64>[1];\n',
    ),
    "import-cycle": Explanation("""\
The imports of the file lead back to itself; the note names the chain. Headers generated from such
files could not include each other either. Move what both need into a third file.
"""),
    "include": Explanation(
        """\
A C header can't be read: clang doesn't find it, or refuses what is in it. `include <a.h>` looks
where clang looks and in the directories of -I, `include "a.h"` beside the file first.
""",
        "include <nowhere/at/all.h>;\nmap m: array<__u32, __u64>[1];\n",
    ),
    "include-guard": Explanation(
        """\
A C header that is included has no include guard, and clang refuses it where it is included twice:
`redefinition of 'pkt'`. The generated header includes it, and so a program that includes it, too,
doesn't compile; nor does one that includes two generated headers of sources that include it. Begin
the C header with `#pragma once`, or with `#ifndef` and `#define` of one name. Otherwise the program
has to leave it to the generated header.
""",
    ),
    "kernel-btf": Explanation(
        """\
`include kernel;` takes types from the BTF of a kernel, and no file is given that has it, or the one
that is given has none. `--btf FILE` names it, or `btf = "FILE"` in [tool.bpfgen]. The running
kernel's is /sys/kernel/btf/vmlinux; a vmlinux, a module, and what `bpftool gen min_core_btf` writes
have it in a section. A module's comes after its kernel's: `--btf vmlinux --btf module.ko`. No file
is looked for: what comes out must not depend on the machine.
""",
        "include kernel;\nmap m: array<__u32, task_struct *>[1];\n",
    ),
    "kernel-type": Explanation("""\
A type of the kernel's can't be taken from its BTF: C for BPF has no declaration with that layout
and those names, or it is made of too many types. Declare the members that you need.
As a warning: the kernel has several types of that name, which differ. The first is taken. Which of
them a vmlinux.h calls by the name depends on its tool; the others have a number there.
"""),
    "target": Explanation(
        """\
`target kernel >= VERSION;` says which kernels the maps must work on, `target libbpf >= VERSION;`,
`target cilium >= VERSION;` (cilium/ebpf) and `target aya >= VERSION;` what must load them. Of the
last two the version may be left out: then it is the newest known. Nothing else can be aimed at, and
a file aims once at each.
A version is two numbers. A third one, that of a stable release, doesn't count, which is a warning.
""",
        "target kernal >= 5.15;\nmap m: array<__u32, __u64>[1];\n",
        "target kernel >= 5.15;\nmap m: array<__u32, __u64>[1];\n",
    ),
}
"""By code."""
