// bpfgen: allow map-flags because a kernel of ours takes it
map m: array<__u32, __u64>[4] { map_flags = BPF_F_NO_PREALLOC; };
map n: array<__u32, __u64>[4] { map_flags = BPF_F_NO_PREALLOC; };  //! map-flags
---
map m: array<__u32, __u64>[4] {
    map_flags = BPF_F_NO_PREALLOC;  // bpfgen: allow map-flags because a kernel of ours takes it
};
---
map m: array<__u32, __u64>[4] {
    // bpfgen: allow map-flags because a kernel of ours takes it
    map_flags = BPF_F_NO_PREALLOC;
    map_extra = 1;  //! map-extra
};
---
// One holds for the code that it names, and for the whole of what it stands above.
// bpfgen: allow map-flags because a kernel of ours takes it
// bpfgen: allow map-extra because it does

map m: array<__u32, __u64>[4] {
    map_flags = BPF_F_NO_PREALLOC;
    map_extra = 1;
};
---
// Of a template it holds where the template is written, and its uses have nothing of their own.
// bpfgen: allow map-flags because a kernel of ours takes it
template t: array<__u32, __u64>[4] { map_flags = BPF_F_NO_PREALLOC; };
map m: t;
map n: array_of_maps<__u32, t>[4];
---
template t: array<__u32, __u64>[4];
// bpfgen: allow map-flags because a kernel of ours takes it
map m: t { map_flags = BPF_F_NO_PREALLOC; };
map n: t { map_flags = BPF_F_NO_PREALLOC; };  //! map-flags
---
// bpfgen: allow map-key-size because a kernel of ours takes it
legacy map m: array<__u64, __u64>[4];
// bpfgen: allow map-key-size because a kernel of ours takes it
extern map n: array<__u64, __u64>[4];
// bpfgen: allow map-key-size because a kernel of ours takes it
weak map o: array<__u64, __u64>[4];
---
// Padding may be allowed where the struct is declared, for all maps of it, or at one map.
// bpfgen: allow key-padding because every user clears it
struct padded { __u64 a; __u32 b; };
map m: hash<padded, __u64>[4];
map n: lru_hash<padded, __u64>[4];
---
struct padded { __u64 a; __u32 b; };
// bpfgen: allow key-padding because every user clears it
map m: hash<padded, __u64>[4];
map n: lru_hash<padded, __u64>[4];  //! key-padding
---
// A warning can be allowed like an error.
// bpfgen: allow map-name-length because user space looks for it
map a_name_of_more_than_15_bytes: array<__u32, __u64>[4];
// bpfgen: allow value-padding because nobody reads it
struct event { __u64 when; __u32 pid; };
map events: ringbuf<event>[64 KiB];
---
/* bpfgen: allow map-flags because this is no comment to the end of the line */
map m: array<__u32, __u64>[4] { map_flags = BPF_F_NO_PREALLOC; };  //! map-flags
---
// bpfgen: allow map-flags because //! unused-allowance
map m: array<__u32, __u64>[4];
