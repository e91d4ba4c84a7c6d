struct s { __u8 a; float x; } __attribute__((packed));  //! btf-refused
map m: hash<__u32, s>[1];
---
struct s { float x; __u8 a; } __attribute__((packed));
map m: hash<__u32, s>[1];
---
struct s { __u8 a; float x[1]; } __attribute__((packed));
map m: hash<__u32, s>[1];
---
struct s { __u8 a; float x; } __attribute__((packed));  //! btf-refused
map m: hash<__u32, struct s *>[1];  //! pointer-in-value
---
// A pointer in a struct brings a declaration alone, and one that is met before it changes nothing.
typedef struct s *link_t;
struct s { __u8 a; float x; } __attribute__((packed));  //! btf-refused
struct h { link_t p; };  //! pointer-in-value
map n: hash<__u32, h>[1];
map m: hash<__u32, link_t>[1];  //! pointer-in-value
---
struct s { __u8 a; float x; } __attribute__((packed));
struct h { struct s *p; };  //! pointer-in-value
map m: hash<__u32, h>[1];
---
typedef const double mean_t;
struct s { __u32 a; mean_t x; } __attribute__((packed));  //! btf-refused
map m: hash<__u32, s>[1];
---
struct s { __u64 a; double x; long double y; } __attribute__((packed));  //! long-double-in-shared-type
map m: hash<__u32, s>[1];
---
enum v : __u8 { A, B };
struct s { __u8 a : 4, b : 4; enum v x; };  //! btf-refused
map m: hash<__u32, s>[1];
---
enum v : __u8 { A, B };
struct s { __u8 a : 4, b : 4; enum v x; __u8 more[3]; };
map m: hash<__u32, s>[1];
---
enum v : __u8 { A, B };
struct s { __u8 a : 4, b : 4; enum v x[1]; };
map m: hash<__u32, s>[1];
---
enum v : __u8 { A, B };
struct s { __u8 a; __u8 : 8; enum v x; };  //! value-padding
map m: hash<__u32, s>[1];
---
enum v : __u64 { A, B };
struct s { enum v x : 33; __u64 : 31; };  //! btf-refused value-padding
map m: hash<__u32, s>[1];
---
enum v : __u64 { A, B };
struct s { enum v x : 32; __u32 y; };
map m: hash<__u32, s>[1];
---
struct s { __u8 a : 1; __int128 x : 128; __u8 b : 7; } __attribute__((packed));  //! btf-refused int128-in-shared-type
map m: hash<__u32, s>[1];
---
struct s { __u8 a : 1; __int128 x : 127; } __attribute__((packed));  //! int128-in-shared-type
map m: hash<__u32, s>[1];
---
struct nowhere;
struct s { void (*call)(struct nowhere x); };  //! pointer-in-value
map m: hash<__u32, s>[1];  //! btf-refused
---
struct s { const void (*call)(void); };  //! pointer-in-value
map m: hash<__u32, s>[1];  //! btf-refused
---
struct nowhere;
struct s { void (*call)(struct nowhere *x, ...); };  //! pointer-in-value
map m: hash<__u32, s>[1];
---
enum nowhere;
struct s { enum nowhere *x; };  //! pointer-in-value
map m: hash<__u32, s>[1];  //! btf-refused
---
// No clang writes a tag of a type that is empty, so that there is nothing to refuse.
struct s { int __attribute__((btf_type_tag(""))) *x; };  //! pointer-in-value
map m: hash<__u32, s>[1];
---
struct s { int x __attribute__((btf_decl_tag(""))); };  //! btf-refused
map m: hash<__u32, s>[1];
---
struct s { __u64 (*x)[1 << 30]; };  //! pointer-in-value
map m: hash<__u32, s>[1];  //! btf-refused
---
struct s { __u64 (*x)[(1 << 29) - 1]; };  //! pointer-in-value
map m: hash<__u32, s>[1];
---
struct s { int nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn; };  //! btf-refused
map m: hash<__u32, s>[1];
---
struct s { int nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn; };
map m: hash<__u32, s>[1];
---
target kernel >= 6.0;
struct kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk { int x; };  //! btf-refused
map m: hash<__u32, kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk>[1];
---
target kernel >= 6.0;
struct kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk { int x; };
map m: hash<__u32, kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk>[1];
---
target kernel >= 6.1;
struct kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk { int x; };
map m: hash<__u32, kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk>[1];
---
enum e { nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn };  //! btf-refused
map m: hash<__u32, enum e>[1];
---
map nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn: hash<__u32, __u32>[1];  //! btf-refused map-name-length
---
map nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn: hash<__u32, __u32>[1];  //! map-name-length
---
template nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn: hash<__u32, __u32>[1];  //! btf-refused
map m: nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn;
---
struct d0 { int x; };
struct d1 { struct d0 x; };
struct d2 { struct d1 x; };
struct d3 { struct d2 x; };
struct d4 { struct d3 x; };
struct d5 { struct d4 x; };
struct d6 { struct d5 x; };
struct d7 { struct d6 x; };
struct d8 { struct d7 x; };
struct d9 { struct d8 x; };
struct d10 { struct d9 x; };
struct d11 { struct d10 x; };
struct d12 { struct d11 x; };
struct d13 { struct d12 x; };
struct d14 { struct d13 x; };
struct d15 { struct d14 x; };
struct d16 { struct d15 x; };
struct d17 { struct d16 x; };
struct d18 { struct d17 x; };
struct d19 { struct d18 x; };
struct d20 { struct d19 x; };
struct d21 { struct d20 x; };
struct d22 { struct d21 x; };
struct d23 { struct d22 x; };
struct d24 { struct d23 x; };
struct d25 { struct d24 x; };
struct d26 { struct d25 x; };
struct d27 { struct d26 x; };
struct d28 { struct d27 x; };
struct d29 { struct d28 x; };
struct d30 { struct d29 x; };
struct d31 { struct d30 x; };
struct d32 { struct d31 x; };  //! btf-refused
map m: hash<__u32, d32>[1];
---
struct d0 { int x; };
struct d1 { struct d0 x; };
struct d2 { struct d1 x; };
struct d3 { struct d2 x; };
struct d4 { struct d3 x; };
struct d5 { struct d4 x; };
struct d6 { struct d5 x; };
struct d7 { struct d6 x; };
struct d8 { struct d7 x; };
struct d9 { struct d8 x; };
struct d10 { struct d9 x; };
struct d11 { struct d10 x; };
struct d12 { struct d11 x; };
struct d13 { struct d12 x; };
struct d14 { struct d13 x; };
struct d15 { struct d14 x; };
struct d16 { struct d15 x; };
struct d17 { struct d16 x; };
struct d18 { struct d17 x; };
struct d19 { struct d18 x; };
struct d20 { struct d19 x; };
struct d21 { struct d20 x; };
struct d22 { struct d21 x; };
struct d23 { struct d22 x; };
struct d24 { struct d23 x; };
struct d25 { struct d24 x; };
struct d26 { struct d25 x; };
struct d27 { struct d26 x; };
struct d28 { struct d27 x; };
struct d29 { struct d28 x; };
struct d30 { struct d29 x; };
struct d31 { struct d30 x; };
map m: hash<__u32, d31>[1];
---
struct s { int *********************************x; };  //! pointer-in-value
map m: hash<__u32, s>[1];  //! btf-refused
---
struct s { int ********************************x; };  //! pointer-in-value
map m: hash<__u32, s>[1];
---
struct entry { struct bpf_list_node node; __u8 a; float x; } __attribute__((packed));  //! btf-refused
struct s { struct bpf_spin_lock lock; __u32 pad; struct bpf_list_head head __contains(entry, node); };
map m: hash<__u32, s>[1];
---
struct s { __u8 a; float x; } __attribute__((packed));  //! btf-refused
map m: task_storage<int, s>;
---
struct s { __u8 a; float x; } __attribute__((packed));  //! btf-refused
struct t { struct bpf_spin_lock lock; __u32 x; };
map m: hash<__u32, s>[1];
map n: hash<__u32, t>[1];
---
// bpfgen: allow btf-refused because nothing needs the types
struct s { __u8 a; float x; } __attribute__((packed));
map m: hash<__u32, s>[1];
---
struct s { __u8 a; float x; } __attribute__((packed));
legacy map m: hash<__u32, s>[1];
