"""Random programs whose structs with special fields get into BTF in many ways, or by name only.

A value holds them, points to them, to arrays and to functions of them; they have names, typedefs or
neither, and are keys and records as well. Nothing here makes a kernel print a warning: there is one
kind of lock, at most one count of references, and what is nested has neither.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from random import Random

PRELUDE = """\
struct own { __u64 x; };
struct item { struct bpf_list_node node; __u64 x; };
"""

_LEAVES = (
    *("__u8 {};", "__u64 {};", "__u64 {};", "__u32 {} : 8;", "__u32 {} : 4;"),
    *("struct bpf_list_node {};", "struct bpf_rb_node {};", "struct bpf_rb_node {};"),
    *("struct bpf_rb_node {}[2];", "struct bpf_list_node {}[1];", "struct bpf_rb_node {}[0];"),
    *("struct own __kptr *{};", "struct own __kptr *{}[2];"),
)
_FIELDS = (
    *("struct bpf_spin_lock {};", "struct bpf_spin_lock {};", "struct bpf_spin_lock {}[2];"),
    *("struct bpf_list_head {} __contains(item, node);", "struct bpf_list_head {};"),
    "struct bpf_list_head {}[2] __contains(item, node);",
)
_USES = (
    *("struct {0} *{1};", "struct {0} *{1};", "struct {0} *{1}[2];", "{0}_t *{1};"),
    *("const struct {0} *{1};", "{0}_t *{1}[2];", "int (*{1})(struct {0} *p);", "{0}_t **{1};"),
    *("struct {0} __kptr *{1};", "struct {0} (*{1})[2];"),
)
_UNNAMED_USES = ("{0}_t *{1};", "{0}_t *{1}[2];", "int (*{1})({0}_t *p);", "const {0}_t *{1};")
_MAPS = (
    *("hash<__u32, {}>[1]", "hash<__u32, {}>[1]", "queue<{}>[1]", "hash<{}, __u32>[1]"),
    *("ringbuf<{}>[4096]", "array<__u32, {} *>[1]"),
)


def program(random: Random) -> str:
    """Return the text of a file with the map `m`, all structs of which something names."""
    names = (f"m{number}" for number in range(1000))
    parts = [PRELUDE]
    inner = f"struct inner {{ {_members(random, names, 2, _LEAVES)} }};\n"
    uses = []
    for number in range(random.randint(1, 2)):
        body = _body(random, names)
        if random.random() < 0.5:
            tag = f"named{number}"
            parts.append(f"struct {tag} {body};\ntypedef struct {tag} {tag}_t;\n")
            forms: tuple[str, ...] = _USES
        else:
            tag = f"unnamed{number}"
            parts.append(f"typedef struct {body} {tag}_t;\n")
            forms = _UNNAMED_USES
        uses += [
            random.choice(forms).format(tag, next(names)) for _ in range(random.choice((1, 1, 2)))
        ]
    if random.random() < 0.2:
        uses.append(f"struct {_body(random, names)} *{next(names)};")
    if random.random() < 0.3:
        uses.append(f"struct inner {next(names)}{random.choice(('', '[2]'))};")
    own = _members(random, names, random.randint(0, 2), _LEAVES)
    parts.append(f"struct v {{ {own} {' '.join(uses)} }}{_packed(random)};\n")
    if any("struct inner" in part for part in parts):  # without a use it is checked all the same
        parts.insert(1, inner)
    parts.append(f"map m: {random.choice(_MAPS).format('struct v')};\n")
    return "".join(parts)


def _body(random: Random, names: Iterator[str]) -> str:
    members = [_members(random, names, random.randint(1, 2), _LEAVES)]
    members += [_members(random, names, random.randint(0, 2), _FIELDS)]
    if random.random() < 0.3:
        members.append(f"struct inner {next(names)}{random.choice(('', '[2]'))};")
    if random.random() < 0.3:
        members.append(f"struct bpf_refcount {next(names)};")
    random.shuffle(members)
    return f"{{ {' '.join(members)} }}{_packed(random)}"


def _members(random: Random, names: Iterator[str], number: int, forms: tuple[str, ...]) -> str:
    return " ".join(random.choice(forms).format(next(names)) for _ in range(number))


def _packed(random: Random) -> str:
    return " __attribute__((packed))" if random.random() < 0.15 else ""
