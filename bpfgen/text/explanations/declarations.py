"""What the codes of names, constants and types mean, for `bpfgen explain`."""

from __future__ import annotations

from bpfgen.text.explanation import Explanation

EXPLANATIONS: dict[str, Explanation] = {
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
    "hidden-tag": Explanation(
        """\
A name by itself is the typedef of that name where there is one, in C as here, and only else the
struct, union or enum that has it for a tag. Here there are both, and they are different types; the
typedef may come from a header that is included.
""",
        "typedef int flow;\nstruct flow { int a; };\nmap m: array<__u32, flow>[1];\n",
        "typedef int flow;\nstruct flow { int a; };\nmap m: array<__u32, struct flow>[1];\n",
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
        "struct knot { struct knot next; };\nmap m: array<__u32, knot>[1];\n",
        "struct knot { struct knot *next; };\nmap m: array<__u32, knot>[1];\n",
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
An array without a length takes what comes after the struct, so that only the last member can be
one, and not the only one. As the value of a map it has no size, and nothing fits after it.
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
The base type of an enum, after the colon, is an integer type.
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
sense, or stands where it can't; or it changes the layout in a way that isn't understood here, as
`vector_size` and `ms_struct` do. docs/language.md lists what is understood and what is left out.
""",
        "struct s { int a; } __attribute__((btf_decl_tag(1)));\nmap m: array<__u32, s>[1];\n",
        'struct s { int a; } __attribute__((btf_decl_tag("x")));\nmap m: array<__u32, s>[1];\n',
    ),
    "ignored-attribute": Explanation(
        """\
An attribute of C says nothing about layout or BTF (`unused`, `deprecated`, `may_alias` …), or says
it where C ignores it (`packed` after the name of a typedef). The output doesn't have it.
""",
        "typedef struct { __u8 a; __u32 b; } s __packed;\nmap m: array<__u32, s>[1];\n",
        "typedef struct { __u8 a; __u32 b; } __packed s;\nmap m: array<__u32, s>[1];\n",
    ),
    "alignment": Explanation(
        """\
An alignment is a power of two, of bytes.
""",
        "struct s { int a; } __attribute__((aligned(3)));\nmap m: array<__u32, s>[1];\n",
        "struct s { int a; } __attribute__((aligned(4)));\nmap m: array<__u32, s>[1];\n",
    ),
}
