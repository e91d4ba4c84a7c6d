"""Programs written by hand, for what random ones come upon seldom or never."""

from __future__ import annotations

_TAG = '__attribute__((btf_type_tag("x")))'

PROGRAMS = {
    "deep": "struct d0 { int x; };\n"
    + "".join(f"struct d{n} {{ struct d{n - 1} in; }};\n" for n in range(1, 190))
    + "map m: hash<__u32, d189>[4];",
    "without names": f"struct a {{ {'struct { ' * 150}int x;{' };' * 150} }};\n"
    "map m: hash<__u32, a>[4];",
    "pointers": "typedef int *p0;\n"
    + "".join(f"typedef const p{n - 1} *p{n};\n" for n in range(1, 190))
    + "struct v { p189 p; }; map m: hash<__u32, v>[4];",
    "wide": f"struct w {{ {' '.join(f'__u8 m{n};' for n in range(3000))} }};\n"
    f"enum e {{ {', '.join(f'E{n}' for n in range(3000))} }}; struct x {{ enum e e; }};\n"
    "map m: hash<__u32, w>[4]; map n: hash<__u32, x>[4];",
    "empty": "struct e {}; union u {}; struct v { struct e e; union u u; int a; int z[0]; };\n"
    "map m: hash<__u32, v>[4]; map n: hash<__u32, e>[4];",
    "flexible": "struct f { int n; struct { int a, b; } x[]; }; struct g { int n; int r[][3]; };\n"
    "map m: ringbuf<f>[64 KiB]; map n: hash<__u32, g>[1];",
    "arrays": """
        typedef int a2[2]; typedef a2 a22[3]; typedef const a2 ca2;
        map m: hash<__u8[2][3][4], struct { int a[2][2]; }>[1];
        map n: hash<a22, a2[4]>[3];
        map o: hash<__u32, const a22>[1];
        map p: hash<ca2, volatile ca2[2]>[1];""",
    "functions": """
        typedef int (*f)(int, ...); typedef void (*g)(void); typedef int (*h)();
        struct v {
            f a; g b; h c; int (*(*d)(int))[3];
            void (*e[4])(struct v *self, const char *, int (*)(struct q *), int x[3], int y[]);
        };
        map m: hash<__u32, v>[1];""",
    "parameters": """
        typedef __u8 mac[6]; typedef mac mac2; typedef mac list[4]; typedef __u8 grid[2][3];
        typedef const __u8 cm[6]; typedef volatile __u8 vm[6]; typedef const mac cmac;
        typedef int fn(int); typedef fn fn2; typedef __u8 open[]; struct s { int a; };
        typedef struct s ss[2]; enum e { E1 }; typedef enum e ee[2]; typedef __u32 *pointers[4];
        typedef struct { int a; } nameless[3]; typedef int (*call)(mac m); typedef call calls[2];
        typedef struct v v_t;
        struct v {
            int (*a)(mac, const mac, mac2, const list, const grid, volatile cm, const vm);
            int (*b)(volatile cmac, fn, fn2, open, list, grid, mac[2], const cmac);
            int (*c)(ss, ee, pointers, call, const calls, nameless, const struct s *, v_t);
            fn *d; call e; int (*f)(int (*)(mac), fn *, mac *);
        };
        int tail(struct v *x, mac m, fn f);
        map m: array<__u32, v>[1];
        map p: prog_array[2] = { [1] = tail };""",
    "one struct of two members": """
        struct l { int x; };
        struct s { struct { struct l *m; volatile struct l *t; } a, *b; };
        map m: hash<__u32, s>[1];""",
    "long names": f"map {'m' * 300}: hash<__u32, __u64>[1];\n"
    f"struct {'s' * 500} {{ int {'x' * 500}; }}; map n: hash<__u32, {'s' * 500}>[1];",
    "no map": "struct a { int x; }; enum e { A };",
    "nothing but an extern map": "extern map m: hash<__u32, __u64>[1];",
    "declaration tags": """
        struct t { int x; };
        typedef struct t tt __attribute__((btf_decl_tag("of t"), btf_decl_tag("b")));
        struct v { struct t __kptr *a; tt __kptr_untrusted *b; const tt *c; tt d; int e
                   __attribute__((btf_decl_tag("of e"), btf_decl_tag("twice"))); }
        __attribute__((btf_decl_tag("whole")));
        map m __attribute__((btf_decl_tag("of m"))): hash<__u32, v>[1];""",
    "tags of pointees": f"""
        typedef int *t; typedef struct s {{ int a; }} st; typedef st {_TAG} *sp;
        typedef sp {_TAG} *spp;
        struct v {{
            const int {_TAG} *a; int {_TAG} volatile *b; int *{_TAG} *c; int *const {_TAG} *d;
            int (*e)(int *{_TAG} *f, int {_TAG} *g); const t {_TAG} *h; struct s {_TAG} *i;
            struct s *j; struct w {_TAG} *k; struct s {_TAG} **l; struct v {_TAG} *m; spp n;
            spp *o; void {_TAG} *q; int __arena *r;
        }};
        map m: hash<__u32, v>[1]; map n: hash<__u32, int {_TAG} *>[1];
        map o: ringbuf<int {_TAG} *>[4096];""",
    "programs": """
        typedef int cb(void *ctx); struct c { int x; };
        int a(struct c *c); long b(struct c c, int (*f)(int), const char *names[], ...);
        struct c d(void);
        map j: prog_array[8] = { a, b, d, [7] = a }; map k: prog_array[2] = { [1] = a };""",
    "large numbers": """
        map m: hash[4294967295] { key_size = 4; value_size = 4294967295; }
        map n: array<__u32, __u8[3000000000]>[4000000000u];
        map o: arena[100] { map_extra = 1ull << 44; }
        map p: bloom_filter<__u64>[5] { map_extra = 4294967295; }
        map q: bloom_filter<__u64>[5] { map_extra = 4294967296; }
        map r: hash<__u32, __u32>[1] { map_flags = 4294967295; numa_node = 4294967295; }""",
    "records": """
        struct e { int a; }; enum en : __u8 { X };
        map a: ringbuf<e>[64 KiB]; map b: ringbuf<const e>[64 KiB]; map c: ringbuf<int>[64 KiB];
        map d: ringbuf<char>[64 KiB]; map f: perf_event_array<e[3]>; map g: ringbuf<e *>[64 KiB];
        map h: ringbuf<__u8[1000000000]>[64 KiB]; map i: ringbuf<void *>[4096];
        map j: user_ringbuf<union { int a; }>[4096]; map k: ringbuf<volatile int>[4096];
        map l: ringbuf<struct { int a; } [2][2]>[4096]; map m: ringbuf<enum en>[4096];""",
    "templates": """
        template t: prog_array[4]; int f(void *x);
        map a: t = { [1] = f }; map b: t; weak map c: t = { [3] = f }; extern map d: t;
        template q: hash<__u32, __u32>[1]; map r: q;
        template o: array_of_maps<__u32, hash<__u32, __u32>[1]>[3]; map v: o;
        map s: array_of_maps<__u32, q>[2] = { r, r };
        weak map u: array_of_maps<__u32, q>[2] = { [1] = r };""",
    "declarations": """
        struct a { struct b *b; struct never *n; union nu *u; enum ne *e; };
        struct b { struct a a; struct b *b; };
        map m: hash<__u32, a>[1]; map n: hash<__u32, struct never *>[1];
        map o: hash_of_maps<__u32, hash<__u32, struct never2 *>[1]>[1];
        map p: hash_of_maps<__u32, hash<__u32, b>[1]>[1];""",
}
"""By what is special about each."""
