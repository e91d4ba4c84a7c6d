/// The first example of the commit that introduced BTF-defined maps.

struct my_value { int x, y, z; };

map btf_map: array<int, my_value>[16];
