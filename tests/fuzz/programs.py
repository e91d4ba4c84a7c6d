"""Whole random programs of the language, all of them correct, and what they mean.

The texts are written here token by token and not by bpfgen's emitters. For every map the generator
keeps the numbers that it meant, so that a test need not ask the model for them.
"""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, NamedTuple

from tests.fuzz.program_expressions import Expressions
from tests.fuzz.program_maps import KINDS, MapMeaning, flags_of
from tests.fuzz.program_types import LPM_KEY, Types

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.fuzz.program_maps import Kind

COMMENTS = (
    "plain words",
    "ends in a backslash \\",
    "closes a comment */ int broken; /*",
    "trigraph ??/",
    "trigraph with a star *??/",
    "half a close *",
    "/ and a slash first",
    "Grüße — “quotes” 🐝 \u202e right to left",
    "{{ braces }} {% if x %} %s %d \\n \\u0041 ${HOME}",
    '#include "nowhere.h"',
    "\tbegins with a tab",
    "trailing blanks   ",
    "",
    "'unbalanced \" quotes",
    "\\",
)


class Features(NamedTuple):
    """What a program may make use of.

    Attributes:
        enum64: Enums that BTF holds in BTF_KIND_ENUM64, or as signed with kind_flag.
        tags: Tags of types and declarations.
        unopenable: What libbpf 1.0 and later can't open by itself: extern and legacy maps, slots
            whose programs are in another object.
        legacy: Legacy maps, where *unopenable* allows them.
        modern: What `--style initializer` can't say.
        map_extra_bits: 32 or 64; libbpf before 1.4 reads no wider ones.
        declarations: How many of types, constants and maps, each.
    """

    enum64: bool = True
    tags: bool = True
    unopenable: bool = True
    legacy: bool = True
    modern: bool = True
    map_extra_bits: int = 64
    declarations: int = 14


class Program(NamedTuple):
    """A correct program.

    Attributes:
        text: The main file.
        imported: The text of `common.dsl`, which *text* imports, or empty.
        maps: What the maps of *text* mean, by name, templates and imported ones not included.
    """

    text: str
    imported: str
    maps: dict[str, MapMeaning]


def program(seed: int, features: Features = Features()) -> Program:  # noqa: B008 -- immutable
    """Return the program of *seed*: always the same one."""
    return _Writer(random.Random(seed), features).program()  # noqa: S311 -- test data


class _Writer:
    def __init__(self, chance: random.Random, features: Features) -> None:
        self.chance = chance
        self.features = features
        self.expressions = Expressions(chance)
        self.types = Types(chance, self.expressions, enum64=features.enum64, tags=features.tags)
        self.declarations: list[str] = [LPM_KEY]
        self.maps: dict[str, MapMeaning] = {}
        self.templates: dict[str, MapMeaning] = {}
        self.programs: list[str] = []
        self.arena = False

    def program(self) -> Program:
        chance = self.chance
        for _ in range(self.features.declarations):
            self.declarations.append(self.expressions.constant())
            self.declarations.append(self.types.declaration())
        imported = ""
        if chance.random() < 0.25:
            if self.features.modern:
                self.declarations += [self.template() for _ in range(2)]
            imported = self.joined(self.declarations)
            self.declarations = []
            for _ in range(self.features.declarations // 2):
                self.declarations.append(self.expressions.constant())
                self.declarations.append(self.types.declaration())
        if self.features.modern:
            self.declarations += [self.template() for _ in range(3)]
        if self.features.unopenable and self.features.modern:
            for _ in range(2):
                name = self.types.name("prog")
                self.programs.append(name)
                self.declarations.append(f"int {name}(struct __sk_buff *skb);")
        for _ in range(self.features.declarations):
            self.declarations.append(self.map())
        head = []
        if chance.random() < 0.5:
            head.append(f"/// {chance.choice(COMMENTS)}\n")
        if chance.random() < 0.3:
            head.append("target kernel >= 6.12;")
        if imported:
            head.append('import "common.dsl";')
        return Program("\n".join([*head, self.joined(self.declarations)]), imported, self.maps)

    def joined(self, declarations: Sequence[str]) -> str:
        """Return the declarations in any order, with comments and odd white space."""
        chance = self.chance
        lines = []
        for text in chance.sample(list(declarations), len(declarations)):
            if chance.random() < 0.3:
                count = chance.randint(1, 3)
                lines += [f"/// {chance.choice(COMMENTS)}" for _ in range(count)]
            lines.append(self.spaced(text))
            if chance.random() < 0.1:
                lines.append(chance.choice(("// struct { not; closed", "/* map m: */", ";", "")))
        return "\n".join(lines) + "\n"

    def spaced(self, text: str) -> str:
        chance = self.chance
        if chance.random() < 0.7 or any(mark in text for mark in ('"', "'", "//")):
            return text
        gaps = (" ",) * 12 + ("\n", "\t", "  ", " /* gap */ ", " // gap\n", "\r\n")
        return "".join(chance.choice(gaps) if c == " " else c for c in text)

    def template(self) -> str:
        shape, meaning = self.shape()
        name = self.types.tag("tmpl")
        self.templates[name] = meaning
        return f"template {name}: {shape};"

    def map(self) -> str:
        """Return the declaration of a map, after noting what it means."""
        chance, features = self.chance, self.features
        name = self.types.name("map")
        what = chance.randint(0, 19)
        if features.modern and what < 5:
            return self.map_of_maps(name)
        if features.modern and what < 8 and self.templates:
            template, meaning = chance.choice(list(self.templates.items()))
            more = ""
            if meaning.pinning is None and chance.random() < 0.4:
                more, meaning = " { pinning = by_name; }", meaning._replace(pinning=1)
            elif meaning.entries_open and chance.random() < 0.4:
                more, meaning = "[8]", meaning._replace(max_entries=8)
            self.maps[name] = meaning
            return f"map {name}: {template}{more};"
        if self.programs and what < 10:
            return self.prog_array(name)
        legacy = features.unopenable and features.legacy and what == 10
        shape, meaning = self.shape(legacy=legacy, once=True)
        linkage = ""
        if legacy:
            linkage = "legacy "
        elif features.unopenable and what == 11:
            linkage = "extern "
        elif what == 12:
            linkage = "weak "
        self.maps[name] = meaning._replace(linkage=linkage.strip())
        return f"{linkage}map {name}: {shape}{chance.choice((';', ''))}"

    def prog_array(self, name: str) -> str:
        chance = self.chance
        length = chance.randint(1, 6)
        indices = chance.sample(range(length), chance.randint(0, length))
        slots = ", ".join(
            f"[{self.expressions.of(index)}] = {chance.choice(self.programs)}" for index in indices
        )
        self.maps[name] = MapMeaning(
            "prog_array", length, key_size=4, value_size=4, slots=bool(indices)
        )
        values = f" = {{ {slots} }}" if indices or chance.random() < 0.3 else ""
        return f"map {name}: prog_array[{self.expressions.of(length)}]{values};"

    def map_of_maps(self, name: str) -> str:
        chance = self.chance
        kind = chance.choice(("array_of_maps", "hash_of_maps"))
        length = chance.randint(1, 9)
        meaning = MapMeaning(kind, length, key_size=4, value_size=4)
        what = chance.randint(0, 3)
        if what == 0:
            self.maps[name] = meaning
            return f"map {name}: {kind}<__u32>[{length}];"
        fitting = {n: m for n, m in self.templates.items() if m.may_be_inner}
        inner, inner_meaning = self.shape(inner=True)
        slots = ""
        before = ""
        if what > 1 and fitting:
            inner, inner_meaning = chance.choice(list(fitting.items()))
            if what == 3:
                slot = self.types.name("slot")
                self.maps[slot] = inner_meaning
                index = chance.randrange(length)
                before = f"map {slot}: {inner};\n"
                spelled = chance.choice((slot, f"&{slot}", f"(void *)&{slot}"))
                slots = f" = {{ [{self.expressions.of(index)}] = {spelled} }}"
        self.maps[name] = meaning._replace(inner=inner_meaning)
        return f"{before}map {name}: {kind}<__u32, {inner}>[{self.expressions.of(length)}]{slots};"

    def shape(
        self, *, legacy: bool = False, inner: bool = False, once: bool = False
    ) -> tuple[str, MapMeaning]:
        """Return a shape and what it means; one that is used *once* may be that of an arena."""
        chance = self.chance
        row = KINDS[chance.choice(list(KINDS))]
        while (row.name == "arena" and (legacy or not once or self.arena)) or (
            legacy and row.name.endswith("_storage")
        ):
            row = KINDS[chance.choice(list(KINDS))]
        self.arena = self.arena or row.name == "arena"
        attributes: list[str] = []
        row, arguments, meaning = self.arguments(row, attributes, legacy=legacy)
        entries, meaning = self.entries(row, attributes, meaning)
        meaning = self.other_attributes(row, attributes, meaning, legacy=legacy, inner=inner)
        chance.shuffle(attributes)
        braces = f" {{ {' '.join(attributes)} }}" if attributes or chance.random() < 0.1 else ""
        if inner and not arguments and not entries and not braces:
            entries, meaning = "[8]", meaning._replace(max_entries=8)
        return f"{row.name}{arguments}{entries}{braces}", meaning

    def arguments(
        self, row: Kind, attributes: list[str], *, legacy: bool
    ) -> tuple[Kind, str, MapMeaning]:
        """Return `<K, V>`, or add what stands for it to *attributes*.

        The row that comes back has the flags that go with what the value holds.
        """
        chance, types = self.chance, self.types
        meaning = MapMeaning(row.name)
        if row.untyped:
            size = row.value_size
            if size:
                attributes += [
                    f"key_size = {self.expressions.of(4)};",
                    f"value_size = {self.expressions.of(size)};",
                ]
                return row, "", meaning._replace(key_size=4, value_size=size)
            if row.record and chance.random() < 0.6 and not legacy:
                return row, f"<{types.value(10_000)}>", meaning
            return row, "", meaning
        key = {"any": types.key, "u32": types.u32, "lpm": types.lpm_key}.get(row.key, lambda: "")()
        special = row.special and not legacy and chance.random() < 0.15
        value = types.value(row.largest, special=special)
        if special:
            row = row._replace(flag_names=("BPF_F_NUMA_NODE",), typed_only=True)
        if row.hashes_value:
            value = types.key()
        if row.value_size:
            value = chance.choice(("__u32", "int", "u32"))
        if row.key == "none":
            if chance.random() < 0.5:
                return row, f"<{value}>", meaning
            attributes.append(f"value = {value};")
            return row, "", meaning
        if chance.random() < 0.15 and not row.typed_only:
            key_size, value_size = (4 if row.key == "u32" else 20), (row.value_size or 16)
            attributes += [
                f"key_size = {self.expressions.of(key_size)};",
                f"value_size = {self.expressions.of(value_size)};",
            ]
            return row, "", meaning._replace(key_size=key_size, value_size=value_size)
        if chance.random() < 0.2:
            attributes += [f"key = {key};", f"value = {value};"]
            return row, "", meaning
        return row, f"<{key}, {value}>", meaning

    def entries(
        self, row: Kind, attributes: list[str], meaning: MapMeaning
    ) -> tuple[str, MapMeaning]:
        """Return `[N]`, or add it to *attributes*."""
        chance = self.chance
        if not row.sized:
            return "", meaning
        number = min(chance.choice((1, 2, 7, 64, 1000, 1 << 16)), row.most)
        if row.pages:
            number = 65536 << chance.randint(0, 8)
        if row.name == "perf_event_array" and chance.random() < 0.5:
            return "", meaning._replace(entries_open=True)
        if chance.random() < 0.1:
            return "[runtime]", meaning
        text = self.expressions.of(number)
        meaning = meaning._replace(max_entries=number)
        if chance.random() < 0.2:
            attributes.append(f"max_entries = {text};")
            return "", meaning
        return f"[{text}]", meaning

    def other_attributes(
        self, row: Kind, attributes: list[str], meaning: MapMeaning, *, legacy: bool, inner: bool
    ) -> MapMeaning:
        """Add flags, node, extra and pinning to *attributes*."""
        chance = self.chance
        flags = flags_of(row, chance)
        names = [name for name in flags if not (legacy and name == "BPF_F_NUMA_NODE")]
        value = sum(1 << flags[name] for name in names)
        if names:
            text = chance.choice((" | ", "|", " + ")).join(names)
            if chance.random() < 0.1:
                text = self.expressions.of(value)
            attributes.append(f"map_flags = {text};")
            meaning = meaning._replace(map_flags=value)
        elif row.required:
            meaning = meaning._replace(map_flags=1 << row.flags[row.required])
        elif chance.random() < 0.1:
            attributes.append(f"map_flags = {chance.choice(('runtime', '0'))};")
        if legacy:
            return meaning
        if "BPF_F_NUMA_NODE" in names:
            node = chance.randint(0, 3)
            attributes.append(f"numa_node = {self.expressions.of(node)};")
            meaning = meaning._replace(numa_node=node)
        if row.extra and self.features.modern and chance.random() < 0.5:
            extra = 3
            if row.name == "arena":
                extra = 1 << (44 if self.features.map_extra_bits == 64 else 30)
            attributes.append(f"map_extra = {self.expressions.of(extra)};")
            meaning = meaning._replace(map_extra=extra)
        if self.features.modern and not inner and chance.random() < 0.15:
            how = chance.randrange(2)
            attributes.append(f"pinning = {('none', 'by_name')[how]};")
            meaning = meaning._replace(pinning=how)
        return meaning
