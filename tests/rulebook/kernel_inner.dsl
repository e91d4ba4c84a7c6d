map m: array_of_maps<__u32, prog_array[4]>[2];  //! inner-map-kind
map n: hash_of_maps<__u32, cgroup_storage<__u64, __u64>>[2];  //! inner-map-kind
map o: array_of_maps<__u32, ringbuf[64 KiB]>[2];
---
template t: array_of_maps<__u32>[2];
map m: array_of_maps<__u32, t>[2];  //! inner-map-kind
---
map m: array_of_maps<__u32, array<__u32, __u64>[4] { pinning = by_name; }>[2];  //! inner-map-pinning
map n: array_of_maps<__u32, array<__u32, __u64>[4]>[2] { pinning = by_name; };
---
map a: hash<__u32, __u64>[64];
map m: array_of_maps<__u32, hash<__u32, __u64>[64]>[2] = { a };
map n: array_of_maps<__u32, hash<__u32, __u64>[32]>[2] = { a };
map o: array_of_maps<__u32, hash<__u32, __u32>[64]>[2] = { a };  //! slot-map
map p: array_of_maps<__u32, hash<__u64, __u64>[64]>[2] = { a };  //! slot-map
map q: array_of_maps<__u32, lru_hash<__u32, __u64>[64]>[2] = { a };  //! slot-map
map r: array_of_maps<__u32, hash<__u32, __u64>[64] { map_flags = BPF_F_NO_PREALLOC; }>[2] = { a };  //! slot-map
map s: array_of_maps<__u32, hash<__u32, __u64>[64] { map_flags = runtime; }>[2] = { a };
map t: array_of_maps<__u32, hash<__u32, __u64>[64] { map_flags = BPF_F_RDONLY; }>[2] = { a };
---
struct locked { struct bpf_spin_lock lock; __u32 n; };
struct plain { __u32 lock, n; };
map a: hash<__u32, plain>[64];
map b: hash<__u32, locked>[64];
map m: array_of_maps<__u32, hash<__u32, locked>[64]>[2] = { a };  //! slot-map
map n: array_of_maps<__u32, hash<__u32, locked>[64]>[2] = { b };
map o: array_of_maps<__u32, hash<__u32, plain>[64]>[2] = { b };  //! slot-map
---
struct task_struct;
struct cgroup;
struct tasks { struct task_struct __kptr *kept[2]; __u64 n; };
struct cgroups { struct cgroup __kptr *kept[2]; __u64 n; };
struct apart { struct { struct task_struct __kptr *kept; } first; __u64 n; struct task_struct __kptr *other; };
map a: hash<__u32, tasks>[64];
map m: array_of_maps<__u32, hash<__u32, tasks>[64]>[2] = { a };
map n: array_of_maps<__u32, hash<__u32, cgroups>[64]>[2] = { a };  //! slot-map
map o: array_of_maps<__u32, hash<__u32, apart>[64]>[2] = { a };  //! slot-map
---
target kernel >= 5.4;
map a: hash<__u32, __u64>[64];
map n: array_of_maps<__u32, hash<__u32, __u64>[32]>[2] = { a };  //! slot-map
---
map a: array<__u32, __u64>[4];
map b: array<__u32, __u64>[4] { map_flags = BPF_F_INNER_MAP; };
map m: array_of_maps<__u32, array<__u32, __u64>[8]>[2] = { a };  //! slot-map
map n: array_of_maps<__u32, array<__u32, __u64>[8] { map_flags = BPF_F_INNER_MAP; }>[2] = { b };
map o: array_of_maps<__u32, array<__u32, __u64>[8] { map_flags = BPF_F_INNER_MAP; }>[2] = {
    a  //! slot-map
};
---
map a: percpu_array<__u32, __u64>[4];
map b: xskmap[4];
map m: array_of_maps<__u32, percpu_array<__u32, __u64>[8]>[2] = { a };
map n: array_of_maps<__u32, xskmap[8]>[2] = { b };  //! slot-map
---
map a: hash<__u32, __u64>[64];
map m: hash_of_maps<__u64, hash<__u32, __u64>[64]>[2] = { a };  //! slot-key-size
map n: hash_of_maps<__u64, hash<__u32, __u64>[64]>[2];
map o: hash_of_maps<__s32, hash<__u32, __u64>[64]>[2] = { a };
---
map m: arena[4];
map n: arena[4];  //! arena-twice
---
map sixteen_letters_: array<__u32, __u64>[4];  //! map-name-length
map sixteen_letters: array<__u32, __u64>[4];  //! map-name-clash
map fifteen_letters: array<__u32, __u64>[4];
---
map connections_by_source: array<__u32, __u64>[4];  //! map-name-length
map connections_by_target: array<__u32, __u64>[4];  //! map-name-length map-name-clash
---
template t: hash<__u32, __u64> { map_flags = BPF_F_NO_PREALLOC; };
map a: t[4];
map b: t[8];
map c: t[runtime];
map d: hash<__u32, __u64>[4] { map_flags = BPF_F_NO_PREALLOC; };
map e: hash<__u32, __u64>[4];
map m: array_of_maps<__u32, t>[3] = { a, b, c };  //! max-entries
map n: array_of_maps<__u32, hash<__u32, __u64>[16] { map_flags = BPF_F_NO_PREALLOC; }>[4] = {
    a,
    c,
    d,
    e  //! slot-map
};
---
template t: hash<__u32, __u64>[4] { map_flags = BPF_F_NO_PREALLOC; };
map a: t;
map m: array_of_maps<__u32, t>[1] = { a };
map n: hash_of_maps { key_size = runtime; value = t; max_entries = 4; } = { a };
map o: hash<__u32, __u64[2]>[4];
map p: array_of_maps<__u32, hash<__u32, __u64[2]>[4]>[1] = { o };
map q: hash[4] { key_size = runtime; value_size = 16; };
map r: array_of_maps<__u32, hash<__u32, __u64[2]>[4]>[1] = { q };
---
template arrays: array_of_maps<__u32>[2];
template hashes: hash_of_maps<__u32>[2];
map m: hash_of_maps<__u32, arrays>[2];  //! inner-map-kind
map n: array_of_maps<__u32, hashes>[2];  //! inner-map-kind
map o: array_of_maps<__u32, insn_array[2] { key_size = 4; value_size = 16; }>[2];  //! inner-map-kind
map p: array_of_maps<__u32, percpu_cgroup_storage<__u64, __u64>>[2];  //! inner-map-kind
map q: array_of_maps<__u32, rhash<__u32, __u64>[2]>[2];
map r: array_of_maps<__u32, cgrp_storage<int, __u64>>[2];
---
// Without a definition the loader sets it.
map m: array_of_maps<__u32>[2];
map n: hash_of_maps<__u64>[2];
map o: hash_of_maps[2] { key = __u64; value_size = 4; };
map p: hash_of_maps<__u32>[2] { value_size = 5; };  //! map-value-size
map q: array_of_maps<__u32>[2] { value_size = 5; };  //! map-value-size
---
legacy map a: hash<__u32, __u64>[4];
extern map b: hash<__u32, __u64>[4];
weak map c: hash<__u32, __u64>[4];
map m: array_of_maps<__u32, hash<__u32, __u64>[4]>[3] = {
    a,  //! slot-map
    b,
    c
};
---
// Linux 5.15 to 6.1 tell a struct from an integer, and from no type.
target kernel >= 5.15;
struct v { __u64 seen; };
typedef struct v v_t;
union u { __u64 seen; };
map typed: hash<__u32, v>[4];
map integer: hash<__u32, __u64>[4];
map untyped: hash[4] { key_size = 4; value_size = 8; };
map half: hash[4] { key_size = 4; value = struct v; };  //! half-typed-map
map unions: hash<__u32, u>[4];
map arrays: hash<__u32, __u32[2]>[4];
map a: array_of_maps<__u32, hash<__u32, v_t>[4]>[5] = {
    typed,
    integer,  //! slot-map
    untyped,  //! slot-map
    half,  //! slot-map
    unions  //! slot-map
};
map b: array_of_maps<__u32, hash<__u32, __u64>[4]>[4] = {
    typed,  //! slot-map
    integer,
    untyped,
    arrays
};
map c: array_of_maps<__u32, hash[4] { key_size = 4; value_size = 8; }>[2] = {
    typed,  //! slot-map
    integer
};
map d: array_of_maps<__u32, hash<__u32, v>[4]>[2] = { typed };  //! inner-map-types
map e: array_of_maps<__u32, hash<__u32, v>[4]>[2];  //! inner-map-types
map f: hash_of_maps<__u32, hash<__u32, __u64>[4]>[2];
map g: hash_of_maps<__u32, queue<v>[4]>[2];
map h: hash_of_maps<__u32>[2];
---
target kernel >= 6.2;
struct v { __u64 seen; };
map typed: hash<__u32, v>[4];
map integer: hash<__u32, __u64>[4];
map a: array_of_maps<__u32, hash<__u32, v>[4]>[4] = { typed, integer };
map b: array_of_maps<__u32, hash[4] { key_size = 4; value_size = 8; }>[2] = { typed, integer };
---
// A target of 5.10 means the kernels after it as well.
target kernel >= 5.10;
struct v { __u64 seen; };
template table: hash<__u32, v>[4];  //! inner-map-types
map typed: table;
map a: array_of_maps<__u32, table>[2] = { typed };
map b: array_of_maps<__u32, table>[1] = { typed };
