/// Wrong on purpose: types that C doesn't have, or that have no size.

struct by_value { struct by_value again; };

struct ping { struct pong other; };
struct pong { struct ping other; };

struct opaque;
struct holder { struct opaque inside; };

struct flow_key { __be32 saddr, daddr; };
struct flow_key { __u32 twice; };

struct members { __u32 a; __u64 a; };
struct widths { __u8 nine : 9; float real : 3; };
struct tail { __u8 data[]; __u32 after; };
struct wrong_word { __u32 int; };

enum colour : __u8 { RED, GREEN = 255, BLUE };
enum shade { RED = 7 };

map unknown_type: hash<flow_kye, __u64>[8];
map unknown_struct: hash<struct flow, __u64>[8];
map incomplete: hash<__u32, struct opaque>[8];
map nothing: hash<__u32, void>[8];
