// One mistake, one diagnostic: what follows from it is not reported.
map m: array __u32, __u64>[1];  //! syntax
map n: hash<__u32, __u32>[1];
---
map m: array <__u32, __u64> struct [1];  //! syntax
map n: hash<__u32, __u32>[1];
---
map m: array; <__u32, __u64>[1];  //! syntax
map n: hash<__u32, __u32>[1];
---
    __u32 first;  //! syntax
    __u32 second[4], *third;
    struct { int x; } fourth;
};
map n: hash<__u32, __u32>[1];
---
    __u32 bits : 3;  //! syntax
    __u32 more : 4;
    __u32 plain;
    int : 0;
};
map n: hash<__u32, __u32>[1];
---
map m: hash<__u32, __u32>[1]
    pinning = by_name;  //! syntax
    map_flags = BPF_F_NO_PREALLOC;
    key_size = 4;
};
map n: hash<__u32, __u32>[1];
---
map m: array<__u32, __u32>[1] value_size = 4; }  //! syntax
map n: array_of_maps<__u32, array<__u32, __u32>[1]>[4] = { m };
---
template t: hash<__u32, __u32>[1]
    key = __u32;  //! syntax
    value = struct nowhere
}
map n: t;
---
struct s { int a; }; }  //! syntax
map n: hash<__u32, s>[1];
---
int program(struct __sk_buff *skb); }  //! syntax
map n: prog_array[1] = { program };
---
map n: hash<__u32, __u32>[1];
}  //! syntax
map o: hash<__u32, __u32>[1];
---
map m: nowhere;  //! map-kind
map n: nowhere;
map o: array_of_maps<__u32, nowhere>[4];
---
map m: prog_array[4] = { [0] = nowhere, [1] = nowhere };  //! slot-target
map n: prog_array[4] = { [0] = nowhere };
---
enum e { A, B, C };
enum e { A, B, C };  //! duplicate-name
map n: hash<__u32, enum e>[1];
---
struct s {  //! syntax
    int x;
map m: hash<__u32, __u32>[1];
---
struct s { int x;; };
map n: hash<__u32, s>[1];
