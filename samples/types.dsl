/// Every form that a C type can take in a map.

enum verdict : __u8 { VERDICT_PASS, VERDICT_DROP = 4, VERDICT_REDIRECT };
enum direction { DIRECTION_IN = -1, DIRECTION_OUT = 1 };
enum huge { HUGE_BIT = 0x8000000000000000 };

typedef __u32 ifindex_t;
typedef struct { __u8 octets[6]; } mac_t;
typedef int (*callback_t)(void *context, const char *name, unsigned long flags);
typedef __u32 matrix_t[3][4];

struct list_entry;

/// Names only: what a pointer points to needn't be known.
struct pointers {
    struct list_entry *next;
    struct pointers *self;
    const char *name;
    void *const *table;
    volatile __u32 *counter;
    callback_t callback;
    void (*action)(struct pointers *self, ...);
    int (*array_of_actions[2])(void);
    __u32 (*pointer_to_array)[4];
};

// bpfgen: allow value-padding because unnamed bit-fields are shown
struct bits {
    __u32 version : 4, length : 4;
    __u32 tos : 8;
    __u64 big : 48;
    int : 0;
    enum verdict last : 3;
    signed int delta : 5;
    bool urgent : 1;
    int : 7;
    unsigned char tail : 7, : 1;
    __u8 end;
    __u32 pad;
};

struct nested {
    struct inner_named { __u16 low, high; } named;
    struct { __u8 a; struct { __u8 b; union { __u8 c; __u8 d[2]; }; }; };
    union { __be32 v4; __be32 v6[4]; } address;
    union {
        __u64 whole;
        struct { __u32 half_low, half_high; };
    };
    mac_t source, destination;
    matrix_t matrix;
    char text[2][3][4];
    __u32 pad;
};

struct packed_header {
    __u8 type;
    __u32 length;
    __u16 checksum;
} __attribute__((packed));

struct aligned_header {
    // bpfgen: allow value-padding because alignment is what this one shows
    __u8 type;
    __u32 payload __attribute__((aligned(16)));
    _Alignas(8) __u8 trailer;
} __attribute__((aligned(32)));

struct packed_inside {
    __u8 first;
    struct packed_header header;
    __u64 second __attribute__((packed));
    union { __u8 one; __u64 eight; } __packed value;
};

// bpfgen: allow long-in-shared-type because every number of C is shown here
// bpfgen: allow char-in-shared-type because every number of C is shown here
// bpfgen: allow int128-in-shared-type because every number of C is shown here
struct numbers {
    char plain;
    signed char tiny;
    unsigned char byte;
    bool flag;
    short s;
    __le16 disk;
    long l;
    long long ll;
    unsigned long ul;
    __int128 wide;
    unsigned __int128 uwide;
    float f;
    enum direction direction;
    double d;
    __be64 network;
    u64 kernel_style;
    size_t size;
    enum huge huge;
    uint16_t stdint_style;
    __sum16 checksum;
    const volatile __u32 fixed;
    ifindex_t ifindex;
    __u32 pad;
};

// bpfgen: allow flexible-value because it is shown, not used
struct flexible {
    __u32 count;
    __u16 items[];
};

struct empty {};

struct tagged {
    __u32 id __attribute__((btf_decl_tag("user id")));
    __u32 pad;
    const char __attribute__((btf_type_tag("user"))) *path;
} __attribute__((btf_decl_tag("one per process")));

struct core_view {
    int pid;
    int tgid;
} __attribute__((preserve_access_index));

union either {
    __u32 number;
    char text[8];
};

map of_pointers: hash<__u32, pointers>[8];
map of_bits: hash<__u32, bits>[8];
map of_nested: hash<__u32, nested>[8];
map of_packed: hash<packed_header, packed_inside>[8];
map of_aligned: array<__u32, aligned_header>[8];  // bpfgen: allow value-alignment because it is shown
map of_numbers: array<__u32, numbers>[8];
map of_tagged __attribute__((btf_decl_tag("per process"), btf_decl_tag("v2"))): hash<__u32, tagged>[8];
map of_unions: hash<union either, either>[8];
map of_arrays: hash<__u8[16], __u32[2][3]>[8];
map of_typedefs: hash<mac_t, ifindex_t>[8];
// bpfgen: allow pointer-in-key because every type can be a key
map of_pointer: hash<struct list_entry *, const char *>[8];
map of_core: hash<__u32, core_view>[8];
map of_flexible: array<__u32, flexible>[8];
map of_matrix: array<__u32, matrix_t>[8];
