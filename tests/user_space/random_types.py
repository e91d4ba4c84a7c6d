"""Sources with random types in which everything is that the language has, by the thousand.

Each declaration is text, and comes in two spellings. The *source* is the language, and C for clang.
The *host* spelling is for compilers that are neither: where an enum has a base type, which gcc 12
doesn't know, it has that integer, and `double` where BPF's `long double` is one. Nothing here comes
from what bpfgen writes.
"""

from __future__ import annotations

import random
import re
from typing import TYPE_CHECKING, NamedTuple

from bpfgen.ctype.types import LONG_DOUBLE, Enum, Float
from tests.strategies import CText, many_composites

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bpfgen.ctype.types import Type

PRELUDE = """\
typedef signed char __s8; typedef unsigned char __u8; typedef short __s16;
typedef unsigned short __u16; typedef int __s32; typedef unsigned int __u32;
typedef long long __s64; typedef unsigned long long __u64;
typedef __u16 __le16, __be16, __sum16; typedef __u32 __le32, __be32, __wsum;
typedef __u64 __le64, __be64;
typedef __s8 s8; typedef __u8 u8; typedef __s16 s16; typedef __u16 u16;
typedef __s32 s32; typedef __u32 u32; typedef __s64 s64; typedef __u64 u64;
struct bpf_spin_lock { __u32 val; };
struct bpf_timer { __u64 : 64; __u64 : 64; } __attribute__((aligned(8)));
struct bpf_wq { __u64 __opaque[2]; } __attribute__((aligned(8)));
struct bpf_refcount { __u32 __opaque[1]; } __attribute__((aligned(4)));
#ifndef __cplusplus
#define bool _Bool
#endif
#define __kptr
#define __uptr
"""
"""What the sources take for granted, as linux/types.h and linux/bpf.h have it."""

INTEGERS = (
    *("char", "signed char", "unsigned char", "short", "unsigned short", "int", "unsigned int"),
    *("long", "unsigned long", "long long", "unsigned long long", "__int128", "unsigned __int128"),
    *("__u8", "__s8", "__u16", "__s16", "__u32", "__s32", "__u64", "__s64", "u8", "s16", "u32"),
    *("s64", "__be16", "__be32", "__be64", "__le16", "__le32", "__le64", "__sum16", "__wsum"),
    *("bool", "_Bool"),
)
BASES = ("__u8", "__s8", "__u16", "__s16", "__u32", "__s32", "__u64", "__s64", "unsigned char")
SIZES = {
    "char": 1,
    "signed char": 1,
    "unsigned char": 1,
    "short": 2,
    "unsigned short": 2,
    "int": 4,
    "unsigned int": 4,
    "long": 8,
    "unsigned long": 8,
    "long long": 8,
    "unsigned long long": 8,
    "__int128": 16,
    "unsigned __int128": 16,
    "bool": 0,
    "_Bool": 0,
    "__wsum": 4,
}
"""Bytes, where they aren't in the name."""

KERNEL = ("struct bpf_spin_lock", "struct bpf_timer", "struct bpf_wq", "struct bpf_refcount")
WORDS = (
    # C++, Go, Rust, Python: what is reserved there and not in C.
    *("class", "new", "delete", "template", "this", "namespace", "private", "operator", "virtual"),
    *("type", "func", "map", "range", "var", "chan", "defer", "go", "package", "interface"),
    *("fn", "impl", "match", "self", "Self", "super", "crate", "mut", "ref", "trait", "async"),
    *("def", "lambda", "None", "True", "False", "pass", "from", "import", "is", "not", "yield"),
    *("dyn", "box", "gen", "final", "where", "unsafe", "move", "loop", "let", "mod", "pub", "use"),
    # What the languages' own types and methods are called.
    *("String", "string", "len", "cap", "make", "nil", "error", "any", "byte", "B", "b", "v", "u"),
    *("default", "clone", "eq", "fmt", "drop", "as_bytes", "from_bytes", "value", "raw", "bits"),
    *("mro", "_fields_", "_pack_", "__init__", "__class__", "from_buffer", "property", "int_"),
    *("size", "data", "storage", "pad", "_pad0", "_pad1", "_0", "_x", "x", "X", "__x", "x_", "X_"),
    *("HTTP_server", "flow_key", "flowKey", "two__under", "a1", "a_1", "A1b", "_Reserved", "set"),
    *("get", "ctypes", "unsafe_", "binary", "core", "i", "n", "s", "p", "t", "r", "order", "shift"),
)
"""Names of members that a generator could stumble over."""

_WORDS_OF_C = frozenset(("default",))


class Declared(NamedTuple):
    """One declaration at the top of a source.

    Attributes:
        source: In the language.
        host: For any C compiler of this machine.
    """

    source: str
    host: str


class Name(NamedTuple):
    """A type that later declarations may use."""

    text: str
    is_aligned: bool = False
    is_enum: bool = False
    base_size: int = 0


EVERYTHING, FOR_GCC = "everything", "for gcc"
NO_WIDE_BITS, FOR_32_BITS = "no wide bit-fields", "for 32 bits"
"""What random declarations may have in them.

gcc goes ways of its own where the types of `tests.strategies` have attributes in unusual places.
s390x aligns `__int128` to 8 bytes, which nothing makes up for in a bit-field. 32-bit machines have
no such type; `long`, and a pointer into the memory of user space, is smaller there.
"""


def random_declarations(seed: int, count: int, what: str = EVERYTHING) -> list[Declared]:
    """Return about *count* declarations of *what*; each may use those before it."""
    making = _Making(seed, what)
    found: list[Declared] = []
    composites = many_composites(seed, count)
    while len(found) < count:
        if making.chance(3) and what != FOR_GCC:
            spelled = _spelled(next(composites), f"r{len(found)}")
            text = spelled[0].source
            if not _ENUM_WITHOUT_NAME.search(text) and not _LEFT_OUT[what].search(text):
                found += spelled
        else:
            found += making.declarations()
    return found


def awkward_declarations(seed: int) -> list[Declared]:
    """Return types in which names are what goes wrong: each word as some kinds of members."""
    found = [Declared("enum awkward : __u8 { AWKWARD };", "")]
    words: dict[str, str] = {}
    for word in WORDS:
        key = word.replace("_", "").lower()
        if key and word not in _WORDS_OF_C:
            words.setdefault(key, word)
    for turn in range(3):
        members = ""
        for number, word in enumerate(words.values()):
            members += f" {_AWKWARD[(seed + turn + number) % len(_AWKWARD)].format(word)};"
        for kind in ("struct", "union"):
            text = f"{kind} words{turn}_{kind} {{{members} }};"
            found.append(Declared(_pick(text, host=False), _pick(text, host=True)))
    for name in ("union clashes", "struct clashing"):
        text = f"{name} {{ {CLASHES} }};"
        found.append(Declared(text, text))
    return found


CLASHES = """
    char x[3]; __u32 set_x, x_text, x_bytes; __be16 p; __be16 p_uint16; bool y; bool y_bool;
    __u32 set_y_bool; __int128 z; __u64 z_int128, set_set_x; __u32 raw : 3, raw0 : 5, bits0 : 9;
    __u32 raw88, bytes0, pad11, bits60, clone, hash, from, into, from_bytes, bytes;
"""
"""Members that are called as an accessor of another would be."""


def texts(declarations: Sequence[Declared]) -> tuple[str, str]:
    """Return the source, and the same as C for this machine, with what it takes for granted."""
    source = "\n".join(declared.source for declared in declarations)
    host = "\n".join(declared.host for declared in declarations)
    return f"{source}\n", f"{PRELUDE}\n{host}\n"


_LEFT_OUT = {
    EVERYTHING: re.compile(r"(?!)"),
    FOR_GCC: re.compile(r"(?!)"),
    NO_WIDE_BITS: re.compile(r"__int128( \w+)? +:"),
    FOR_32_BITS: re.compile(r"__int128|(?<!long )\blong\b(?! long| double)|__uptr"),
}
_ENUM_WITHOUT_NAME = re.compile(r"[})]  : [0-9]")
"""A bit-field without a name of an enum that is written in its place: not in the language."""


class HostText(CText):
    """Spells types for compilers that know no enums with a base."""

    def declaration(self, type: Type, name: str) -> str:
        """Return the declaration of *name* with *type*, or with one of its size and sign."""
        if isinstance(type, Enum) and type.base is not None:
            aligned = [a.value for a in type.attributes.aligned if a] if type.attributes else []
            if not aligned:
                return self.declaration(type.base, name)
            spelled = f"{self.prefix}b{len(self.lines)}"
            base = self.declaration(type.base, spelled)
            self.lines.append(f"typedef {base} __attribute__((aligned({max(aligned)})));")
            return f"{spelled} {name}"
        if isinstance(type, Float) and type == LONG_DOUBLE:
            return f"double {name}"
        return super().declaration(type, name)


def _spelled(composite: object, tag: str) -> list[Declared]:
    """Return one of the random composites that layouts are proved with, and its typedefs."""
    spellings = []
    for text in (CText(f"{tag}_"), HostText(f"{tag}_")):
        definition = text.definition(composite, tag)  # type: ignore[arg-type] # a Composite
        spellings.append("\n".join([*filter(None, text.lines), definition]))
    return [Declared(*spellings)]


class _Making:
    """Makes declarations; what it has made may be used in the next."""

    def __init__(self, seed: int, what: str) -> None:
        self.random = random.Random(seed)  # noqa: S311 -- test data
        left_out = _LEFT_OUT[what]
        self.tags = [tag for tag in ("__kptr", "__uptr") if not left_out.search(tag)]
        self.integers = [name for name in INTEGERS if not left_out.search(f"{name} x")]
        self.bit_integers = [name for name in INTEGERS if not left_out.search(f"{name} x : 3")]
        self.count = 0
        self.names: list[Name] = []
        self.flexible: list[str] = []
        self.taken: set[str] = set()

    def chance(self, one_in: int) -> bool:
        return self.random.randrange(one_in) == 0

    def number(self) -> int:
        self.count += 1
        return self.count

    def declarations(self) -> list[Declared]:
        what = self.random.randrange(12)
        if what == 0:
            text = self.top_enum()
        elif what == 1:
            text = self.top_typedef()
        elif what == 2:
            text = self.kernel_composite()
        else:
            text = self.top_composite()
        return [Declared(_pick(text, host=False), _pick(text, host=True))]

    def top_name(self, stem: str) -> str:
        shapes = ("{}{}", "{}_{}", "{}_Key{}", "HTTP_{}{}", "_{}{}", "{}{}_t")
        return self.random.choice(shapes).format(stem, self.number())

    def top_enum(self) -> str:
        name = self.top_name("e")
        body, base = self.enum_body()
        if base:
            self.names.append(
                Name(_both(f"enum {name}", base), is_enum=True, base_size=_size(base))
            )
            return _both(f"enum {name} : {base} {body};", "")
        packed = " __attribute__((packed))" if self.chance(4) else ""
        self.names.append(Name(f"enum {name}", is_enum=True))
        return f"enum {name} {body}{packed};"

    def enum_body(self) -> tuple[str, str]:
        """Return an enum's braces, and its base type or nothing."""
        base = self.random.choice(BASES) if self.chance(2) else ""
        if base:
            bits = 8 * _size(base)
            signed = base.startswith("__s")
            least, most = (
                (-(1 << bits - 1), (1 << bits - 1) - 1) if signed else (0, (1 << bits) - 1)
            )
        else:
            least, most = self.random.choice(
                ((0, 5), (0, 2**32 - 1), (-(2**31), 2**31 - 1), (-5, 2**33), (0, 2**64 - 1))
            )
        values = [
            self.random.choice((least, most, 0, 1, self.random.randint(least, most)))
            for _ in range(1 + self.random.randrange(4))
        ]
        named = ", ".join(f"E{self.number()} = {_literal(value)}" for value in values)
        return f"{{ {named} }}", base

    def top_typedef(self) -> str:
        name = self.top_name("t")
        what = self.random.randrange(4)
        if what == 0:
            kind = self.random.choice(("struct", "union"))
            self.taken = set()
            text = f"typedef {kind} {self.body(2)} {name};"
        elif what == 1:
            align = self.random.choice((2, 4, 8, 16, 32))
            text = f"typedef {self.plain()} {name} __attribute__((aligned({align})));"
            self.names.append(Name(name, is_aligned=True))
            return text
        elif what == 2:
            text = f"typedef {self.plain()} {name}[{1 + self.random.randrange(4)}];"
        else:
            text = f"typedef {self.member_of_type(name)};"
        self.names.append(Name(name, is_aligned=what == 3))
        return text

    def top_composite(self) -> str:
        kind = "union" if self.chance(5) else "struct"
        name = self.top_name("u" if kind == "union" else "s")
        self.taken = set()
        body = self.body(2)
        flexible = kind == "struct" and self.chance(8)
        if flexible:
            element = self.random.choice(("__u8", "char", "__be32", "__u64"))
            body = f"{body[:-1]} __u16 fixed{self.number()}; {element} rest{self.number()}[]; }}"
        else:
            self.names.append(Name(f"{kind} {name}"))
        return f"{kind} {name} {body}{self.attributes()};"

    def kernel_composite(self) -> str:
        """Return a struct with fields of the kernel, which it finds at their alignment alone."""
        self.taken = set()
        fields = self.random.sample(KERNEL, 1 + self.random.randrange(3))
        members = [f"{field} {self.member_name()}" for field in fields]
        if self.chance(2):
            tag = self.random.choice(self.tags)
            members.append(f"struct never {tag} *{self.member_name()}")
        for _ in range(self.random.randrange(4)):
            text = f"{self.random.choice(self.integers)} {self.member_name()}"
            members.insert(self.random.randrange(len(members) + 1), text)
        body = " ".join(f"{member};" for member in members)
        return f"struct {self.top_name('k')} {{ {body} }};"

    def attributes(self) -> str:
        return self.random.choice(
            (
                *("",) * 8,
                *(" __attribute__((packed))",) * 3,
                " __attribute__((packed, aligned(2)))",
                " __attribute__((packed, aligned(4)))",
                " __attribute__((packed, aligned(8)))",
                " __attribute__((aligned(8)))",
                " __attribute__((aligned(16)))",
                " __attribute__((aligned(64)))",
            )
        )

    def body(self, depth: int) -> str:
        few = self.random.choice((0, 1, 2, 3, 3, 4, 5, 6, 8))
        members = [self.member(depth) for _ in range(few)]
        return f"{{ {' '.join(f'{member};' for member in members)} }}"

    def member_name(self) -> str:
        for _ in range(9):
            name = self.random.choice(WORDS)
            key = name.replace("_", "").lower()
            if self.chance(2):
                break
            if key and key not in self.taken and name not in _WORDS_OF_C:
                self.taken.add(key)
                return name
        return f"m{self.number()}"

    def member(self, depth: int) -> str:
        what = self.random.randrange(16)
        if what <= 3:
            return self.bitfield()
        if what <= 5 and depth:
            return self.nested(depth)
        text = self.member_of_type(self.member_name())
        if self.chance(10):
            text = f"{self.random.choice(('const', 'volatile'))} {text}"
        if self.chance(10):
            text += f" __attribute__((aligned({self.random.choice((1, 2, 4, 8, 16))})))"
        elif self.chance(10):
            text += " __attribute__((packed))"
        return text

    def bitfield(self) -> str:
        enums = [name for name in self.names if name.is_enum]
        if enums and self.chance(6):
            enum = self.random.choice(enums)
            width = 1 + self.random.randrange(8 * enum.base_size or 8)
            return f"{enum.text} {self.member_name()} : {width}"
        base = self.random.choice(self.bit_integers)
        bits = 8 * _size(base) or 1
        width = self.random.choice((1, bits, self.random.randint(1, bits)))
        if self.chance(8):
            return f"{base} : {self.random.choice((0, width))}"
        return f"{base} {self.member_name()} : {width}"

    def nested(self, depth: int) -> str:
        kind = self.random.choice(("struct", "struct", "union"))
        attributes = " __attribute__((packed))" if self.chance(5) else ""
        if self.chance(2):
            return f"{kind} {self.body(depth - 1)}{attributes}"
        taken, self.taken = self.taken, set()
        body = self.body(depth - 1)
        self.taken = taken
        tag = self.top_name("n") if self.chance(3) else ""
        lengths = f"[{1 + self.random.randrange(3)}]" if self.chance(4) else ""
        return f"{kind} {tag} {body}{attributes} {self.member_name()}{lengths}"

    def plain(self) -> str:
        """Return the name of a type of which there may be arrays."""
        names = [name.text for name in self.names if not name.is_aligned]
        if names and self.chance(4):
            return self.random.choice(names[-40:])
        if self.chance(8):
            return self.random.choice(("float", "double", _both("long double", "double")))
        return self.random.choice(self.integers)

    def member_of_type(self, name: str) -> str:
        what = self.random.randrange(12)
        if what == 0:
            return f"{self.random.choice(('void', 'int', 'struct never', 'const char'))} *{name}"
        if what == 1:
            return f"int (*{name})(struct never *, int)"
        if what == 2:
            lengths = "".join(
                f"[{self.random.randrange(5)}]" for _ in range(self.random.choice((1, 2)))
            )
            return f"{self.plain()} {name}{lengths}"
        if what == 3:
            return f"char {name}[{self.random.choice((1, 3, 16))}]"
        if what == 4:
            aligned = [each.text for each in self.names if each.is_aligned]
            if aligned:
                return f"{self.random.choice(aligned)} {name}"
        if what == 5 and self.chance(2):
            return f"void *{name}[{1 + self.random.randrange(3)}]"
        if what == 6 and self.chance(2):
            body, base = self.enum_body()
            return (
                _both(f"enum : {base} {body}", base) + f" {name}" if base else f"enum {body} {name}"
            )
        return f"{self.plain()} {name}"


def _size(base: str) -> int:
    """Return the bytes of an integer type; 0 for a boolean."""
    if base in SIZES:
        return SIZES[base]
    return int("".join(c for c in base if c.isdigit())) // 8


def _literal(value: int) -> str:
    if value == -(2**63):
        return "-0x7fffffffffffffffLL - 1"
    return f"{value}LL" if value < 2**63 else f"{value}ULL"


def _both(source: str, host: str) -> str:
    """Return what is *source* in the language and *host* for a compiler of this machine."""
    return f"\1{source}\2{host}\3"


_AWKWARD = (
    *("bool {}", "__be32 {}", "unsigned __int128 {}", "char {}[3]", "__s16 {} : 3", "__u64 {}"),
    *("bool {} : 1", "struct {{ __u32 of; }} {}", "bool {}[2]", "__be16 {}[2]", "float {}"),
    _both("enum awkward", "__u8") + " {}",
)
"""Members of each kind, where `{}` is the name."""

_BOTH = re.compile("\1([^\1\2\3]*)\2([^\1\2\3]*)\3")


def _pick(text: str, *, host: bool) -> str:
    while "\1" in text:
        text = _BOTH.sub(r"\2" if host else r"\1", text)
    return text
