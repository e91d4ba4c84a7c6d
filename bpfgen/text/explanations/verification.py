"""What the codes of verification mean, for `bpfgen explain`."""

from __future__ import annotations

from bpfgen.text.explanation import Explanation

_BOTH = """\
The message says both sides; the notes say where the declared one stands in the source, and which
BTF type and which bytes of the object are the emitted one, or which running map it is.
"""

_CAUSE = """\
Where bpfgen made the object itself, the compiler and bpfgen disagree: a header that the file
includes may redefine a name, or one of the two is wrong. Where `bpfgen verify` looks at your own
object, or at a running map, it and the source were made at different times or by different hands.
"""

EXPLANATIONS: dict[str, Explanation] = {
    code: Explanation(f"{text}\n{_BOTH}\n{_CAUSE}")
    for code, text in {
        "verify-object": "The file is no BPF object, or has no BTF.\n",
        "verify-variant": (
            "The source has `when` over macros, nothing says what these are, and the object is\n"
            "none of the variants that were tried. The differences are those from the nearest.\n"
            "Say with -D NAME=VALUE and -U NAME what the program was compiled with.\n"
        ),
        "verify-byteorder": "The object has another byte order than `--target` asks for.\n",
        "verify-missing-map": (
            "A map is declared, and the object has no map of that name; or it is declared to be\n"
            "pinned by its name, and isn't in the directory of pins; or `--map` names a map that\n"
            "isn't declared.\n"
        ),
        "verify-extra-map": (
            "The object has a map that isn't declared, or data that libbpf makes a map of; or the\n"
            "source has no map of the name of a running one. The kernel keeps 15 bytes of a name.\n"
            "Where the running map is one of another name, `--map NAME` says which.\n"
        ),
        "verify-name": (
            "The kernel keeps 15 bytes of a map's name, and several maps of the source begin with\n"
            "those of the running one. `--map NAME` says which it is; so does its pin, where the\n"
            "file is called like one of them.\n"
        ),
        "verify-extra-section": (
            "The object that bpfgen made has code, or a section with contents, that nothing\n"
            "declares: a header that isn't the source's came in, by its name or by an option.\n"
        ),
        "verify-section": "A map is in section `maps` instead of `.maps`, or the reverse.\n",
        "verify-linkage": "A map is global, weak, extern or static where another was declared.\n",
        "verify-kind": "A map has another type (BPF_MAP_TYPE_…) than declared.\n",
        "verify-attribute": (
            "An attribute of a map (max_entries, map_flags, …) has another value than declared\n"
            "or filled in, is missing, or is there although nothing declares it. An absent\n"
            "attribute, one of value 0 and `runtime` are three things; for the first and the last\n"
            "nothing may be emitted.\n"
        ),
        "verify-key-type": "The type of a map's keys isn't what was declared.\n",
        "verify-value-type": "The type of a map's values isn't what was declared.\n",
        "verify-inner": "The definition of the maps in a map of maps isn't what was declared.\n",
        "verify-slot": (
            "A slot of a map of maps or a prog_array holds another map or program than declared.\n"
        ),
        "verify-record": (
            "The type of a ring buffer's records, which the map's definition or a variable\n"
            "`bpfgen_record_<map>` keeps in BTF, isn't what was declared.\n"
        ),
        "verify-type": (
            "A type that no map holds by itself, but that the kernel looks for by its name, isn't\n"
            "what was declared.\n"
        ),
        "verify-program": "The prototype of a program isn't what was declared.\n",
        "verify-btf": (
            "The kernel would refuse the object's BTF; libbpf then loads the maps without types.\n"
        ),
        "verify-forward": (
            "A type is declared with its members, and the object has only its name. libbpf can't\n"
            "size such a key or value, and the kernel ignores such a `__kptr`.\n"
        ),
        "verify-datasec": (
            "BTF, the symbol table and the section disagree about where a map is or how large.\n"
        ),
        "verify-definition": "The variable of a map has another type than a map's definition.\n",
        "verify-more": "A map has more differences than are worth telling.\n",
    }.items()
} | {
    "byte-order": Explanation("""\
`bpfgen dump MAP FILE` reads a map with the types of a source, and the kernel knows of a number
there that it is big-endian or little-endian (`__be32` and the like), which the source doesn't say,
or says otherwise. The number that is printed is another one than by the kernel's types:
16777226 for the address 10.0.0.1. Declare it as the kernel has it, or leave the source out.
"""),
    "verify-uncompared": Explanation("""\
The types of a running map, or the definition of the maps in it, weren't compared with the source:
one may not read them, or the map was made without types that the kernel keeps for its kind. All
else was compared, sizes among it, and the exit status is 0; that a member has another meaning is
not noticed. -Werror=verify-uncompared makes that a failure, as CI may want it.

To read types takes CAP_SYS_ADMIN. What no running map shows, pinning say, is listed without a
warning.
"""),
}
"""By code."""
