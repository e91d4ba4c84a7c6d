"""What the codes of `bpfgen import` mean, for `bpfgen explain`."""

from __future__ import annotations

from bpfgen.text.explanation import Explanation

EXPLANATIONS: dict[str, Explanation] = {
    code: Explanation(text)
    for code, text in {
        "import-map": """\
A map, or a type that maps need, can't be declared in a source, and import went on without it. The
message says why: an unknown map type, a name that C doesn't have, members that overlap, a value of
`pinning` that means nothing, types that BTF has lost.
""",
        "import-name": """\
A name of the object can't be used, and another one stands in its place. C has one type of a name in
a file, and a statically linked object may have two; compilers of other languages have names that C
has not; a name of the kernel's headers can't be declared again. A typedef that is another integer
in the C than the one that is built in (`pid_t`) is written out. Layouts are the same all the same.
""",
        "import-type": """\
A part of a type is lost: a tag with characters that a source can't have, an attribute that only
BTF of Linux 6.15 says, a struct that nothing in C can lay out like this. The message names it.
""",
        "import-slot": """\
A slot of a map of maps or prog_array holds something that the source can't name: a static function
without a symbol, a place inside a map, a map that was left out.
""",
        "import-lost": """\
The map is declared, and something that the object says beside its definition is not: members that a
loader of its own reads after `struct bpf_map_def`, `static`, `values` without any program. Of a C
file, notes say what was not read or not checked: maps in branches that aren't active, headers that
weren't found, a file that doesn't compile here.
""",
        "import-rule": """\
A note: the object breaks a rule, so that the source says that it may. An imported source compiles
back to the object as it is, right or wrong; each `// bpfgen: allow` in it is a place to look at.
""",
        "import-refused": """\
A note: libbpf refuses the map as it stands in the object, and says why. The source has the same
definition in the form that bpfgen writes, which libbpf may well accept.
""",
        "import-context": """\
A header of maps means what it means in the programs that include it. A map or type of it that isn't
the same in all of them, since they define other macros before, stands in the source of each program
that has it, not in the header's; `-D` decides otherwise, and so does an `#if` that all agree about.
Headers that need each other have one source. With `--in`, the program has to include the header.
""",
        "import-style": """\
A note: the map is written in another form. Its numbers stand in the data of the section, as in the
first proposal of BTF-defined maps: the same object comes out with `--style initializer`. Or the
value of a ringbuf or perf_event_array is the type of its records, as cilium/ebpf takes it, whereas
libbpf hands its size on and the kernel refuses the map: the source is `ringbuf<T>`.
""",
        "import-difference": """\
The source was compiled and held against the object, as verification does, and this is not the
same. The maps compile, but the difference matters to whoever relies on it. Of C it is an error, so
that no source is left that declares something else: `#pragma pack(2)` is one way to get there.
Compile the C then, and import the object. Where nothing else is said about it, bpfgen could have
done better: please report it with the object.
""",
        "replace-nothing": """\
A note: the file defines no map, or includes a generated header that has all of them already. It
stays as it is.
""",
        "replace-place": """\
A map is defined where `import --replace` can't cut it out. It stands in a header that other
programs may include, under a condition that the source doesn't have, or somewhere in what a macro
makes. Or it, or a type or constant, depends on a macro that a build decides (an `#if` around it, in
it, or around what defines its constants), and the source has one case of that: -D and -U say what
all builds have. Or the header that would be written can't be included by its name. The file stays
as it is.
""",
        "replace-shared": """\
A macro makes a map and something else, a function perhaps, or a declaration defines a map that the
source has and one that it hasn't. Whoever cuts one cuts the other. The file stays as it is; write
the definition apart from what goes with it, and replace then.
""",
        "replace-exists": """\
The source or the header that would be written exists, and says something else: it may have been
edited. The file stays as it is. Take the other away, or name another one with -o.
""",
        "replace-unproved": """\
`import --replace` compiles a program before and after, and this one doesn't compile as it is, so
that nothing can be proved. It stays as it is, and so do headers that it includes: a note says
which. The message has what clang says first; a header that isn't found wants -I, a macro of the
build -D, another flag --clang-arg.
""",
        "replace-difference": """\
The program was compiled as it is, and as it would be, with the same flags, and the two objects are
not the same: a map, an instruction, data, or a type that programs or loaders look at. The message
names the first difference, and the function that it is in. Line numbers, debug information and the
order of types don't count. What made the difference stays as it is: the program's own definitions,
or those of a header that it includes.
""",
        "replace-constant": """\
The program defines this constant only where nobody has: `#ifndef N`. A build may give it with -D,
and a source has constants of its own, so that the generated header would say one value whatever
the build gives. The file stays as it is. Where all builds agree, say so: -D N=VALUE, or -U N if
none gives it. Otherwise write the source by hand, with N as a constant, and give -D to bpfgen.
""",
        "replace-left": """\
A file stays as it is since it needs another that does: its source imports that one's, or has
something of it. Or only the definitions that were cut out have used a macro, which stays where
a comment speaks of it, or a condition encloses it; take it out by hand if nobody else needs it.
""",
    }.items()
}
