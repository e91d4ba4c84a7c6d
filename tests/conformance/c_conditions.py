"""Ways in which C has conditions around what maps are made of; each compiles after `MACROS`.

With each, the macros that builds give, and what they are tried as; None is not defined.
"""

from __future__ import annotations

_MAP = '__uint(max_entries, {}); __type(key, int); __type(value, {}); }} {} SEC(".maps");'


def a_map(name: str, entries: str = "1", value: str = "int", kind: str = "HASH") -> str:
    """Return the definition of a map."""
    return f"struct {{ __uint(type, BPF_MAP_TYPE_{kind}); {_MAP.format(entries, value, name)}"


CONDITIONS: dict[str, tuple[str, dict[str, tuple[int | None, ...]]]] = {
    "maps": (
        f"""
#ifdef A
{a_map("one")}
#else
{a_map("one", "2", kind="LRU_HASH")}
#endif
#ifndef B
{a_map("two")}
#endif
{a_map("three")}
""",
        {"A": (None, 1), "B": (None, 0)},
    ),
    "nested_and_chained": (
        f"""
#if defined(A) && LEVEL >= 3
{a_map("one")}
# ifdef B
{a_map("two")}
# elif LEVEL > 3
{a_map("two", "7")}
# else
# endif
#elif LEVEL == 1 || LEVEL & 0x10
{a_map("one", "5")}
#endif
""",
        {"A": (None, 1), "B": (None, 1), "LEVEL": (None, 1, 2, 3, 4, 17)},
    ),
    "types_and_constants": (
        f"""
#ifdef WIDE
#define COUNT 4	/* of them */
#define NUMBER (COUNT * 2)
#else
#define COUNT 1
#define NUMBER 3
#endif
struct part {{ char bytes[COUNT]; }};
struct key {{
    int a;
#ifdef WIDE
    int b;
    struct part part;
#else
    short b;
#endif
#if TAIL > 0
    long tail[TAIL > 1 ? 2 : 1];
#endif
}};
#ifdef TYPED
typedef struct key value_t;
enum {{ ENTRIES = 4, MORE }};
#else
typedef long value_t;
enum {{ ENTRIES = 3 }};
#endif
{a_map("one", "NUMBER", "struct key")}
{a_map("two", "ENTRIES", "value_t")}
""",
        {"WIDE": (None, 1), "TYPED": (None, 1), "TAIL": (None, 0)},
    ),
    "attributes": (
        """
struct { __uint(type, BPF_MAP_TYPE_HASH); __uint(max_entries, 3); __type(key, int);
#ifdef A
    __uint(map_flags, BPF_F_NO_PREALLOC);
#endif
#if B
    __uint(numa_node, 1);
#elif defined(A)
    __uint(numa_node, 2);
#endif
    __type(value, long);
} one SEC(".maps");
struct { __uint(type,
#ifdef A
    BPF_MAP_TYPE_LRU_HASH
#else
    BPF_MAP_TYPE_HASH
#endif
    ); __uint(max_entries, 3); __type(key, int); __type(value, long); } two SEC(".maps");
""",
        {"A": (None, 1), "B": (None, 0, 1)},
    ),
    "makers": (
        """
#ifdef SMALL
#define MAKE(n, v) struct { __uint(type, BPF_MAP_TYPE_ARRAY); __uint(max_entries, 1); \\
    __type(key, int); __type(value, v); } n SEC(".maps")
#else
#define MAKE(n, v) struct { __uint(type, BPF_MAP_TYPE_HASH); __uint(max_entries, 100); \\
    __type(key, int); __type(value, v); } n SEC(".maps")
#endif
#ifdef EXTRA
#define IF_EXTRA(x) x
#else
#define IF_EXTRA(x)
#endif
MAKE(one, int);
MAKE(two, long);
IF_EXTRA(MAKE(three, char);)
""",
        {"SMALL": (None, 1), "EXTRA": (None, 1)},
    ),
    "derived": (
        f"""
#if VERSION >= KERNEL_VERSION(5, 8, 0)
#define HAS_IT
#endif
#ifndef MODE
#define MODE 1
#endif
#ifdef HAS_IT
{a_map("one")}
#endif
#if MODE == 1
{a_map("two")}
#elif MODE == 2
{a_map("two", "2")}
#endif
#undef LEFT
#ifdef LEFT
{a_map("never")}
#endif
#define RIGHT
#if defined(RIGHT) && defined(OTHER)
{a_map("three")}
#endif
""",
        {
            "VERSION": (None, 329727, 329728),
            "MODE": (None, 0, 1, 2),
            "OTHER": (None, 1),
            "HAS_IT": (None,),
        },
    ),
    "templates_and_inner_maps": (
        """
struct shape { __uint(type, BPF_MAP_TYPE_ARRAY); __type(key, int); __type(value, long);
#ifdef LARGE
    __uint(max_entries, 64);
#else
    __uint(max_entries, 2);
#endif
};
struct shape slot_a SEC(".maps");
#ifdef B
struct shape slot_b SEC(".maps");
#endif
struct { __uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS); __uint(max_entries, 4); __type(key, int);
    __array(values, struct shape); } outer SEC(".maps") = { .values = {
    [1] = (void *)&slot_a,
#ifdef B
    [2] = (void *)&slot_b,
#endif
} };
SEC("xdp") int first(void *context) { return 1; }
#ifdef LARGE
SEC("xdp") int second(void *context) { return 2; }
#endif
struct { __uint(type, BPF_MAP_TYPE_PROG_ARRAY); __uint(max_entries, 4); __type(key, int);
    __array(values, int(void *)); } jumps SEC(".maps") = { .values = {
#ifdef LARGE
    [0] = (void *)&second,
#endif
    [3] = (void *)&first,
} };
""",
        {"LARGE": (None, 1), "B": (None, 1)},
    ),
    "without_effect": (
        f"""
#ifdef DEBUG
#define debug(x) x
#else
#define debug(x)
#endif
#if 0
{a_map("never")}
#endif
#ifdef __cplusplus
{a_map("never", "2")}
#endif
#ifdef __clang__
{a_map("one")}
#endif
int function(int value) {{
#ifdef DEBUG
    value += 1;
#endif
    return value;
}}
""",
        {"DEBUG": (None, 1)},
    ),
    "packed": (
        f"""
#ifdef PACKED
#pragma pack(push, 1)
#endif
struct value {{ char a; int b; }};
#ifdef PACKED
#pragma pack(pop)
#endif
{a_map("one", "1", "struct value")}
""",
        {"PACKED": (None, 1)},
    ),
    "legacy_or_not": (
        f"""
#ifdef MODERN
{a_map("one", "4", "long")}
#else
struct bpf_map_def {{ unsigned int type, key_size, value_size, max_entries, map_flags; }};
struct bpf_map_def SEC("maps") one = {{ .type = BPF_MAP_TYPE_HASH, .key_size = sizeof(int),
    .value_size = sizeof(long), .max_entries = 4 }};
#endif
""",
        {"MODERN": (None, 1)},
    ),
}
