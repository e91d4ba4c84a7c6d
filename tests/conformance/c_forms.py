"""Ways to write maps in C, by what is special about them; each compiles after `MACROS`."""

from __future__ import annotations

KINDS = """
enum bpf_map_type_ {
    BPF_MAP_TYPE_HASH = 1, BPF_MAP_TYPE_ARRAY = 2, BPF_MAP_TYPE_PROG_ARRAY = 3,
    BPF_MAP_TYPE_STACK_TRACE = 7, BPF_MAP_TYPE_LRU_HASH = 9, BPF_MAP_TYPE_LPM_TRIE = 11,
    BPF_MAP_TYPE_ARRAY_OF_MAPS = 12, BPF_MAP_TYPE_HASH_OF_MAPS = 13, BPF_MAP_TYPE_RINGBUF = 27,
};
enum { BPF_F_NO_PREALLOC = 1, BPF_F_RDONLY_PROG = 128 };
enum { LIBBPF_PIN_NONE, LIBBPF_PIN_BY_NAME };
#define __weak __attribute__((weak))
#define __hidden __attribute__((visibility("hidden")))
#define __always_inline inline __attribute__((always_inline))
"""

FORMS = {
    "packed_by_pragma": """
#define MAP_OF(n, T) struct { __uint(type, BPF_MAP_TYPE_ARRAY); __uint(max_entries, 1); \\
    __type(key, int); __type(value, T); } n SEC(".maps")
struct before { char a; int b; };
#pragma pack(push, 1)
struct all { char a; /* first */ int b; struct { char x; int y; } in; union { char c; int i; } u; };
typedef struct { char a; long b; enum { RED, BLUE } e; } t;
struct bits { char a; int b : 10; int c : 20; long d; int e : 3; };
struct packed { char a; struct before whole; long b; } __attribute__((packed));
#pragma pack(push, label, 8)
struct eight { char a; long b; };
#pragma pack(pop, label)
struct again { char a; long b; };
#pragma pack(pop)
struct after { char a; int b; };
#if 0
#pragma pack(1)
#endif
#pragma pack(1)
#pragma pack()
struct last { char a; int b; };
MAP_OF(ma, struct before); MAP_OF(mb, struct all); MAP_OF(mc, t); MAP_OF(md, struct bits);
MAP_OF(me, struct packed); MAP_OF(mf, struct eight); MAP_OF(mg, struct again);
MAP_OF(mh, struct after); MAP_OF(mi, struct last);
""",
    "macros_of_the_file": """
#define ROUND(n) ((n) + 1 & ~1)
#define BIG (1 << 12)
#define ALIAS BIG
#define KEY struct key
#define COMMON(kind, n) __uint(type, BPF_MAP_TYPE_##kind); __uint(max_entries, n)
#define DEFINE_MAP(name, kind, k, v, n, ...) \\
    struct { COMMON(kind, n); __type(key, k); __type(value, v); __VA_ARGS__ } name SEC(".maps")
struct key { __u32 a, b; };
DEFINE_MAP(one, HASH, KEY, __u64, ALIAS);
DEFINE_MAP(two, LRU_HASH, __u32, struct key, ROUND(3), __uint(map_flags, 0););
""",
    "spelled_by_hand": """
struct value { int x, y, z; };
struct {
    int (*type)[BPF_MAP_TYPE_HASH];
    int (*max_entries)[4 * 4];
    __typeof__(__u64) *key;
    struct value *value;
    int (*map_flags)[BPF_F_NO_PREALLOC];
} by_hand SEC(".maps");
struct inner { int (*type)[2]; int (*max_entries)[1]; int *key; __u64 *value; };
struct inner in_a SEC(".maps");
struct { int (*type)[12]; int (*max_entries)[8]; int (*key_size)[4]; struct inner *values[]; }
    outer SEC(".maps") = { .values = { [0 ... 2] = &in_a, [5] = (void *)&in_a } };
""",
    "named_and_typedefs": """
typedef struct { __u64 n; } counter_t;
typedef struct shape {
    __uint(type, BPF_MAP_TYPE_ARRAY); __uint(max_entries, 2);
    __type(key, int); __type(value, counter_t);
} shape_t;
shape_t first SEC(".maps");
shape_t second SEC(".maps");
struct shape third __weak SEC(".maps");
struct own {
    __uint(type, BPF_MAP_TYPE_HASH); __uint(max_entries, 3);
    __type(key, struct { __u32 a; __u16 b; __u16 c; }); __type(value, struct inside { __u64 x; });
} fourth SEC(".maps");
static struct {
    __uint(type, BPF_MAP_TYPE_HASH_OF_MAPS); __uint(max_entries, 4); __type(key, __u32);
    __type(value, __u32); __array(values, struct own);
} fifth SEC(".maps") = { .values = { (void *)&fourth } };
""",
    "typeof_a_map": """
struct { __uint(type, 2); __uint(max_entries, 1); __type(key, int); __type(value, __u64); }
    anonymous SEC(".maps");
struct { __uint(type, 13); __uint(max_entries, 1); __type(key, __u32);
         __array(values, __typeof__(anonymous)); } outer SEC(".maps") = {
    .values = { [7] = &anonymous },
};
""",
    "conditionals": """
#ifndef SIZE
#define SIZE 8
#endif
#if defined(BIGGER) && SIZE > 4
#define KIND BPF_MAP_TYPE_LRU_HASH
#elif SIZE == 8
#define KIND BPF_MAP_TYPE_HASH
#else
#error "no"
#endif
struct value {
    __u64 a;
#ifdef BIGGER
    __u64 b;
#endif
};
struct {
    __uint(type, KIND); __uint(max_entries, SIZE * 2);
    __type(key, int); __type(value, struct value);
} chosen SEC(".maps");
#ifdef BIGGER
struct { __uint(type, 2); __uint(max_entries, 1); __type(key, int); __type(value, int); }
    also SEC(".maps");
#endif
""",
    "types": """
#define __packed __attribute__((packed))
#define LEN 6
enum mode { A, B = LEN, C } __attribute__((packed));
typedef __u8 mac_t[LEN];
struct packed { __u8 a; __u32 b; } __packed;
struct outer {
    struct packed p; // held
    union { __u32 v4; __u8 v6[16]; } address;
    enum mode mode;
    struct { mac_t mac __attribute__((unused)); __u16 x : 3, : 2, y : 11; } in[2];
    int (*callback)(struct outer *self, const char *name);
    struct outer *next;
    unsigned __int128 wide __attribute__((aligned(32)));
} __attribute__((may_alias));
struct {
    __uint(type, BPF_MAP_TYPE_HASH); __uint(max_entries, sizeof(struct outer) * LEN);
    __type(key, mac_t); __type(value, struct outer);
} held SEC(".maps");
""",
    "lone_types": """
/* The outer one. */
struct outer {
    int x;
    struct before;
    union body { int a; long b; struct deep { int q; }; } __attribute__((packed)); // no member
    enum e { A, B };
    struct named { int z; } named;
    struct { int inside; };
    struct deep d;
    union body held;
};
struct { __uint(type, BPF_MAP_TYPE_HASH); __uint(max_entries, B);
         __type(key, enum e); __type(value, struct outer); } held SEC(".maps");
""",
    "modes": """
enum small { A = -1, B } __attribute__((mode(byte)));
enum either { C, D = 255 } __attribute__((mode(__QI__), aligned(2)));
enum word { E, F = 5 } __attribute__((mode(word)));
typedef enum { G, H = 7 } __attribute__((mode(HI))) half;
typedef unsigned int small_t __attribute__((mode(QI)));
typedef _Bool flag_t __attribute__((mode(SI)));
typedef float wide_t __attribute__((mode(DF)));
struct modes {
    enum small a;
    enum either b;
    half c;
    small_t d;
    flag_t e;
    wide_t f;
    const unsigned long g __attribute__((mode(byte)));
    int h __attribute__((mode(HI))), i, j __attribute__((mode(DI)));
    unsigned __attribute__((mode(__pointer__))) k, l;
    enum small m __attribute__((mode(HI)));
    int n : 3 __attribute__((mode(QI))), o : 5;
    char p __attribute__((mode(TI)));
    double q __attribute__((mode(SF), aligned(16)));
    enum word r;
    enum small s[3];
};
struct { __uint(type, BPF_MAP_TYPE_HASH); __uint(max_entries, D);
         __type(key, enum small); __type(value, struct modes); } held SEC(".maps");
struct { __uint(type, BPF_MAP_TYPE_HASH); __uint(max_entries, 1);
         __type(key, half); __type(value, enum word); } keyed SEC(".maps");
""",
    "attributes_inside": """
struct {
    __uint(type, BPF_MAP_TYPE_HASH) __attribute__((unused)); __uint(max_entries, 1);
    __type(key, struct { char c; int b; } __attribute__((packed)));
    __type(value, struct foo { char c; int b __attribute__((aligned(16))); }
                  __attribute__((packed)));
} by_macro SEC(".maps") __attribute__((aligned(8)));
struct {
    int (*type)[BPF_MAP_TYPE_HASH]; int (*max_entries)[1];
    struct __attribute__((__packed__)) { char c; int b; } *key;
    struct bar { char c; int b; } __attribute__((packed, aligned(4))) *value;
} by_hand SEC(".maps");
struct __attribute__((unused)) {
    __uint(type, BPF_MAP_TYPE_HASH); __uint(max_entries, 1); __type(key, int);
    __type(value, union __attribute__((aligned(16))) un { _Alignas(8) char c; __u32 a[3]; });
} unions SEC(".maps");
""",
    "elements_behind_pointers": """
struct e1 { __u32 a; };
struct e2 { struct e1 a; };
union e3 { __u32 a; };
enum e4 { E4_A = 3 };
typedef struct e5 { __u32 a; } e5_t;
typedef struct e6 { __u32 a; } e6_a[4];
typedef e6_a *e6_p;
struct e7 { __u32 a; };
struct e8 { __u32 a; };
struct elements {
    struct e2 (*a)[2]; union e3 (*b[3])[2][4]; enum e4 (*c)[0]; const e5_t (*d)[]; e6_p e;
    void (*f)(struct e7 (*a)[2], e6_a *b); struct e8 (*(*g)(int))[3]; struct elements *h;
};
struct { __uint(type, BPF_MAP_TYPE_HASH); __uint(max_entries, sizeof(struct e1));
         __type(key, int); __type(value, struct elements); } held SEC(".maps");
struct e9 { __u32 a; };
struct { __uint(type, BPF_MAP_TYPE_HASH); __uint(max_entries, 1);
         __type(key, int); __type(value, struct e9 (*)[2]); } direct SEC(".maps");
""",
    "both_bools": """
typedef _Bool bool;
struct both { bool a; _Bool b; bool *c; _Bool *d; bool e[2][3]; int (*f)(bool, _Bool); };
struct { __uint(type, BPF_MAP_TYPE_HASH); __uint(max_entries, 1);
         __type(key, _Bool); __type(value, struct both); } first SEC(".maps");
struct { __uint(type, BPF_MAP_TYPE_HASH); __uint(max_entries, 1);
         __type(key, bool); __type(value, bool[2]); } second SEC(".maps");
""",
    "tagged_maps": """
struct {
    __uint(type, BPF_MAP_TYPE_HASH); __uint(max_entries, 1); __type(key, int); __type(value, int);
} one SEC(".maps") __attribute__((btf_decl_tag("first \\"one\\""), unused, btf_decl_tag("second")));
struct shape { __uint(type, BPF_MAP_TYPE_ARRAY); __uint(max_entries, 1); __type(key, int);
               __type(value, int); };
__attribute__((btf_decl_tag("before"))) struct shape two SEC(".maps"), three SEC(".maps");
struct shape four __attribute__((weak, __btf_decl_tag__("with " "weak"))) SEC(".maps");
""",
    "functions_between": """
static __always_inline int helper(int a) { if (a) { return '}'; } return sizeof("{\\""); }
struct { __uint(type, 3); __uint(max_entries, 4); __uint(key_size, 4);
         __array(values, int (void *)); } jumps SEC(".maps");
extern int other(void *ctx);
SEC("xdp") int tail(void *ctx) {
    asm volatile("r0 = 1 // }" ::: "r0");
    return ({ int x = helper(1); x; }) + other(ctx);
}
__attribute__((section("tc"), used)) int second(struct __sk_buff *skb) { return 0; }
struct { __uint(type, 3); __uint(max_entries, 4); __uint(key_size, 4);
         __array(values, int (void *)); } filled SEC(".maps") = {
    .values = { [1] = (void *)&tail, (void *)&second } };
char LICENSE[] SEC("license") = "GPL";
""",
    "attributes_of_arguments": """
#define __arg_ctx __attribute__((btf_decl_tag("arg:ctx")))
#define __arg_nonnull __attribute__((btf_decl_tag("arg:nonnull")))
typedef void (*(*sig_t)(int, void (*)(int)))(int);
struct value { sig_t handler; };
struct { __uint(type, 2); __uint(max_entries, 1); __type(key, int); __type(value, struct value); }
    handlers SEC(".maps");
SEC("tc") int tagged(struct __sk_buff *skb __arg_ctx) { return 0; }
#define BPF_PROG(name, args...) name(unsigned long long *ctx); \\
    static int ____##name(unsigned long long *ctx, ##args); \\
    typeof(name(0)) name(unsigned long long *ctx) { return ____##name(ctx, (void *)ctx[0]); } \\
    static int ____##name(unsigned long long *ctx, ##args)
SEC("fentry/x") int BPF_PROG(traced, void *argument) { return !argument; }
SEC("tc") int odd(typeof(int) *skb __arg_ctx __arg_nonnull) { return 0; }
struct { __uint(type, 3); __uint(max_entries, 4); __uint(key_size, 4);
         __array(values, int (void *)); } jumps SEC(".maps") = {
    .values = { (void *)&tagged, (void *)&odd, (void *)&traced } };
""",
    "x_macros": """
#define SOME X(FIRST, = 5) X(SECOND, )
#define LAST X(MOST, )
typedef enum event {
    #define X(name, value) name value,
    // the list
    SOME
    LAST
    #undef X
} event_t;
#define X(n, v) struct { __uint(type, 1); __uint(max_entries, v); \\
    __type(key, int); __type(value, event_t); } n SEC(".maps");
X(one, MOST) X(two, __LINE__ * MOST)
""",
    "names_by_macros": """
#define STATS_NAME stats
#define MAP(k, n) struct { __uint(type, 1); __uint(max_entries, n); __type(key, k); \\
    __type(value, struct VALUE); }
#define CAT_(a, b) a##b
#define CAT(a, b) CAT_(a, b)
#define VALUE counters
#define FIELD packets
struct VALUE { __u64 FIELD, bytes[N_BYTES]; };
MAP(int, 4) STATS_NAME SEC(".maps");
MAP(__u32, sizeof(struct VALUE)) CAT(by_, STATS_NAME) SEC(".maps"), CAT(by_, FIELD) SEC(".maps");
MAP(char, __LINE__) CAT(line_, __LINE__) SEC(".maps");
""",
    "macros_defined_anew": """
#define N 4
#define M (N * 2)
#define MAP(name) struct { __uint(type, 1); __uint(max_entries, M); __type(key, int); \\
    __type(value, VALUE); } name SEC(".maps")
#define VALUE __u64
MAP(first);
#undef N
#undef VALUE
#define N 8
#define VALUE struct { __u32 low; }
MAP(second);
struct { __uint(type, 1); __uint(max_entries, N); __type(key, int); __type(value, char[N]); }
    third SEC(".maps");
#undef N
enum { N = 5 };
struct { __uint(type, 1); __uint(max_entries, N); __type(key, int); __type(value, char[N]); }
    fourth SEC(".maps");
""",
    "names_of_the_language": """
#define runtime 8
#define key 4
#define hash 2
struct { __uint(type, 1); __uint(max_entries, runtime); __uint(key_size, key);
         __uint(value_size, hash); } m SEC(".maps");
""",
    "maps_as_types": """
struct { __uint(type, 2); __uint(max_entries, 1); __type(key, int); __type(value, __u64); }
    first SEC(".maps");
typeof(first) second SEC(".maps");
__typeof__(second) third SEC(".maps");
struct { __uint(type, 12); __uint(max_entries, 4); __type(key, int); __array(values, third); }
    outer SEC(".maps") = { .values = { &first, [2] = &third } };
typedef struct { __uint(type, 1); __uint(max_entries, 3); __type(key, int); __type(value, int); }
    counter_map;
counter_map tx SEC(".maps");
typeof(counter_map) typed SEC(".maps");
struct { __uint(type, 13); __uint(max_entries, 4); __type(key, int);
         __array(values, counter_map); } others SEC(".maps");
""",
    "what_the_compiler_alone_knows": """
struct flow { __u32 a; struct key { __u16 b, c; } d; __u64 e[2]; };
struct flow sample;
typedef struct key key_t;
#define OFFSET __builtin_offsetof(struct flow, e)
#define MEMBER(t, m) typeof(((struct t *)0)->m)
struct { __uint(type, 1); __uint(max_entries, OFFSET * 4); __type(key, MEMBER(flow, d));
         __type(value, typeof(sample)); } types SEC(".maps");
struct { __uint(type, 1); __uint(max_entries, 4); __uint(key_size, sizeof(sample.d));
         __uint(value_size, sizeof(((struct flow *)0)->e)); } sizes SEC(".maps");
struct { __uint(type, 1); __uint(max_entries, _Alignof(sample)); __type(key, typeof((key_t){}));
         __type(value, typeof(&sample)); } others SEC(".maps");
struct { __uint(type, 12); __uint(max_entries, 4); __type(key, __u32);
         __array(values, struct { __uint(type, 2); __uint(max_entries, OFFSET); __type(key, int);
                                  __type(value, MEMBER(flow, e)); }); } nested SEC(".maps");
struct shared { __uint(type, 2); __uint(max_entries, sizeof(sample.e)); __type(key, int);
                __type(value, typeof(sample.d)); };
struct shared first SEC(".maps"), second SEC(".maps");
""",
    "bodies_that_need_the_build": """
struct { __uint(type, 2); __uint(max_entries, 1); __type(key, int); __type(value, __u64); }
    counts SEC(".maps");
static inline int unrolled(int n) {
#pragma unroll
    for (int i = 0; i < 4; i++)
        n += i;
    _Pragma("clang loop unroll(full)") for (int i = 0; i < 4; i++) n -= i;
    return n;
}
SEC("xdp") int entry(void *ctx) { return unrolled(sizeof(counts)); }
""",
    "initializers": """
struct my_value { int x, y, z; };
struct {
    int type; int max_entries; int map_flags; int *key; struct my_value *value;
} btf_map SEC(".maps") = { .type = BPF_MAP_TYPE_ARRAY, .max_entries = 16, .map_flags = 0 };
""",
    "legacy": """
struct bpf_map_def {
    unsigned int type, key_size, value_size, max_entries, map_flags;
};
#define COUNT 4
#define MAP(name) struct bpf_map_def SEC("maps") name
struct bpf_map_def SEC("maps") designated = {
    .type = BPF_MAP_TYPE_HASH, .key_size = sizeof(int), .value_size = 8, .max_entries = COUNT,
    .map_flags = BPF_F_NO_PREALLOC,
};
struct bpf_map_def SEC("maps") positional = { BPF_MAP_TYPE_ARRAY, 4, sizeof(__u64), COUNT * 2 };
MAP(made) = { .type = BPF_MAP_TYPE_RINGBUF, .max_entries = 4096 };
""",
}

STYLES = {"initializers": "initializer"}
