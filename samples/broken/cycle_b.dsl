import "cycle_a.dsl";

struct b { __u32 x; };
