"""Random members of structs and unions, and the types that they are made of."""

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


class Members:
    """Writes the bodies of structs and unions.

    Attributes:
        complete: Types that can be held by value.
        compact: Those without padding.
        flexible: Structs with a flexible tail, which nothing else may hold.
        special: Structs with members that the kernel looks after.
        enums: Tagged enums.
        structs: The tags of structs.
        promised: Tags that pointers point to and nobody defined so far.
    """

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

    def promise(self) -> str:
        """Return the tag of a struct that may be declared later, or never."""
        tag = self.name("later")
        self.promised.append(tag)
        return tag

    def body(self, itself: str, depth: int) -> tuple[str, int, bool]:
        """Return the members of a struct, the bytes they may take and whether they take any."""
        chance = self.chance
        names = list(MEMBER_NAMES)
        chance.shuffle(names)
        lines, largest, whole = self.members(names, itself, depth)
        if not whole and chance.random() < 0.9:
            lines.append(f"__u32 {names.pop()};")
            largest, whole = largest + 8, True
        return " ".join(lines), largest, whole

    def members(self, names: list[str], itself: str, depth: int) -> tuple[list[str], int, bool]:
        """Return declarations of members, the bytes they may take and whether they take any."""
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
                line, size, filled = self.plain_member(names, itself)
            lines.append(line)
            largest += size + 32
            whole = whole or filled
        return lines, largest, whole

    def anonymous(self, names: list[str], itself: str, depth: int) -> tuple[str, int, bool]:
        """Return an anonymous struct or union with its members."""
        kind = self.chance.choice(("struct", "union"))
        lines, largest, whole = self.members(names, itself, depth)
        packed = " __attribute__((packed))" if self.chance.random() < 0.1 else ""
        return f"{kind} {{ {' '.join(lines)} }}{packed};", largest + 16, whole

    def nested(self, names: list[str], itself: str, depth: int) -> tuple[str, int, bool]:
        """Return a member whose type is defined where it stands, with a tag or without."""
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
        """Return a declaration of one to three bit-fields, named or not."""
        chance = self.chance
        word = chance.choice(list(INTEGERS))
        bits = 1 if word in {"bool", "_Bool"} else 8 * INTEGERS[word]
        if self.enums and chance.random() < 0.2:
            enum = chance.choice(self.enums)
            word, bits = enum.abstract, 1 if enum.largest == 1 else 8
        if chance.random() < 0.1:
            word = f"const {word}"
        parts: list[str] = []
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

    def plain_member(self, names: list[str], itself: str) -> tuple[str, int, bool]:
        """Return a declaration of one member, perhaps of more."""
        chance = self.chance
        type = self.member_type(itself)
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

    def member_type(self, itself: str = "") -> Spelled:
        """Return the type of a member."""
        chance = self.chance
        what = chance.randint(0, 11)
        small = [t for t in self.complete if t.largest < 1500]
        if what < 3 and small:
            return chance.choice(small)
        if what == 3:
            type = self.member_type(itself)
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
        """Return what stands between the parentheses of a function."""
        chance = self.chance
        if chance.random() < 0.2:
            return "void"
        types = [self.pointer(itself) for _ in range(chance.randint(1, 3))]
        texts = [
            t.named(f"p{n}") if chance.random() < 0.5 else t.abstract for n, t in enumerate(types)
        ]
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
