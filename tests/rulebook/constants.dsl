const A = 1 << 31;  //! shift-range
---
const A = 1U << 31;
const B = 1 << 30;
map m: array<__u32, __u32>[A];  //! map-memory
---
const A = 1 << 32;  //! shift-range
---
const A = 1ULL << 63;
const B = 1L << 62;
map m: array<__u32, __u32>[B >> 40];
---
const A = 1 << -1;  //! shift-range
---
const A = 2147483647 + 1;  //! constant-overflow
---
const A = 2147483647 + 1U;
const B = 0u - 1;
map m: array<__u32, __u32>[B];  //! map-memory
---
const A = 1 / 0;  //! division-by-zero
---
const A = 1 % 0;  //! division-by-zero
---
const A = 0 && 1 / 0;
const B = 1 ? 2 : 1 / 0;
map m: array<__u32, __u32>[A + B];
---
const A = 99999999999999999999;  //! integer-literal
---
const A = 089;  //! integer-literal
---
const A = 1.5;  //! integer-literal
---
const A = 0x10, B = 2;  //! syntax
---
const A = 'a' + 0b11 + 0x1'000;
map m: array<__u32, __u32>[A];
---
const A = B;  //! recursive-constant
const B = A;
---
const A = A;  //! recursive-constant
---
enum e { X = Y, Y = X };  //! recursive-constant
---
enum e { X = 3, Y = X + 1 };
map m: array<__u32, __u32>[Y];
---
const A = NOWHERE;  //! unknown-constant
const B = NOWHERE;
---
map m: array<__u32, __u32>[4];
const A = m;  //! not-a-constant
---
const A = (__u8)-1;
const B = (__u8) - 1;
const C = (A) - 1;
map m: array<__u32, __u32>[A == 255 && B == 255 && C == 254 ? 7 : -1];
---
const A = (float)1;  //! cast
---
const A = (struct s *)0;  //! cast
struct s { int x; };
---
const A = sizeof(struct nowhere);  //! unknown-type
---
struct fwd;
const A = sizeof(struct fwd);  //! incomplete-type
---
struct s { int x; char c; };
const A = sizeof(struct s) + sizeof(s) + sizeof(int[4]) + sizeof(struct fwd *) + sizeof(void *);
map m: array<__u32, __u32>[A == 8 + 8 + 16 + 8 + 8 ? 1 : -1];
struct fwd;
---
const A = 4 KiB;
const B = 2 MiB >> 1;
const C = A KiB + (1 + 1) KiB;
map m: array<__u32, __u32>[A == 4096 && B == 1048576 && C == 4196352 ? 1 : -1];
---
const A = 4096 MiB;  //! constant-overflow
---
const A = 4096U MiB + 4096ULL MiB;
map m: array<__u32, __u32>[A == 0x100000000 ? 1 : -1];
---
const __u32 A = 5;  //! syntax
---
const BPF_F_NO_PREALLOC = 3;  //! duplicate-name
---
const A = runtime;  //! runtime
---
const A = -1 < 0U;
const B = -1 / 2 * 10 + -7 % 3;
map m: array<__u32, __u32>[A == 0 && B == -1 ? 1 : -1];
