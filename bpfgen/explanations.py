"""What each diagnostic means: for `bpfgen explain CODE`. Only that command asks for it.

Every entry has the meaning, a program that is wrong in this way, and one that is right; the tests
compile both.
"""

from __future__ import annotations

from bpfgen.record import Record


class Explanation(Record):
    """What one code means.

    Attributes:
        meaning: A paragraph or two.
        wrong: A source that gets the diagnostic; empty where no source alone can.
        right: The same without it; empty where there is nothing to show.
    """

    meaning: str
    wrong: str = ""
    right: str = ""


EXPLANATIONS: dict[str, Explanation] = {
    # The command line, files, the compiler.
    "usage": Explanation("""\
The command line makes no sense as it stands. `bpfgen --help` lists commands and options.
"""),
    "file": Explanation("""\
A file named on the command line could not be read or written; the message has the reason of the
operating system. An output that could not be written whole was not changed.
"""),
    "encoding": Explanation("""\
A source is text in UTF-8. A byte that no UTF-8 text has at this place, or a NUL byte, means that
the file is in another encoding (Latin-1, UTF-16) or is no text at all.
"""),
    "tool-missing": Explanation("""\
What was asked for needs a C compiler with the bpf target: objects, verification that was asked
for, and files that include C headers, whose types only the compiler knows.

bpfgen takes --clang PATH, else what BPFGEN_CLANG names, else the newest `clang` or `clang-NN` on
the PATH, else the clang of the Python package ziglang, which `pip install 'bpfgen[clang]'` brings.
"""),
    "unverified": Explanation("""\
A header was written without having been compiled and read back, since there is no clang with the
bpf target. It is what bpfgen means to be right, and nothing has proven it.

  apt install clang              or
  pip install 'bpfgen[clang]'    makes verification possible
  --no-verify                    says that none is wanted
  --verify                       makes a missing clang an error
"""),
    "clang": Explanation("""\
The C that bpfgen wrote did not please clang, or a C header that the file includes did not. The
message is clang's own, at the declaration that it is about. Where no `include` is involved,
bpfgen is wrong: please report it with the source.
"""),
    "object-format": Explanation("""\
The object that the compiler wrote can't be read back: it is damaged, or it is no BPF object with
BTF. Was the compiler replaced by a wrapper (--clang, BPFGEN_CLANG) that writes something else?
"""),
    "libbpf-open": Explanation("""\
A note, not a fault: the object is what the source says, but libbpf 1.0 and later can't open it by
itself. It dropped legacy maps, it doesn't read the initializer style, and a map or program that is
defined elsewhere has to be linked in first: `bpftool gen object linked.o a.o b.o`.
"""),
    "libbpf-refuses": Explanation("""\
`bpfgen inspect` read an object that libbpf 1.0 and later would not open: it stops at the first
thing that it doesn't like, in the object or in a map of it, often with `-22` and few words. The
message says what that is. The maps are shown all the same, as far as they can be read.
"""),
    # The text.
    "empty": Explanation(
        """\
The file declares nothing, so that there is nothing to write. A file may consist of imports alone,
or of types without a map.
""",
        "/* nothing here yet */\n",
        "struct key { __u32 id; };\n",
    ),
    "syntax": Explanation(
        """\
The text isn't of the language at this place; the message says what could stand there. Reading goes
on at the next declaration, so that one run tells every such mistake.
""",
        "map counters: array<__u32, __u64>[64;\n",
        "map counters: array<__u32, __u64>[64];\n",
    ),
    "nesting": Explanation(
        """\
Brackets, and types within types, go 200 levels deep at most. No program that a person reads comes
near it; the limit keeps a damaged or hostile file from exhausting the stack.
""",
        f"const DEEP = {'(' * 300}1{')' * 300};\n",
        "const FLAT = (1);\n",
    ),
    "line-too-long": Explanation("""\
A line of more than a million characters was not written by a person, and no editor or message can
show it. Break it.
"""),
    "preprocessor": Explanation(
        """\
Lines that begin with `#` are for the C preprocessor, and this language has none. A struct can be
pasted from C as it is, but what the preprocessor would have done must be said in the language.
""",
        "#define MAX 16\nmap m: array<__u32, __u64>[16];\n",
        "const MAX = 16;\nmap m: array<__u32, __u64>[MAX];\n",
    ),
    "allowance": Explanation(
        """\
A comment that begins `// bpfgen:` turns a diagnostic off, on its line and the one below. It has one
form, and the reason is not optional: it is for the next reader.
""",
        "// bpfgen: allow key-size-conflict\nmap m: array<__u32, __u64>[1];\n",
    ),
    "unused-allowance": Explanation(
        """\
A `// bpfgen: allow …` comment turns off a diagnostic that isn't there. The code is misspelt, the
comment stands in the wrong place, or the reason for it is gone.
""",
        (
            "// bpfgen: allow key-size-conflict because an old loader wants 8\n"
            "map m: array<__u32, __u64>[1];\n"
        ),
        "map m: array<__u32, __u64>[1];\n",
    ),
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
    "target": Explanation(
        """\
`target kernel >= VERSION;` says which kernels the maps must work on. Nothing but a kernel can be
aimed at, and a file aims once.
""",
        "target kernal >= 5.15;\nmap m: array<__u32, __u64>[1];\n",
        "target kernel >= 5.15;\nmap m: array<__u32, __u64>[1];\n",
    ),
    # Names.
    "duplicate-name": Explanation(
        """\
Two declarations give the same name. Maps, constants, enumerators, typedefs and programs share one
space of names, as in C; struct, union and enum tags, and templates, share another.
""",
        "map flows: array<__u32, __u64>[1];\nmap flows: array<__u32, __u64>[2];\n",
        "map flows: array<__u32, __u64>[1];\nmap flows_v6: array<__u32, __u64>[2];\n",
    ),
    "duplicate-member": Explanation(
        """\
Two members of a struct or union have the same name. The members of an anonymous struct or union
inside count as its own.
""",
        "struct s { int a; union { int a; int b; }; };\nmap m: array<__u32, s>[1];\n",
        "struct s { int a; union { int c; int b; }; };\nmap m: array<__u32, s>[1];\n",
    ),
    "reserved-word": Explanation(
        """\
The name is a keyword of C (or a word that C compilers treat as one), so that the generated header
could not use it.
""",
        "map while: array<__u32, __u64>[1];\n",
        "map while_: array<__u32, __u64>[1];\n",
    ),
    "declaration": Explanation(
        """\
A declaration of C that declares nothing, or that can't stand here: variables and function bodies
belong into C.
""",
        "int counter;\nmap m: array<__u32, __u64>[1];\n",
        "map counter: array<__u32, int>[1];\n",
    ),
    "unknown-definition": Explanation("""\
`-D NAME=VALUE` replaces the value of a `const` of the file, and there is none of that name. It has
no effect on macros of C headers.
"""),
    "tag-kind": Explanation(
        """\
A tag was declared as one of struct, union and enum and is used as another.
""",
        "struct flow { int a; };\nmap m: array<__u32, union flow>[1];\n",
        "struct flow { int a; };\nmap m: array<__u32, struct flow>[1];\n",
    ),
    # Constants.
    "unknown-constant": Explanation(
        """\
No constant, enumerator or included macro has this name. Constants may be used before their
declaration, and the names of the kernel's flags (BPF_F_NO_PREALLOC …) are built in.
""",
        "map m: array<__u32, __u64>[MAX_FLOWS];\n",
        "const MAX_FLOWS = 16;\nmap m: array<__u32, __u64>[MAX_FLOWS];\n",
    ),
    "not-a-constant": Explanation(
        """\
The name is there, but it names something that has no value: a map, a type, a program.
""",
        "map a: array<__u32, __u64>[1];\nmap b: array<__u32, __u64>[a];\n",
        "const N = 1;\nmap a: array<__u32, __u64>[N];\nmap b: array<__u32, __u64>[N];\n",
    ),
    "recursive-constant": Explanation(
        """\
The value of the constant is defined by itself, over one or more others.
""",
        "const A = B + 1;\nconst B = A - 1;\n",
        "const A = B + 1;\nconst B = 1;\n",
    ),
    "integer-literal": Explanation(
        """\
The number is none that C would read: over 64 bits, a digit that its base doesn't have (a leading 0
means octal), an unknown suffix, or a floating constant.
""",
        "const A = 089;\n",
        "const A = 89;\n",
    ),
    "character-literal": Explanation(
        """\
A character constant holds one byte: a character of ASCII or one of C's escapes.
""",
        "const A = '';\n",
        "const A = '\\n';\n",
    ),
    "constant-overflow": Explanation(
        """\
The result doesn't fit in the type that C computes in. `int` has 32 bits, and an expression of
`int`s stays one; C calls the overflow undefined. A suffix on one operand makes all of it wider.
""",
        "const A = 0x7fffffff + 1;\n",
        "const A = 0x7fffffffU + 1;\n",
    ),
    "shift-range": Explanation(
        """\
A shift by more bits than the type has, by a negative count, or of a bit out of a signed type; all
three are undefined in C. `1U << 31` and `1ULL << 40` say what is meant.
""",
        "const A = 1 << 31;\n",
        "const A = 1U << 31;\n",
    ),
    "division-by-zero": Explanation(
        """\
The right side of `/` or `%` is zero.
""",
        "const A = 16 / (4 - 4);\n",
        "const A = 16 / 4;\n",
    ),
    "expression": Explanation("""\
An operand, an operator or a parenthesis of a constant expression is missing.
"""),
    "cast": Explanation(
        """\
A constant can be cast to an integer type, and to no other.
""",
        "struct s { int a; };\nconst A = (struct s)1;\n",
        "const A = (__u8)1;\n",
    ),
    # Types.
    "unknown-type": Explanation(
        """\
No type has this name: it is declared nowhere in the file, its imports and includes, and it is no
type that is built in (the kernel's integers, <stdint.h>'s, the UAPI types that maps use).
""",
        "map m: hash<flow_key, __u64>[1];\n",
        "struct flow_key { __u32 saddr; };\nmap m: hash<flow_key, __u64>[1];\n",
    ),
    "incomplete-type": Explanation(
        """\
The type is declared but nowhere defined, and here its size is needed: it is held by value, or
`sizeof` asks for it. A pointer to it needs no definition.
""",
        "struct ctx;\nstruct s { struct ctx c; };\nmap m: array<__u32, s>[1];\n",
        "struct ctx;\nstruct s { struct ctx *c; };\nmap m: array<__u32, s>[1];\n",
    ),
    "recursive-type": Explanation(
        """\
The type holds itself by value, directly or through others, so that it would have no end.
""",
        "struct node { struct node next; };\nmap m: array<__u32, node>[1];\n",
        "struct node { struct node *next; };\nmap m: array<__u32, node>[1];\n",
    ),
    "recursive-map": Explanation(
        """\
A template is its own inner map. The kernel allows maps in maps one level deep.
""",
        "template t: array_of_maps<__u32, t>[1];\nmap m: t;\n",
        "template t: array<__u32, __u64>[1];\nmap m: array_of_maps<__u32, t>[1];\n",
    ),
    "type-words": Explanation(
        """\
The words before a declarator don't make a type of C together.
""",
        "struct s { unsigned float f; };\nmap m: array<__u32, s>[1];\n",
        "struct s { unsigned int f; };\nmap m: array<__u32, s>[1];\n",
    ),
    "type-size": Explanation(
        """\
The type is larger than C, or BTF's 32 bits, can say.
""",
        "struct s { char c[0x40000000][64]; };\nmap m: array<__u32, s>[1];\n",
        "struct s { char c[64]; };\nmap m: array<__u32, s>[1];\n",
    ),
    "array-length": Explanation(
        """\
The length of an array is a constant that is not negative and fits in 32 bits.
""",
        "struct s { char c[2 - 3]; };\nmap m: array<__u32, s>[1];\n",
        "struct s { char c[3]; };\nmap m: array<__u32, s>[1];\n",
    ),
    "array-element": Explanation(
        """\
The elements of an array are objects with a size: C has no arrays of functions, and of several
dimensions only the first may be left out.
""",
        "struct s { int n; int v[4][]; };\nmap m: array<__u32, s>[1];\n",
        "struct s { int n; int v[4][2]; };\nmap m: array<__u32, s>[1];\n",
    ),
    "flexible-array": Explanation(
        """\
An array without a length takes what lies behind the struct, so that only the last member can be
one, and not the only one. As the value of a map it has no size, and nothing fits behind it.
""",
        "struct s { char tail[]; int n; };\nmap m: array<__u32, s>[1];\n",
        "struct s { int n; char tail[]; };\nmap m: ringbuf<s>[64 KiB];\n",
    ),
    "member-function": Explanation(
        """\
A member can't be a function, but it can be a pointer to one.
""",
        "struct s { int run(void); };\nmap m: array<__u32, s>[1];\n",
        "struct s { int (*run)(void); };\nmap m: array<__u32, s>[1];\n",
    ),
    "bit-field-type": Explanation(
        """\
A bit-field is of an integer type, `bool` or an enum.
""",
        "struct s { float f : 3; };\nmap m: array<__u32, s>[1];\n",
        "struct s { unsigned int f : 32; };\nmap m: array<__u32, s>[1];\n",
    ),
    "bit-field-width": Explanation(
        """\
A bit-field is no wider than its type, and one with a name has a bit at least; `: 0` without a name
ends the unit.
""",
        "struct s { __u8 f : 9; };\nmap m: array<__u32, s>[1];\n",
        "struct s { __u16 f : 9, g : 7; };\nmap m: array<__u32, s>[1];\n",
    ),
    "enum-base": Explanation(
        """\
The base type of an enum, behind the colon, is an integer type.
""",
        "enum e : float { A };\n",
        "enum e : __u8 { A };\n",
    ),
    "enum-range": Explanation(
        """\
The value of an enumerator doesn't fit in the base type of its enum. An enumerator without a value
is one more than the one before it.
""",
        "enum e : __u8 { A = 255, B };\n",
        "enum e : __u16 { A = 255, B };\n",
    ),
    "attribute": Explanation(
        """\
An attribute of C (`__attribute__((…))`, `__aligned(n)`, `__packed` …) has an argument that makes no
sense, or stands where it can't.
""",
        "struct s { int a; } __attribute__((btf_decl_tag(1)));\nmap m: array<__u32, s>[1];\n",
        'struct s { int a; } __attribute__((btf_decl_tag("x")));\nmap m: array<__u32, s>[1];\n',
    ),
    "alignment": Explanation(
        """\
An alignment is a power of two, of bytes.
""",
        "struct s { int a; } __attribute__((aligned(3)));\nmap m: array<__u32, s>[1];\n",
        "struct s { int a; } __attribute__((aligned(4)));\nmap m: array<__u32, s>[1];\n",
    ),
    # Maps.
    "map-kind": Explanation(
        """\
No map kind, and no template, has this name; `bpfgen kinds` lists the kinds, which have libbpf's
names. Or it is a kind that can't be defined as a map in an object.
""",
        "map m: hsah<__u32, __u64>[1];\n",
        "map m: hash<__u32, __u64>[1];\n",
    ),
    "type-arguments": Explanation(
        """\
A map takes the types of its key and its value: `hash<K, V>`. A ring buffer or perf event array
takes the one type of its records, a map of maps the key and the inner map.
""",
        "map m: hash<__u32, __u64, __u64>[1];\n",
        "map m: hash<__u32, __u64>[1];\n",
    ),
    "unknown-attribute": Explanation(
        """\
A map has no attribute of this name. They have libbpf's names: key, value, key_size, value_size,
max_entries, map_flags, numa_node, map_extra, pinning. With --relax-compat it is a warning, and the
attribute is left out, as libbpf does with its option of that name.
""",
        "map m: hash<__u32, __u64>[1] { map_flag = 1; };\n",
        "map m: hash<__u32, __u64>[1] { map_flags = 1; };\n",
    ),
    "attribute-twice": Explanation(
        """\
An attribute is given twice. `<K, V>` and `[N]` are short for `key`, `value` and `max_entries`.
""",
        "map m: hash<__u32, __u64>[1] { max_entries = 2; };\n",
        "map m: hash<__u32, __u64>[1];\n",
    ),
    "attribute-range": Explanation(
        """\
The value doesn't fit: attributes are 32-bit numbers without a sign in union bpf_attr (map_extra has
64 bits). C would cut the value silently: `max_entries = 0x100000000` becomes 0.
""",
        "map m: hash<__u32, __u64>[0x100000000];\n",
        "map m: hash<__u32, __u64>[0x1000000];\n",
    ),
    "key-size-conflict": Explanation(
        """\
`key_size` and the type of the key disagree. libbpf refuses such a map. Where a type is given, its
size needn't be said.
""",
        "map m: hash<__u32, __u64>[1] { key_size = 8; };\n",
        "map m: hash<__u32, __u64>[1];\n",
    ),
    "value-size-conflict": Explanation(
        """\
`value_size` and the type of the value disagree. libbpf refuses such a map. Where a type is given,
its size needn't be said.
""",
        "map m: hash<__u32, __u64>[1] { value_size = 4; };\n",
        "map m: hash<__u32, __u64>[1];\n",
    ),
    "pinning": Explanation(
        """\
`pinning` is `by_name` or `none`: LIBBPF_PIN_BY_NAME and LIBBPF_PIN_NONE.
""",
        "map m: hash<__u32, __u64>[1] { pinning = yes; };\n",
        "map m: hash<__u32, __u64>[1] { pinning = by_name; };\n",
    ),
    "runtime": Explanation(
        """\
`runtime` says that a loader sets the attribute between open and load. libbpf has setters for
key_size, value_size, max_entries, map_flags, map_extra and numa_node, and for no other.
""",
        "map m: hash<__u32, __u64>[1] { pinning = runtime; };\n",
        "map m: hash<__u32, __u64>[runtime];\n",
    ),
    "template-attribute": Explanation(
        """\
A use of a template may add attributes and never change one, so that the template says the truth
about all its maps.
""",
        "template t: hash<__u32, __u64>[8];\nmap m: t[16];\n",
        "template t: hash<__u32, __u64>;\nmap m: t[16];\n",
    ),
    "inner-map": Explanation(
        """\
The inner map of `array_of_maps` and `hash_of_maps` is a map kind with its types and sizes, a
template, or left out; it can't be a type, have slots or be a map of maps itself.
""",
        "struct s { int a; };\nmap m: array_of_maps<__u32, s>[4];\n",
        "map m: array_of_maps<__u32, array<__u32, __u64>[1]>[4];\n",
    ),
    "slots": Explanation(
        """\
Only maps of maps and prog_array have initial values.
""",
        "map a: array<__u32, __u64>[1];\nmap m: array<__u32, __u64>[1] = { [0] = a };\n",
        (
            "template t: array<__u32, __u64>[1];\nmap a: t;\n"
            "map m: array_of_maps<__u32, t>[1] = { [0] = a };\n"
        ),
    ),
    "slot-range": Explanation(
        """\
The slot isn't there: slots count from 0 to max_entries - 1.
""",
        (
            "template t: array<__u32, __u64>[1];\nmap a: t;\n"
            "map m: array_of_maps<__u32, t>[2] = { [2] = a };\n"
        ),
        (
            "template t: array<__u32, __u64>[1];\nmap a: t;\n"
            "map m: array_of_maps<__u32, t>[3] = { [2] = a };\n"
        ),
    ),
    "slot-twice": Explanation(
        """\
A slot is given twice; C would silently take the last.
""",
        (
            "template t: array<__u32, __u64>[1];\nmap a: t;\n"
            "map m: array_of_maps<__u32, t>[2] = { [0] = a, [0] = a };\n"
        ),
        (
            "template t: array<__u32, __u64>[1];\nmap a: t;\n"
            "map m: array_of_maps<__u32, t>[2] = { [0] = a, [1] = a };\n"
        ),
    ),
    "slot-target": Explanation(
        """\
A slot of a map of maps holds a map, one of prog_array a program that is declared:
`int handle(struct __sk_buff *skb);`.
""",
        "map jumps: prog_array[4] = { [0] = handle };\n",
        "int handle(struct __sk_buff *skb);\nmap jumps: prog_array[4] = { [0] = handle };\n",
    ),
    "legacy-attribute": Explanation(
        """\
`struct bpf_map_def` of section "maps" has type, key_size, value_size, max_entries and map_flags.
What else a map can have needs the BTF-defined form: leave out `legacy`.
""",
        "legacy map m: hash<__u32, __u64>[1] { pinning = by_name; };\n",
        "map m: hash<__u32, __u64>[1] { pinning = by_name; };\n",
    ),
    "initializer-style": Explanation("""\
`--style initializer` writes maps as libbpf's first version of BTF-defined maps had them, as structs
with initial values. That form has no `values`, `map_extra` and `pinning`; `--style modern` does.
"""),
}
"""By code, in the order of the pipeline; verification has its own beside its code."""


def explanations() -> dict[str, Explanation]:
    """Return the explanation of every code."""
    from bpfgen.imported.explanations import EXPLANATIONS as IMPORT
    from bpfgen.rules.manual import pages
    from bpfgen.rules.type_explanations import EXPLANATIONS as TYPES
    from bpfgen.verify.explanations import EXPLANATIONS as VERIFICATION

    return {**EXPLANATIONS, **pages(), **TYPES, **VERIFICATION, **IMPORT}
