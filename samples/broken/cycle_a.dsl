import "cycle_b.dsl";

struct a { __u32 x; };
