"""Random declarations of types: everything that the language takes from C."""

from __future__ import annotations

from tests.fuzz.program_members import DECL_TAGS, INTEGERS, Members, Spelled

LPM_KEY = "struct lpm_key { __u32 prefixlen; __u8 data[16]; };"
"""What the keys of an lpm_trie are made like."""


class Types(Members):
    """Writes declarations of types, and types for maps."""

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

    def struct(self) -> str:
        """Return the definition of a struct or union, and remember it."""
        chance = self.chance
        kind = "union" if chance.random() < 0.15 else "struct"
        tag = self.tag("s" if kind == "struct" else "u")
        body, largest, whole = self.body(f"{kind} {tag}", 2)
        before, after = self.attributes()
        spelled = Spelled(f"{kind} {tag}", largest=largest + 64, whole=whole)
        if kind == "struct" and whole and chance.random() < 0.1:
            element = self.member_type()
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
            if not base and least >= -(2**31) and most < 2**31 and number >= 0:
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
            body, largest, whole = self.body("void", 1)
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
            body, largest, whole = self.body(f"struct {tag}", 1)
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
            type = self.member_type()
            text = type.named(name)
            spelled = spelled._replace(largest=type.largest, whole=type.whole, element=type.element)
        self.complete.append(spelled)
        return f"typedef {text};"
