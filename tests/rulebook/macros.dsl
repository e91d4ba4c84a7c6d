const value = 5;
struct reading { __u32 value; };  //! macro-name
---
const value = 5;  //! macro-name
struct reading { __u32 value; };
map m: hash<__u32, __u32[value]>[1];
---
const limit = 5;
struct reading { __u32 limit; };  //! macro-name
map m: hash<__u32, reading>[limit];
---
const flow = 5;
struct flow { __u32 a; };  //! macro-name
map m: hash<__u32, struct flow>[1];
---
const self = 5;
struct calls { void (*call)(struct calls *self); };  //! macro-name
---
const task = 5;
struct calls { struct task *current; };  //! macro-name
---
const inner = 5;
struct reading { struct { union { __u32 a; __u8 inner; }; } b; };  //! macro-name
---
const shape = 5;
template shape: hash<__u32, __u32>[1];  //! macro-name
---
const type = 5;  //! macro-name
map m: hash<__u32, __u32>[type];
---
const SEC = 5;  //! macro-name
---
const type = 5;
struct s { __u32 other[type]; };
---
enum kinds { value, type, key };
struct reading { __u32 value, type, key; };
map m: hash<__u32, reading>[1];
---
struct hash { __u32 a; };  //! vmlinux-clash
struct array { __u32 a; };
map m: hash<hash, array>[4];
map n: array_of_maps<__u32, hash<hash, array[2]>[4]>[4];
map hash: hash<hash, array>[4];
