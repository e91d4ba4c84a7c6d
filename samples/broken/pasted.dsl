/// Wrong on purpose: a piece of a C file, pasted with its preprocessor lines and macros.

#include <linux/types.h>
#define MAX_ENTRIES 64

struct __attribute__((packed)) header {
    __u8 kind;
    __u16 length __randomize_layout;
};

static int helper(int x) { return x + 1; }

map headers: hash<__u32, header>[MAX_ENTRIES];
