"""Random declarations of types: everything that the language takes from C."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import random

    from tests.fuzz.program_expressions import Expressions

INTEGERS = {
    "char": 1,
    "signed char": 1,
    "unsigned char": 1,
    "short": 2,
    "unsigned short int": 2,
    "int": 4,
    "unsigned": 4,
    "unsigned int": 4,
    "long": 8,
    "long unsigned int": 8,
    "long long": 8,
    "unsigned long long": 8,
    "_Bool": 1,
    "bool": 1,
    "__u8": 1,
    "__u16": 2,
    "__u32": 4,
    "__u64": 8,
    "__s16": 2,
    "__s32": 4,
    "__s64": 8,
    "__be32": 4,
    "u8": 1,
    "u64": 8,
    "uint16_t": 2,
    "int32_t": 4,
    "size_t": 8,
}
"""Bytes of the integers that may be bit-fields too."""

OTHERS = {
    "__int128": 16,
    "unsigned __int128": 16,
    "float": 4,
    "double": 8,
    "struct bpf_stack_build_id": 32,
    "bpf_cgroup_storage_key": 16,
}

MEMBER_NAMES = (
    *("map", "key", "value", "template", "import", "include", "target", "weak", "legacy"),
    *("runtime", "none", "by_name", "type", "hash", "max_entries", "pinning", "KiB", "values"),
    *("a", "b", "id", "next", "data", "kernel", "x86"),
)
"""Members may be called as the language's own words."""

LPM_KEY = "struct lpm_key { __u32 prefixlen; __u8 data[16]; };"
"""What the keys of an lpm_trie are made like."""

MEMBER_COMMENTS = ("/// */ x\n", "/// a member\n", "/// back \\\n", "///\n", "// none\n")

TAGS = ("user", "rcu", "percpu", "with blank", 'with \\"quote\\"')
DECL_TAGS = ("a tag", "exception_callback:x", "back\\\\slash")


class Spelled(NamedTuple):
    """A type as C spells it.

    Attributes:
        specifier: What stands before the declarator.
        declarator: `{}` is where the name goes.
        largest: The bytes that it may have at most.
        whole: It has a size, and one that isn't 0.
        element: Arrays may be made of it.
    """

    specifier: str
    declarator: str = "{}"
    largest: int = 16
    whole: bool = True
    element: bool = True
    is_function: bool = False

    def named(self, name: str) -> str:
        """Return the declaration of *name*."""
        return f"{self.specifier} {self.declarator.replace('{}', name)}"

    @property
    def abstract(self) -> str:
        """The type's name."""
        return self.named("").strip()

    @property
    def is_plain(self) -> bool:
        """Whether the declarator is a name alone."""
        return self.declarator == "{}"

    def pointer(self, qualifier: str = "") -> Spelled:
        """Return the pointer to it."""
        star = f"*{qualifier + ' ' if qualifier else ''}{{}}"
        if self.declarator.endswith(("]", ")")):
            star = f"({star})"
        return self._replace(
            declarator=self.declarator.replace("{}", star), largest=8, whole=True, element=True
        )

    def array(self, text: str, length: int) -> Spelled:
        """Return the array of *length* of it; *text* is the length as an expression."""
        return self._replace(
            declarator=self.declarator.replace("{}", f"{{}}[{text}]"),
            largest=self.largest * length,
            whole=self.whole and length > 0,
        )

    def function(self, parameters: str) -> Spelled:
        """Return the pointer to a function that returns it."""
        return self._replace(
            declarator=self.declarator.replace("{}", f"(*{{}})({parameters})"),
            largest=8,
            whole=True,
            element=True,
        )


class Types:
    """Writes declarations of types, and types for maps."""

    def __init__(
        self, chance: random.Random, expressions: Expressions, *, enum64: bool, tags: bool
    ) -> None:
        self.chance = chance
        self.expressions = expressions
        self.enum64 = enum64
        self.with_tags = tags
        self.complete: list[Spelled] = []
        self.compact: list[Spelled] = []
        self.flexible: list[Spelled] = []
        self.special: list[Spelled] = []
        self.enums: list[Spelled] = []
        self.structs: list[str] = []
        self.promised: list[str] = []
        self._count = 0

    def name(self, prefix: str) -> str:
        """Return a new identifier."""
        self._count += 1
        return f"{prefix}_{self._count}"

    def tag(self, prefix: str) -> str:
        """Return a new tag, perhaps one that a pointer was promised to."""
        if prefix == "s" and self.promised and self.chance.random() < 0.7:
            return self.promised.pop(self.chance.randrange(len(self.promised)))
        return self.name(prefix)

    # What maps are made of.

    def u32(self) -> str:
        """Return the type of an array's index."""
        return self.chance.choice(("__u32", "int", "unsigned int", "u32", "unsigned", "const int"))

    def lpm_key(self) -> str:
        """Return a key of an lpm_trie: :data:`LPM_KEY`, which every program has."""
        return self.chance.choice(("struct lpm_key", "lpm_key"))

    def key(self) -> str:
        """Return a type without padding: the key of a hash, or what a bloom_filter hashes."""
        chance = self.chance
        what = chance.randint(0, 5)
        if what < 3 and self.compact:
            return self.or_tag(chance.choice(self.compact))
        if what == 3 and self.enums:
            return self.or_tag(chance.choice(self.enums))
        if what == 4:
            return self.scalar().array(*self.length(1, 8)).abstract
        return self.pointer().abstract if what == 5 else self.scalar().abstract

    def or_tag(self, type: Spelled) -> str:
        """Return the name of *type*, perhaps without its keyword: a tag alone names it too."""
        word = type.specifier
        if type.is_plain and word.startswith(("struct ", "union ", "enum ")):
            return self.chance.choice((word, word.split()[1]))
        return type.abstract

    def value(self, largest: int, *, special: bool = False) -> str:
        """Return a type of 1 to *largest* bytes."""
        chance = self.chance
        if special and self.special:
            return chance.choice(self.special).abstract
        fitting = [t for t in self.complete if t.whole and t.largest <= largest]
        what = chance.randint(0, 9)
        if what < 6 and fitting:
            return self.or_tag(chance.choice(fitting))
        if what == 6 and self.flexible and largest > 10_000:
            return chance.choice(self.flexible).abstract
        if what == 7:
            return self.scalar().array(*self.length(1, 8)).abstract
        if what == 8:
            return self.pointer().abstract
        return self.scalar().abstract

    # Declarations.

    def declaration(self) -> str:
        """Return one declaration of types."""
        what = self.chance.randint(0, 13)
        if what < 6:
            return self.struct()
        if what < 8:
            return self.enum_declaration()
        if what == 8:
            return f"struct {self.promise()};"
        if what == 9:
            return self.chance.choice((self.special_struct, self.compact_struct))()
        return self.typedef()

    def promise(self) -> str:
        """Return the tag of a struct that may be declared later, or never."""
        tag = self.name("later")
        self.promised.append(tag)
        return tag

    def struct(self) -> str:
        """Return the definition of a struct or union, and remember it."""
        chance = self.chance
        kind = "union" if chance.random() < 0.15 else "struct"
        tag = self.tag("s" if kind == "struct" else "u")
        body, largest, whole = self.body(kind, f"{kind} {tag}", 2)
        before, after = self.attributes()
        spelled = Spelled(f"{kind} {tag}", largest=largest + 64, whole=whole)
        if kind == "struct" and whole and chance.random() < 0.1:
            element = self.member_type(0)
            body += f" {element.named('tail')}[];" if element.is_plain and element.element else ""
            self.flexible.append(spelled)
        else:
            self.complete.append(spelled)
        if kind == "struct":
            self.structs.append(tag)
        return f"{kind} {before}{tag} {{ {body} }}{after};"

    def compact_struct(self) -> str:
        """Return a struct that has no padding, since all its members have the same size."""
        chance = self.chance
        tag = self.name("compact")
        size = chance.choice((1, 2, 4, 8))
        words = [word for word, bytes_ in INTEGERS.items() if bytes_ == size]
        lines = []
        for number in range(chance.randint(1, 5)):
            type = Spelled(chance.choice(words), largest=size)
            if chance.random() < 0.3:
                type = type.array(*self.length(1, 4))
            lines.append(f"{type.named(f'm{number}')};")
        spelled = Spelled(f"struct {tag}", largest=200)
        if chance.random() < 0.3:
            name = self.name("t")
            self.compact.append(Spelled(name, largest=200))
            self.complete.append(self.compact[-1])
            return f"typedef struct {tag} {{ {' '.join(lines)} }} {name};"
        self.compact.append(spelled)
        self.complete.append(spelled)
        return f"struct {tag} {{ {' '.join(lines)} }};"

    def special_struct(self) -> str:
        """Return a struct with a member that the kernel looks after."""
        tag = self.name("special")
        member = self.chance.choice(
            (
                "struct bpf_spin_lock lock;",
                "struct bpf_timer timer;",
                "struct bpf_wq work;",
                "struct bpf_spin_lock lock; __u32 more;",
                "struct bpf_refcount refs;",
                f"struct {self.promise()} {'__kptr_untrusted ' if self.with_tags else ''}*task;",
            )
        )
        self.special.append(Spelled(f"struct {tag}", largest=100))
        return f"struct {tag} {{ {member} __u64 payload; }};"

    def attributes(self) -> tuple[str, str]:
        """Return attributes to stand before the tag and behind the brace of a struct."""
        chance = self.chance
        words = []
        if chance.random() < 0.12:
            words.append("packed")
        if chance.random() < 0.12:
            alignment = chance.choice((2, 4, 8, 16, 32))
            words.append(f"aligned({self.expressions.of(alignment)})")
        if chance.random() < 0.05:
            words.append("preserve_access_index")
        if self.with_tags and chance.random() < 0.06:
            words.append(f'btf_decl_tag("{chance.choice(DECL_TAGS)}")')
        if not words:
            return "", ""
        if words == ["packed"] and chance.random() < 0.5:
            return "", " __packed"
        text = f"__attribute__(({', '.join(words)}))"
        return (f"{text} ", "") if chance.random() < 0.4 else ("", f" {text}")

    def body(self, kind: str, itself: str, depth: int) -> tuple[str, int, bool]:
        """Return the members of a struct, the bytes they may take and whether they take any."""
        chance = self.chance
        names = list(MEMBER_NAMES)
        chance.shuffle(names)
        lines, largest, whole = self.members(names, itself, depth)
        if not whole and chance.random() < 0.9:
            lines.append(f"__u32 {names.pop()};")
            largest, whole = largest + 8, True
        if kind == "union":
            # A union's bit-fields and members are as large as the largest; the sum is a bound too.
            return " ".join(lines), largest, whole
        return " ".join(lines), largest, whole

    def members(self, names: list[str], itself: str, depth: int) -> tuple[list[str], int, bool]:
        chance = self.chance
        lines: list[str] = []
        largest, whole = 0, False
        for _ in range(chance.randint(0, 7)):
            if len(names) < 8:
                break
            if chance.random() < 0.08:
                lines.append(chance.choice(MEMBER_COMMENTS))
            what = chance.randint(0, 11)
            if what == 0 and depth:
                line, size, filled = self.anonymous(names, itself, depth - 1)
            elif what == 1 and depth:
                line, size, filled = self.nested(names, itself, depth - 1)
            elif what in {2, 3}:
                line, size, filled = self.bit_fields(names)
            else:
                line, size, filled = self.plain_member(names, itself, depth)
            lines.append(line)
            largest += size + 32
            whole = whole or filled
        return lines, largest, whole

    def anonymous(self, names: list[str], itself: str, depth: int) -> tuple[str, int, bool]:
        kind = self.chance.choice(("struct", "union"))
        lines, largest, whole = self.members(names, itself, depth)
        packed = " __attribute__((packed))" if self.chance.random() < 0.1 else ""
        return f"{kind} {{ {' '.join(lines)} }}{packed};", largest + 16, whole

    def nested(self, names: list[str], itself: str, depth: int) -> tuple[str, int, bool]:
        """A member whose type is defined where it stands, with a tag or without."""
        chance = self.chance
        kind = chance.choice(("struct", "union"))
        name = names.pop()
        fresh = list(MEMBER_NAMES)
        chance.shuffle(fresh)
        lines, largest, whole = self.members(fresh, itself, depth)
        tag = ""
        if chance.random() < 0.3:
            tag = self.name("inside")
            self.complete.append(Spelled(f"{kind} {tag}", largest=largest + 16, whole=whole))
        declarators = name
        if chance.random() < 0.2:
            declarators = f"{name}, *{names.pop()}"
        return f"{kind} {tag} {{ {' '.join(lines)} }} {declarators};", largest + 32, whole

    def bit_fields(self, names: list[str]) -> tuple[str, int, bool]:
        chance = self.chance
        word = chance.choice(list(INTEGERS))
        bits = 1 if word in {"bool", "_Bool"} else 8 * INTEGERS[word]
        if self.enums and chance.random() < 0.2:
            enum = chance.choice(self.enums)
            word, bits = enum.abstract, 1 if enum.largest == 1 else 8
        if chance.random() < 0.1:
            word = f"const {word}"
        parts = []
        for _ in range(chance.randint(1, 3)):
            # Behind `enum e`, a colon would be that of a base type.
            if chance.random() < 0.15 and (parts or "enum" not in word):
                parts.append(f": {chance.choice((0, 1, bits))}")
            else:
                width = chance.randint(1, bits)
                text = self.expressions.of(width, 1) if chance.random() < 0.3 else str(width)
                text = f"({text})" if "?" in text else text
                # clang warns of it where the alignment is 1.
                pack = bits > 8 and chance.random() < 0.05
                align = " __attribute__((packed))" if pack else ""
                parts.append(f"{names.pop()} : {text}{align}")
        whole = any(not part.startswith(":") for part in parts)
        return f"{word} {', '.join(parts)};", 8 * len(parts), whole

    def plain_member(self, names: list[str], itself: str, depth: int) -> tuple[str, int, bool]:
        chance = self.chance
        type = self.member_type(depth, itself)
        qualifiers = ("",) * 8 + ("const ", "volatile ", "const volatile ")
        # C says nothing of qualified function types.
        qualifier = chance.choice(qualifiers) if not type.is_function else ""
        text = f"{qualifier}{type.named(names.pop())}"
        if type.is_plain and chance.random() < 0.2:
            text += f", *{names.pop()}, {names.pop()}[{self.length(0, 3)[0]}]"
            text = text if type.element else text.split(",")[0]
        what = chance.randint(0, 24)
        if what == 0:
            text += f" __attribute__((aligned({chance.choice((4, 8, 16, 64))})))"
        elif what == 1:
            text += " __attribute__((packed))"
        elif what == 2:
            text = f"_Alignas({chance.choice((16, 32, '__u64'))}) {text}"
            if "__u64" in text.split()[0] and type.largest > 8:
                text = text.split(" ", 1)[1]
        elif what == 3 and self.with_tags:
            text += f' __attribute__((btf_decl_tag("{chance.choice(DECL_TAGS)}")))'
        elif what == 4:
            text += f" __aligned({self.expressions.of(8)})"
        return f"{text};", 4 * type.largest + 200, type.whole

    def member_type(self, depth: int, itself: str = "") -> Spelled:
        """Return the type of a member."""
        chance = self.chance
        what = chance.randint(0, 11)
        small = [t for t in self.complete if t.largest < 1500]
        if what < 3 and small:
            type = chance.choice(small)
            if type.is_plain and type.specifier.startswith(("typedef ",)):
                return type
            return type
        if what == 3:
            type = self.member_type(0, itself)
            if type.element and type.largest < 1500:
                for _ in range(chance.randint(1, 2)):
                    type = type.array(*self.length(0, 4))
            return type
        if what == 4:
            return self.pointer(itself)
        if what == 5:
            return self.scalar().function(self.parameters(itself))
        if what == 6:
            word = chance.choice(list(OTHERS))
            if word == "bpf_cgroup_storage_key":
                word = "struct bpf_cgroup_storage_key"
            return Spelled(word, largest=32)
        if what == 7 and self.enums:
            return chance.choice(self.enums)
        return self.scalar()

    def parameters(self, itself: str = "") -> str:
        chance = self.chance
        if chance.random() < 0.2:
            return "void"
        types = [self.pointer(itself) for _ in range(chance.randint(1, 3))]
        texts = [t.named(f"p{n}") if chance.random() < 0.5 else t.abstract for n, t in enumerate(types)]
        if chance.random() < 0.1:
            texts.append("...")
        return ", ".join(texts)

    def pointer(self, itself: str = "") -> Spelled:
        """Return a pointer to anything: forward, self and unknown ones too."""
        chance = self.chance
        targets = [Spelled("void"), Spelled("const char"), self.scalar()]
        targets += [Spelled(f"struct {tag}") for tag in self.structs[-3:]]
        if itself:
            targets.append(Spelled(itself))
        if self.promised:
            targets.append(Spelled(f"struct {chance.choice(self.promised)}"))
        if chance.random() < 0.2:
            targets = [Spelled(f"struct {self.promise()}")]
        if self.complete:
            targets.append(chance.choice(self.complete))
        target = chance.choice(targets)
        if self.with_tags and target.is_plain and chance.random() < 0.12:
            tag = chance.choice(("__arena", "other", "other"))
            if tag == "other":
                tag = f'__attribute__((btf_type_tag("{chance.choice(TAGS)}")))'
            target = target._replace(specifier=f"{target.specifier} {tag}")
        qualifier = chance.choice(("",) * 6 + ("const", "volatile", "restrict"))
        pointer = target.pointer(qualifier)
        return pointer.pointer() if chance.random() < 0.1 else pointer

    def scalar(self) -> Spelled:
        """Return an integer."""
        word = self.chance.choice(list(INTEGERS))
        return Spelled(word, largest=INTEGERS[word])

    def length(self, least: int, most: int) -> tuple[str, int]:
        """Return the length of an array, as text and as number."""
        number = self.chance.randint(least, most)
        return self.expressions.of(number, 2), number

    def enum_declaration(self) -> str:
        """Return the definition of an enum, and remember it and its enumerators."""
        chance = self.chance
        tag = self.name("e")
        body, base = self.enumerators()
        spelled = Spelled(f"enum {tag}", largest=1 if base == " : bool" else 8)
        self.complete.append(spelled)
        self.enums.append(spelled)
        packed = " __attribute__((packed))" if not base and chance.random() < 0.1 else ""
        return f"enum {tag}{base} {{ {body} }}{packed};"

    def enumerators(self) -> tuple[str, str]:
        """Return the enumerators and the base of an enum."""
        chance = self.chance
        bases = ("", "", "", "__u8", "unsigned char", "__s16", "int", "unsigned int", "bool")
        base = chance.choice(bases + (("__u64", "long long") if self.enum64 else ()))
        least, most = {
            "": (-(2**31), 2**31 - 1),
            "__u8": (0, 255),
            "unsigned char": (0, 255),
            "__s16": (-(2**15), 2**15 - 1),
            "unsigned int": (0, 2**32 - 1),
            "bool": (0, 1),
            "__u64": (0, 2**64 - 1),
            "long long": (-(2**63), 2**63 - 1),
        }.get(base, (-(2**31), 2**31 - 1))
        if not base and self.enum64 and chance.random() < 0.25:
            least, most = chance.choice(((0, 2**64 - 1), (-(2**40), 2**40), (0, 2**32 - 1)))
        lines = []
        following = 0
        for _ in range(chance.randint(1, 5)):
            name = self.name("E")
            number = following
            text = name
            if chance.random() < 0.5 or not least <= following <= most:
                number = chance.choice((0, 1, 5, 127, most, least, most - 1))
                number = min(max(number, least), most)
                if number >= 0:
                    value = self.expressions.of(number, 2)
                elif number >= -(2**31) + 1:
                    value = self.expressions.negative(number)
                else:
                    value = f"-{-number - 1}LL - 1"
                text = f"{name} = {value}"
            if not base and least >= -(2**31) and most < 2**31 and 0 <= number:
                self.expressions.known[name] = number
            following = number + 1
            lines.append(text)
        return ", ".join(lines) + chance.choice(("", ",")), f" : {base}" if base else ""

    def typedef(self) -> str:
        """Return a typedef, and remember it."""
        chance = self.chance
        name = self.name("t")
        what = chance.randint(0, 9)
        spelled = Spelled(name)
        if what == 0:
            body, largest, whole = self.body("struct", "void", 1)
            before, after = self.attributes()
            pointer = f", *{self.name('t')}" if chance.random() < 0.3 else ""
            text = f"struct {before}{{ {body} }}{after} {name}{pointer}"
            if after:
                text = f"struct {{ {body} }}{after} {name}{pointer}"
            spelled = spelled._replace(largest=largest + 64, whole=whole)
        elif what == 1:
            body, base = self.enumerators()
            text = f"enum{base} {{ {body} }} {name}"
            spelled = spelled._replace(largest=8)
        elif what == 2:
            tag = self.name("s")
            body, largest, whole = self.body("struct", f"struct {tag}", 1)
            text = f"struct {tag} {{ {body} }} {name}"
            spelled = spelled._replace(largest=largest, whole=whole)
            self.complete.append(spelled._replace(specifier=f"struct {tag}"))
        elif what == 3:
            align = chance.choice((1, 2, 8, 16))
            text = f"{self.scalar().named(name)} __attribute__((aligned({align})))"
            spelled = spelled._replace(element=False)
        elif what == 4:
            text = self.scalar().function(self.parameters()).named(name)
            spelled = spelled._replace(largest=8)
        elif what == 5:
            function = self.name("fn")
            parameters = self.parameters()
            self.complete.append(Spelled(function).pointer()._replace(is_function=True))
            return f"typedef {self.scalar().named(function)}({parameters});"
        elif what == 6:
            text = self.pointer().named(name)
            spelled = spelled._replace(largest=8)
        else:
            type = self.member_type(1)
            text = type.named(name)
            spelled = spelled._replace(
                largest=type.largest, whole=type.whole, element=type.element
            )
        self.complete.append(spelled)
        return f"typedef {text};"
