"""C programs with maps: of every shape that libbpf opens, and of every kind that it refuses."""

from __future__ import annotations

from tests import compiled

INT_TO_INT = "__type(key, int); __type(value, int);"


def hash_of(members: str, *, behind: str = "", before: str = "") -> str:
    """Return the definition of a hash `m` with *members*."""
    return (
        f"{before} struct {{ __uint(type, 1); {members} __uint(max_entries, 4); }} m "
        f'SEC(".maps") {behind};'
    )


def outer_of(inner: str, *, members: str = "__uint(key_size, 4);", type: int = 12) -> str:
    """Return the definition of a map `m` of *type* that holds maps of struct i, made of *inner*."""
    return (
        f"struct i {{ {inner} }}; struct {{ __uint(type, {type}); {members} "
        '__array(values, struct i); } m SEC(".maps");'
    )


def _with_macros(programs: dict[str, str]) -> dict[str, str]:
    return {name: compiled.MACROS + text for name, text in programs.items()}


OPENED = {
    "modern": compiled.MODERN,
    "types": compiled.TYPES,
    **_with_macros(
        {
            "anonymous": hash_of(
                "__type(key, struct { int a; struct { __u8 b : 3; } c[2]; }); "
                "__uint(value_size, 9);"
            ),
            "function pointers": "struct s; typedef int (*fn)(struct s *, const char *const *);"
            + hash_of("__type(key, fn); int *(*(*(*value)[3])(void (*)(int)))[4];"),
            "qualified": "struct s { int a; };"
            + hash_of("const volatile struct s *key; const int *const *value;"),
            "enum": "enum e { A = -1, B = 5 }; typedef enum { C = 7 } e_t;"
            + hash_of("__type(key, enum e); __type(value, e_t);"),
            "union of arrays": hash_of(
                "__type(key, union { int a[2][3]; char *b[4]; }); __type(value, _Bool);"
            ),
            "size before type": hash_of("__uint(key_size, 4);" + INT_TO_INT),
            "shared definition": """
struct shape { __uint(type, 2); __type(key, int); __type(value, __u64); __uint(max_entries, 2); };
typedef volatile struct shape shape_t;
shape_t a SEC(".maps"), b SEC(".maps");
struct shape c SEC(".maps");
""",
            "ring buffer": """
struct { __uint(type, 27); __uint(max_entries, 5000); } m SEC(".maps");
""",
            "bare map of maps": """
struct { __uint(type, 12); __uint(key_size, 4); __uint(max_entries, 4); } m SEC(".maps");
""",
            "unknown type": 'struct { __uint(type, 1000); } m SEC(".maps");',
            "no maps": 'SEC("xdp") int p(void *c) { return 1; }',
            "data": """
int a = 1;
const volatile int b = 2;
int c;
static int d SEC(".data.own");
SEC("xdp") int p(void *x) { d += a; return b + c + d; }
""",
        }
    ),
}
"""What libbpf 1.0 and later opens."""

REFUSED = _with_macros(
    {
        "const key": hash_of("int *const key; __type(value, int);"),
        "typedef of a pointer": hash_of(
            "pointer key; __type(value, int);", before="typedef int *pointer;"
        ),
        "key that is no pointer": hash_of("struct { int a; } key; __type(value, int);"),
        "void key": hash_of("void *key; __type(value, int);"),
        "forward-declared key": hash_of(
            "struct never *key; __type(value, int);", before="struct never;"
        ),
        "function key": hash_of("int (*key)(void); __type(value, int);"),
        "typedef of the array": hash_of(
            "five *map_flags;" + INT_TO_INT, before="typedef int five[5];"
        ),
        "pointer to no array": hash_of("int *map_flags;" + INT_TO_INT),
        "unknown attribute": hash_of("__uint(colour, 3);" + INT_TO_INT),
        "key_size that differs": hash_of("__uint(key_size, 8);" + INT_TO_INT),
        "value_size that differs": hash_of(INT_TO_INT + "__uint(value_size, 8);"),
        "no type": 'struct { __uint(max_entries, 4); } m SEC(".maps");',
        "type 0": 'struct { __uint(type, 0); } m SEC(".maps");',
        "pinning 2": hash_of("__uint(pinning, 2);" + INT_TO_INT),
        "hidden": hash_of(INT_TO_INT, behind='__attribute__((visibility("hidden")))'),
        "static": hash_of(INT_TO_INT, before="static") + "void *p = &m;",
        "extern": hash_of(INT_TO_INT, before="extern") + "void *p = &m;",
        "a pointer instead of a map": 'int *m SEC(".maps");',
        "an array of maps": 'struct { __uint(type, 1); } m[2] SEC(".maps");',
        "a union": 'union { __uint(type, 1); } m SEC(".maps");',
        "values of a hash": outer_of("__uint(type, 1);", type=1),
        "values before other members": """
struct i { __uint(type, 1); };
struct { __uint(type, 12); struct i *values[0]; __uint(key_size, 4); } m SEC(".maps");
""",
        "values of eight bytes": outer_of("__uint(type, 1);", members="__uint(value_size, 8);"),
        "values that are numbers": """
struct { __uint(type, 12); __uint(key_size, 4); int values[]; } m SEC(".maps");
""",
        "programs in a map of maps": """
struct { __uint(type, 12); __uint(key_size, 4); __array(values, int(void *)); } m SEC(".maps");
""",
        "maps in a prog_array": outer_of("__uint(type, 1);", type=3),
        "inner map that is pinned": outer_of("__uint(type, 1); __uint(pinning, 1);"),
        "inner map in an inner map": "struct j { __uint(type, 1); };"
        + outer_of("__uint(type, 12); __array(values, struct j);"),
        "inner map without a type": outer_of("__uint(max_entries, 1);"),
        "inner map with a const key": outer_of("__uint(type, 1); int *const key;"),
        "hash_of_maps with slots and a wide key": """
struct i { __uint(type, 1); __type(key, int); __type(value, int); __uint(max_entries, 1); };
struct i one SEC(".maps");
struct { __uint(type, 13); __uint(key_size, 8); __uint(max_entries, 4); __array(values, struct i); }
    m SEC(".maps") = { .values = { (void *)&one } };
""",
        "a slot that holds data": """
int data = 1;
struct i { __uint(type, 1); };
struct { __uint(type, 12); __uint(key_size, 4); __uint(max_entries, 4); __array(values, struct i); }
    m SEC(".maps") = { .values = { (void *)&data } };
""",
        "a slot that holds a subprogram": """
__attribute__((noinline)) int sub(void *c) { return 1; }
SEC("xdp") int p(void *c) { return 1; }
typedef int (program)(void *);
struct { __uint(type, 3); __uint(key_size, 4); __uint(max_entries, 4); __array(values, program); }
    m SEC(".maps") = { .values = { (void *)&sub } };
""",
        "legacy": 'struct { int type, key, value, max; } m SEC("maps") = { 1, 4, 4, 1 };',
        "initializer": 'struct { int type; int max_entries; } m SEC(".maps") = { 1, 4 };',
        "extern variable": 'extern int there; SEC("xdp") int q(void *c) { return there; }',
        "static program": """
static SEC("xdp") __attribute__((noinline)) unsigned f(unsigned c) { return c / 3; }
SEC("tc") int q(unsigned *c) { return f(*c); }
""",
        "anonymous struct_ops": 'struct { int a; } ops SEC(".struct_ops") = { 1 };',
        "struct_ops that is an int": 'typedef int number; number ops SEC(".struct_ops") = 1;',
    }
)
"""What libbpf refuses, each for one reason."""
