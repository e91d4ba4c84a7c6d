map m: hash<__u32, __u64>;  //! max-entries
map n: hash<__u32, __u64>[0];  //! max-entries
map o: hash<__u32, __u64>[runtime];
map p: hash<__u32, __u64>[1 << 27];  //! map-memory
map q: hash<__u32, __u64>[(1 << 27) + 1];  //! max-entries
---
map m: array<__u32, __u64>[0xffffffff];  //! map-memory
map n: stack_trace[1U << 31] { key_size = 4; value_size = 8; };  //! map-memory
map o: stack_trace[(1U << 31) + 1] { key_size = 4; value_size = 8; };  //! max-entries
map p: devmap_hash<__u32, __u32>[(1U << 31) + 1];  //! max-entries
map q: sockmap<__u32, __u32>[0x80000000];  //! max-entries
map r: cpumap<__u32, __u32>[8192];
map s: cpumap<__u32, __u32>[8193];  //! max-entries
---
map m: perf_event_array;
map n: perf_event_array[0];
map o: perf_event_array[4];
map p: prog_array;  //! max-entries
---
map m: sk_storage<int, __u64>;
map n: sk_storage<int, __u64>[0];
map o: sk_storage<int, __u64>[1];  //! max-entries
map p: cgroup_storage<__u64, __u64>[1];  //! max-entries
---
map m: ringbuf;  //! max-entries
map n: ringbuf[5000];  //! ringbuf-size
map o: ringbuf[8 KiB];  //! ringbuf-page-size
map v: ringbuf[4096];  //! ringbuf-page-size
map w: user_ringbuf[4096];  //! ringbuf-page-size
map x: ringbuf[2048];  //! ringbuf-size
map p: ringbuf[64 KiB];
map q: ringbuf[96 KiB];  //! ringbuf-size
map r: ringbuf[0x80000000];  //! map-memory
map s: ringbuf[0xc0000000];  //! ringbuf-size
map t: user_ringbuf[2048];  //! ringbuf-size
map u: ringbuf[runtime];
---
// bpfgen: allow ringbuf-page-size because it runs on x86 only
map m: ringbuf[4096];
---
map m: arena[1 << 20];
---
map m: arena[(1 << 20) + 1];  //! max-entries
---
template t: hash<__u32, __u64>;
map m: t;  //! max-entries
map n: t[4];
map o: array_of_maps<__u32, t>[2];  //! max-entries
---
map m: array_of_maps<__u32, hash<__u32, __u64>>[2];  //! max-entries
map n: array_of_maps<__u32, hash<__u32, __u64>[4]>;  //! max-entries
map o: array_of_maps<__u32, perf_event_array>[4];
