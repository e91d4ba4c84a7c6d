map m: percpu_array<__u32, __u32>[1];  //! percpu-value-size
map n: percpu_hash<__u32, __u64>[1];
map o: lru_percpu_hash<__u32, __u8[12]>[1];  //! percpu-value-size
map p: percpu_array[1] { key_size = 4; value_size = 20; };  //! percpu-value-size
map q: percpu_array[1] { key_size = 4; value_size = 24; };
map r: percpu_array[1] { key_size = 4; value_size = runtime; };
map s: array<__u32, __u32>[1];
---
struct ident { void *object; __u64 id; };  //! pointer-in-key
map m: hash<ident, __u64>[1];
map n: lru_hash<ident, __u64>[1];
---
map m: hash<const char *, __u64>[1];  //! pointer-in-key
map n: hash<__u64, const char *>[1];  //! pointer-in-value
---
struct ident { int (*handlers[2])(void); };  //! pointer-in-key
struct outer { struct ident inner[2]; };
map m: hash<outer, __u64>[1];
---
struct v { __u32 count; __u32 ids[]; };  //! flexible-value
map m: array<__u32, v>[1];
map n: hash<__u32, v>[1];
map o: ringbuf<v>[64 KiB];
---
struct v { __u32 count; __u32 ids[0]; };  //! flexible-value
struct w { __u32 total; struct v last; };
map m: array<__u32, w>[1];
---
struct v { __u32 start[0]; __u32 a; };
map m: array<__u32, v>[1];
---
struct v {
    long a;  //! long-in-shared-type
    unsigned long b[2];  //! long-in-shared-type
    size_t c;  //! long-in-shared-type
    uint64_t d;
    int64_t e;
    long long f;
    __u64 g;
};
map m: array<__u32, v>[1];
map n: ringbuf<v>[64 KiB];
map o: hash<v, __u64>[1];
---
map m: hash<long, __u64>[1];  //! long-in-shared-type
---
typedef char level_t;
typedef char name_t[16];
struct v {
    char a;  //! char-in-shared-type
    level_t b;  //! char-in-shared-type
    char c : 3;  //! char-in-shared-type value-padding
    char : 5;
    char text[4];
    name_t name;
    signed char d;
    unsigned char e;
};
map m: array<__u32, v>[1];
map n: hash<char, __u64>[1];  //! char-in-shared-type
map o: hash<char[4], __u64>[1];
---
struct v {
    long double a;  //! long-double-in-shared-type
    double b;
};
map m: array<__u32, v>[1];
map n: array<__u32, long double[2]>[1];  //! long-double-in-shared-type
---
struct v {
    __int128 a;  //! int128-in-shared-type
    unsigned __int128 b[2];  //! int128-in-shared-type
    __u64 c[2];
};
map m: array<__u32, v>[1];  //! value-alignment
---
target kernel >= 5.12;
map m: array<__u32, double>[1];  //! btf-version
---
target kernel >= 5.13;
map m: array<__u32, double>[1];
---
target kernel >= 5.15;
struct v { __u32 a __attribute__((btf_decl_tag("x"))); };  //! btf-version
map m: array<__u32, v>[1];
---
target kernel >= 5.16;
struct v { __u32 a __attribute__((btf_decl_tag("x"))); };
map m: array<__u32, v>[1];
---
target kernel >= 5.16;
struct v { const char __attribute__((btf_type_tag("user"))) *a; };  //! btf-version
map m: array<__u32, v>[1];
---
target kernel >= 5.17;
struct v { const char __attribute__((btf_type_tag("user"))) *a; };
map m: array<__u32, v>[1];
---
target kernel >= 5.19;
enum huge { HUGE = 0x100000000 };
struct v { enum huge e; };  //! enum64-version
map m: array<__u32, v>[1];
---
target kernel >= 6.0;
enum huge { HUGE = 0x100000000 };
struct v { enum huge e; };
map m: array<__u32, v>[1];
---
target kernel >= 5.19;
enum large { LARGE = 0xffffffff };
struct v { enum large e; };
map m: array<__u32, v>[1];
---
target kernel >= 4.20;
struct v { __u32 a : 16; __u32 b : 16; };  //! bit-field-version bit-field-version
map m: array<__u32, v>[1];
---
target kernel >= 5.0;
struct v { __u32 a : 16; __u32 b : 16; };
map m: array<__u32, v>[1];
---
struct task_struct;
struct v {
    struct task_struct __kptr *kept;
    struct task_struct __kptr_untrusted *seen;
    struct task_struct *plain;  //! pointer-in-value
    int (*handlers[2])(void);  //! pointer-in-value
};
struct a { struct a __arena *next; };
map m: hash<__u32, v>[1];
map n: lru_hash<__u32, a>[1];
map o: ringbuf<a>[64 KiB];
map p: arena[1];
---
struct event { const char *name; };  //! pointer-in-value
map o: ringbuf<event>[64 KiB];
map p: array<__u32, event>[1];
---
struct name { __u32 length; __u8 text[]; };  //! flexible-key
struct prefix { __u32 prefixlen; __u8 data[0]; };  //! flexible-key
map m: hash<name, __u64>[1];
map n: lpm_trie<prefix, __u64>[1];  //! map-key-size
map o: lru_hash<name, __u64>[1];
---
struct name { __u32 length; __u8 text[60]; };
map m: hash<name, __u64>[1];
---
struct wide { __u64 a, b; } __attribute__((aligned(16)));
struct big { __int128 a; };  //! int128-in-shared-type
struct holder { __u64 n, pad; struct wide last; };
map m: hash<__u32, wide>[1];  //! value-alignment
map n: percpu_array<__u32, big>[1];  //! value-alignment
map o: array<__u32, holder>[1];  //! value-alignment
map p: ringbuf<wide>[64 KiB];  //! value-alignment
map q: array<__u32, wide>[1] { map_flags = BPF_F_MMAPABLE; };
map r: hash<wide, __u64>[1];
map s: hash<__u32, __u64>[1];
