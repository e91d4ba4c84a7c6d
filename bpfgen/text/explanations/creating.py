"""What is said of maps that are made in the running kernel."""

from __future__ import annotations

from bpfgen.text.explanation import Explanation

EXPLANATIONS: dict[str, Explanation] = {
    "map-refused": Explanation("""\
The running kernel doesn't take a map of the source, and `bpfgen create` makes none of them. The
message has its errno and the kernel's functions that look at such a map; after it comes what the
rules say of the map where the target is this kernel. What they say was allowed in the source, or is
a warning for other kernels, or is of something that only the machine decides, as a NUMA node or the
memory that there is.

Where no rule knew it, that is worth a report.
"""),
    "types-refused": Explanation("""\
The running kernel takes a map, but not the types of its key and value. libbpf then makes the map
without types, and so does `bpfgen create`: it works, tools show bytes, and no program can use a
lock or a timer in its values. The message has the errno, and the kernel's own words about types
that it refuses for all maps.

A local storage can't be made without types, and is refused then.

The note is of a kernel that doesn't know a kind of type, like a float or an enum of 64 bits: an
older kind stands for it, so that the map has types, and they say less.
"""),
    "pin-refused": Explanation("""\
A map can't be pinned where it is to be: another map, a program or a link is pinned there, or the
directory is in no BPF filesystem, or a name on the way has a dot, which Linux takes in none of
them. One run at a time pins in such a filesystem; somebody else may keep it locked (flock).

A map that is there already is taken for the one of the source if kind, sizes, entries, flags and
`map_extra` are the same: so libbpf decides (map_is_reuse_compat), and so do loaders that come
later. Anything else is left alone.
"""),
    "pin-reused": Explanation("""\
A map was pinned already where one of the source is to be, and is what libbpf would take for it. It
is left as it is, with what is in it, and slots aren't filled again.

The warning says in what it isn't as the source declares it, which `bpfgen verify` says in full, or
that its types aren't known: it was made without, or one may not read them. libbpf doesn't look at
types, so that programs would read the old layout as the new one, and find no lock or timer in a map
without types.
"""),
    "not-made": Explanation("""\
Something of the source isn't in the kernel afterwards: an `extern` map, which another object
defines; a slot that names a program, since `bpfgen create` loads none, or a map that isn't made.
The error says that the source defines no map at all.
"""),
    "map-gone": Explanation("""\
The kernel drops a map that nothing holds: no pin, no process, no program, no other map. When
`bpfgen create` ends, only what is pinned stays, and what is in a slot of a map that is pinned.

`--pin-dir DIR` pins all maps of the source in a directory of a BPF filesystem; `pinning = by_name`
has one map pinned in /sys/fs/bpf, by libbpf too. `--dry-run` is for who wants to know whether the
kernel takes the maps.
"""),
}
