"""Random programs about maps that refer to each other: templates, slots, imports, linkage, anchors.

The types are few and plain; tests/fuzz/programs.py has all that types can be.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from random import Random

_KEYS = ("__u32", "pair", "__u64", "__u8[16]", "enum side")
_VALUES = ("__u64", "pair", "holder", "const pair", "word_t", "pair_t", "pair[3]", "either")
_TYPES = """
struct pair { __u32 a, b; };
struct node { struct node *next; struct pair *pair; };
struct holder { struct node *node; struct pair held; };
union either { __u32 number; struct pair pair; };
enum side { LEFT = -1, RIGHT = 1 };
typedef __u64 word_t;
typedef struct pair pair_t;
struct event { __u64 when; struct node *node; };
"""
_PROTOTYPES = """
int prog_a(struct __sk_buff *skb);
long prog_b(struct pair *first, word_t second);
void prog_c(void);
"""
_PROGRAMS = ("prog_a", "prog_b", "prog_c")
_TAGS = ("edge", "v2", 'with \\"quotes\\"')


class LinkedProgram:
    """A source, and `common.dsl`, which it imports; *random* decides all of it.

    Attributes:
        imported: The text of `common.dsl`.
        text: The text of the source.
    """

    def __init__(self, random: Random) -> None:
        self._random = random
        self._count = 0
        self._templates: list[str] = []
        self._maps: dict[str, list[str]] = {}
        self.imported = _TYPES
        for _ in range(random.randrange(4)):
            self.imported += self._template()
        for _ in range(random.randrange(4)):
            self.imported += random.choice((self._plain, self._of_template))()
        lines = [self._template() for _ in range(random.randrange(1, 4))]
        steps = (self._plain, self._of_template, self._outer, self._jumps, self._records)
        lines += [random.choice(steps)() for _ in range(random.randrange(1, 12))]
        # What a slot refers to may be declared after it.
        if random.random() < 0.5:
            random.shuffle(lines)
        self.text = 'import "common.dsl";\n' + _PROTOTYPES + "".join(lines)

    def _name(self, stem: str) -> str:
        self._count += 1
        return f"{stem}_{self._count}"

    def _entries(self) -> str:
        return self._random.choice(("[1]", "[64]", "[1 << 20]", "[runtime]", "[1u << 31]"))

    def _attributes(self) -> str:
        random = self._random
        chosen = [
            *(["map_flags = BPF_F_NUMA_NODE;", "numa_node = 2;"] * (random.random() < 0.2)),
            *(["map_extra = 1ull << 40;"] * (random.random() < 0.1)),
            *(["map_extra = 7;"] * (random.random() < 0.1)),
            *(["pinning = by_name;"] * (random.random() < 0.1)),
        ]
        return f" {{ {' '.join(chosen)} }}" if chosen else ""

    def _shape(self) -> str:
        random = self._random
        what = random.randrange(12)
        if what == 0:
            return f"ringbuf<event>[64 KiB]{self._attributes()}"
        if what == 1:
            return "prog_array[6]"
        if what == 2:
            return "hash[4] { key_size = 3u << 30; value_size = 8; }"
        if what == 3:
            return f"queue<{random.choice(_VALUES)}>{self._entries()}"
        kind = random.choice(("hash", "hash", "lru_hash", "percpu_hash"))
        arguments = f"{random.choice(_KEYS)}, {random.choice(_VALUES)}"
        return f"{kind}<{arguments}>{self._entries()}{self._attributes()}"

    def _inner(self) -> str:
        random = self._random
        if self._templates and random.random() < 0.6:
            return random.choice(self._templates)
        return f"hash<{random.choice(_KEYS)}, {random.choice(_VALUES)}>[16]"

    def _template(self) -> str:
        name = self._name("shape")
        shape = self._shape()
        if self._random.random() < 0.2:
            shape = f"array_of_maps<__u32, {self._inner()}>[5]"
        text = f"template {name}: {shape};\n"
        self._templates.append(name)
        return text

    def _declared(self, shape: str, slots: str = "", *, may_be_extern: bool = True) -> str:
        random = self._random
        name = self._name("map")
        linkages = ("", "", "", "weak ", "extern ") if may_be_extern else ("", "", "weak ")
        linkage = random.choice(linkages)
        if linkage == "extern ":
            slots = ""
        tags = ""
        if random.random() < 0.2:
            chosen = random.sample(_TAGS, random.randrange(1, 3))
            tags = " " + " ".join(f'__attribute__((btf_decl_tag("{tag}")))' for tag in chosen)
        self._maps.setdefault(shape, []).append(name)
        return f"{linkage}map {name}{tags}: {shape}{slots};\n"

    def _plain(self) -> str:
        return self._declared(self._shape())

    def _of_template(self) -> str:
        if not self._templates:
            return self._plain()
        template = self._random.choice(self._templates)
        return self._declared(template)

    def _outer(self) -> str:
        random = self._random
        kind = random.choice(("array_of_maps", "hash_of_maps"))
        if random.random() < 0.1:
            return self._declared(f"{kind}<__u32>[4]")
        inner = self._inner()
        slots = ""
        targets = self._maps.get(inner, [])
        if targets and random.random() < 0.7:
            places = random.sample(range(8), random.randrange(1, 4))
            listed = ", ".join(f"[{place}] = {random.choice(targets)}" for place in places)
            slots = f" = {{ {listed} }}"
        return self._declared(f"{kind}<__u32, {inner}>[8]", slots)

    def _jumps(self) -> str:
        random = self._random
        places = random.sample(range(6), random.randrange(4))
        listed = ", ".join(f"[{place}] = {random.choice(_PROGRAMS)}" for place in places)
        slots = f" = {{ {listed} }}" if listed or random.random() < 0.5 else ""
        return self._declared("prog_array[6]", slots)

    def _records(self) -> str:
        record = self._random.choice(("event", "pair", "int", "char", "pair[2]", "__u64", "pair_t"))
        kind = self._random.choice(("ringbuf", "perf_event_array", "user_ringbuf"))
        return self._declared(f"{kind}<{record}>[64 KiB]")
