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
map n: hash<__u64, const char *>[1];
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
