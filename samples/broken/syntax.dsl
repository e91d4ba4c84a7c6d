/// Wrong on purpose: what the parser says, and that it goes on at the next declaration.

struct point { int x, y }

map first array<int, point>[4];

map second: array<int point>[4];

struct map_entry { int map; int template; };

map third: hash<__u32, __u64>[1024 {
    map_flags = BPF_F_NO_PREALLOC;
};

map fourth: hash<__u32, __u64>[8] {
    map_flags = ;
    max_entrys = 3;
};

map fifth: array<int, map_entry>[4];
