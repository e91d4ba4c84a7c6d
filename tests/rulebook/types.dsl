struct a { int x; };
struct a { int y; };  //! duplicate-name
map m: hash<__u32, a>[1];
---
struct knot { struct knot *next; };  //! pointer-in-value
map m: hash<__u32, knot>[1];
---
struct node { struct node next; };  //! recursive-type
map m: hash<__u32, node>[1];
---
struct ping { struct pong other; };  //! recursive-type
struct pong { struct ping other; };
---
struct opaque;
struct holder { struct opaque *pointer; };  //! pointer-in-value
map m: hash<__u32, holder>[1];
---
struct opaque;
struct holder { struct opaque inside; };  //! incomplete-type
---
struct opaque;
struct holder { struct opaque (*p)[2]; };  //! incomplete-type
---
struct holder { struct nowhere (*p[3])[2][4]; };  //! unknown-type
---
typedef struct opaque o_t;
struct holder { int (*f)(o_t (*p)[]); };  //! incomplete-type
---
struct holder { struct later (*p)[2]; later_t *(*q)[3]; int (*f)(struct last p[2]); };  //! pointer-in-value pointer-in-value pointer-in-value
struct later { int x; };
typedef struct later later_t;
struct last { int x; };
map m: hash<__u32, holder>[1];
map n: hash<__u32, struct later (*)[2]>[1];  //! pointer-in-value
---
struct holder { struct holder (*p)[2]; };  //! recursive-type
---
struct holder { struct nowhere inside; };  //! unknown-type
---
struct holder { nowhere_t inside; };  //! unknown-type
map m: hash<__u32, nowhere_t>[1];
---
struct flow { int x; };
struct holder { flow inside, more; flow *next; int (*f)(flow *); };  //! pointer-in-value pointer-in-value
typedef flow flow_t;
map m: hash<__u32, holder>[sizeof(flow_t)];
---
typedef int flow;
struct flow { int x; };
map m: hash<__u32, flow>[1];  //! hidden-tag
map n: hash<flow, struct flow>[1];
---
typedef struct flow flow;
struct flow { flow *next; int x; int y; };  //! pointer-in-value
map m: hash<__u32, flow>[1];
---
enum verdict { PASS };
const A = (verdict)-1 ? 2 : 1;
map m: hash<__u32, verdict>[A];
---
struct opaque;
struct holder { opaque *p; opaque q; };  //! incomplete-type
---
typedef struct opaque opaque_t;
struct holder { opaque_t *p; opaque_t q; };  //! incomplete-type
map m: hash<__u32, opaque_t>[8];
---
typedef union opaque opaque_t, *opaque_ptr;
struct holder { opaque_t *p; opaque_ptr q; };  //! pointer-in-value pointer-in-value
map m: array<__u32, holder>[8];
---
typedef struct opaque opaque_t;
typedef opaque_t opaque_t2;
map m: hash<__u32, opaque_t2>[8];  //! incomplete-type
---
struct outer { int x; union body { int a; }; };  //! declaration
---
struct outer { int x; struct body { int a; }; };  //! declaration
---
struct outer { int x; enum body { A }; };  //! declaration
---
struct outer { int x; struct body; };  //! declaration
---
struct outer { int x; union { int a; }; struct body { int b; } c; enum { A }; };
map m: hash<__u32, outer>[A + 1];
---
struct flow { int x; };
struct holder { union flow inside; };  //! tag-kind
---
union either { int x; };
enum verdict { PASS };
struct holder { union either e; enum verdict v; };
map m: hash<either, holder>[1];
---
struct members {
    int a;
    struct { int b; union { int c; int a; }; };  //! duplicate-member
};
---
struct members { int a; struct { int b; } c; struct { int b; } d; };
map m: hash<__u32, members>[1];
---
struct w { __u8 nine : 9; };  //! bit-field-width
---
struct w { __u8 eight : 8; };
map m: hash<__u32, w>[1];
---
struct w { float f : 3; };  //! bit-field-type
---
struct w { int x : 0; };  //! bit-field-width
---
struct w { int x : 3; int : 0; int y : 3; };  //! value-padding
map m: hash<__u32, w>[1];
---
struct tail { __u8 data[]; int x; };  //! flexible-array
---
struct tail { int x; __u8 data[]; };  //! flexible-value
map m: array<__u32, tail>[1];
---
struct s { int x[-1]; };  //! array-length
---
struct s { int x[0]; int y[1 + 1]; };
map m: hash<__u32, s>[1];
---
struct s { void x; };  //! incomplete-type
---
struct s { void *x; };  //! pointer-in-value
map m: hash<__u32, s>[1];
---
struct s { int f(void); };  //! member-function
---
struct s { int (*f)(void); };  //! pointer-in-value
map m: hash<__u32, s>[1];
---
struct s { int x[2][]; };  //! array-element
---
struct s { int x __attribute__((aligned(3))); };  //! alignment
---
struct s { int x __attribute__((aligned(4))); };
map m: hash<__u32, s>[1];
---
struct s { int x __attribute__((mode(HI))), y; char c __attribute__((mode(__SI__))), d[4]; };  //! value-padding
map m: hash<__u32, s>[sizeof(struct s) == 16];
---
struct s { int x __attribute__((mode(XX))); };  //! attribute
---
struct s { int x __attribute__((mode(SF))); };  //! attribute
---
struct s { float x __attribute__((mode(QI))); };  //! attribute
---
struct s { int x[2] __attribute__((mode(QI))); };  //! attribute
---
struct s { int x; } __attribute__((mode(QI)));  //! attribute
---
struct s { int x : 9 __attribute__((mode(QI))); };  //! bit-field-width
---
typedef float wide_t __attribute__((mode(DF)));
typedef unsigned small_t __attribute__((mode(byte)));
struct s { wide_t a; int x : 8 __attribute__((mode(QI))); small_t b[7]; };
map m: hash<__u32, s>[sizeof(struct s) == 16];
---
enum e { A = -1, B = 255 } __attribute__((mode(byte)));
enum w { C, D } __attribute__((mode(word)));
struct s { enum e a[8]; enum w b; };
map m: hash<__u32, s>[sizeof(struct s) == 16];
---
enum e { A = -1, B = 256 } __attribute__((mode(byte)));  //! enum-range
---
enum e : __u8 { A } __attribute__((mode(byte)));  //! attribute
---
enum e { A } __attribute__((mode(TI)));  //! enum-base
---
enum e { A } __attribute__((btf_decl_tag("x")));  //! attribute
---
struct s { int x __attribute__((vector_size(16))); };  //! attribute
---
struct s { int x; } __attribute__((ms_struct));  //! attribute
---
struct s { int x; } __attribute__((brand_new(1)));  //! attribute
---
struct s { __u8 a; __u32 b; };
typedef struct s t __attribute__((packed));  //! ignored-attribute
---
struct s { int (__attribute__((aligned(16))) x); int y, z, w; };
map m: hash<__u32, s>[sizeof(struct s) == 16];  //! value-alignment
---
struct s { int * __attribute__((aligned(16))) x; };  //! attribute
---
struct s { int (*x)(int a __attribute__((aligned(16)))); };  //! attribute
---
struct s { int (*x)(int a __attribute__((unused))); };  //! ignored-attribute pointer-in-value
map m: hash<__u32, s>[1];
---
map m: hash<int __attribute__((mode(QI))), int>[1];  //! attribute
---
map m: hash<__u32, __u32>[sizeof(int __attribute__((aligned(16))))];  //! attribute
---
map m: hash<__u32, struct { __u8 a; __u32 b; } __attribute__((packed))>[1];
---
struct s { int x __attribute__((unused)); };  //! ignored-attribute
map m: hash<__u32, s>[1];
---
struct s { unsigned float x; };  //! type-words
---
struct s { _Atomic int x; };  //! syntax
---
struct s { _Atomic(__u64) x; };  //! syntax
---
struct s { _Atomic __u64 x; };  //! syntax
---
typedef _Atomic __u64 x;  //! syntax
---
struct s { float _Complex x; };  //! syntax
---
struct s { long long long x; };  //! type-words
---
struct s { long unsigned int long x; };
map m: hash<__u32, s>[1];
---
struct s { signed unsigned x; };  //! type-words
---
enum e : float { A };  //! enum-base
---
enum e : __u8 { A = 255 };
map m: hash<__u32, enum e>[1];
---
enum e : __u8 { A = 256 };  //! enum-range
---
enum e : __u8 { A = 255, B };  //! enum-range
---
enum e { A = 0x7fffffff, B = -1 };
map m: hash<__u32, enum e>[1];
---
enum e { A };
enum f { A };  //! duplicate-name
---
typedef int t;
typedef int t;  //! duplicate-name
---
typedef struct knot node_t;
struct knot { node_t *next; };  //! pointer-in-value
map m: hash<__u32, node_t>[1];
---
typedef b_t a_t;  //! recursive-type
typedef a_t b_t;
---
struct while { int x; };  //! reserved-word
---
struct s { int return; };  //! reserved-word
map m: hash<__u32, s>[1];
---
struct s { int map, template, key, value, import, KiB, runtime; };
map m: hash<__u32, s>[1];
---
struct bpf_spin_lock { int x; };  //! duplicate-name
---
typedef unsigned int __u32;
map m: hash<__u32, __u32>[1];
---
int variable;  //! declaration
---
struct { int x; };  //! declaration
---
struct s { struct tagged { int x; } y; };
map m: hash<__u32, tagged>[1];
---
struct s { int; };  //! declaration
---
int program(struct __sk_buff *skb);
map m: hash<__u32, program>[1];  //! unknown-type
---
struct s { int x __kptr; };  //! attribute
---
struct s { struct task_struct __kptr *task; };
map m: hash<__u32, s>[1];
---
struct big { char a[0x20000000]; };  //! type-size
---
map m: hash<__u32, enum { A, B }>[4];  //! declaration
map n: hash<__u32, struct { int a; }>[4];
---
enum { A, B };
struct s { enum { C, D } e; };
map m: hash<__u32, s>[B + D];
