typedef int (*handler_t)(handler_t *next);  //! recursive-type
---
typedef struct { node_t *next; } node_t;  //! recursive-type
---
typedef struct knot { node_t *next; } node_t;  //! recursive-type
---
typedef struct knot node_t;
struct knot { node_t *next; };  //! pointer-in-value
map m: hash<__u32, node_t>[1];
---
typedef int (*first_t)(second_t *other);  //! recursive-type
typedef int (*second_t)(first_t *other);
---
typedef int a_t, (*b_t)(a_t *other);
struct holder { __u32 a; };
map m: hash<__u32, a_t>[1];
---
typedef _Bool bool;
struct flags { bool one; _Bool other; };
map m: hash<__u32, flags>[1];
---
struct held { bpf_spin_lock lock; };
---
typedef __u64 aligner_t;
const EIGHT = 8;
struct a { _Alignas(__u64) __u32 x; _Alignas(aligner_t) __u8 y; _Alignas(EIGHT) __u8 z; };
struct b { char c[sizeof(struct a) == 24 ? 1 : -1]; };
map m: hash<__u32, b>[1];
---
struct a { _Alignas(nowhere) __u32 x; };  //! unknown-constant
---
typedef int bool;  //! reserved-word
---
struct s { bool one; unsigned bool; };  //! reserved-word
---
const TRUE = (bool)5;
enum truth : bool { NO, YES };
struct s { bool one; enum truth two; _Alignas(bool) char c[6]; bool *(*f)(bool); };  //! pointer-in-value
map m: hash<bool, s>[TRUE];
