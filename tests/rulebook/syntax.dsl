struct a { int x }  //! syntax syntax
map m: hash<__u32, a>[1];
---
struct a { int x; }  //! syntax
map m: hash<__u32, a>[1];
---
map m hash<__u32, __u32>[1];  //! syntax
map n: hash<__u32, __u32>[1];
mapp o: hash<__u32, __u32>[1];  //! syntax
map p: hash<__u32 __u32>[1];  //! syntax
map q: hash<__u32, __u32>[1  //! syntax
map r: hash<__u32, __u32>[1];
---
struct a {  //! syntax
    int x;
map m: hash<__u32, __u32>[1];
---
map m: hash<__u32, __u32>[1];
}  //! syntax
map n: hash<__u32, __u32>[1];
---
map m: hash<__u32, __u32>[1] { map_flags = ; };  //! syntax
---
map m: hash<__u32, __u32>[1] { map_flags = 1 };  //! syntax
---
#include <linux/types.h>  //! preprocessor
#define X 1
map m: hash<__u32, __u32>[1];
---
map m: hash<__u32, __u32>[1]; $  //! syntax
---
map m: hash<__u32, __u32>[1]; /* never closed //! syntax
---
import "never closed;  //! syntax
---
struct s { int x __some_macro; };  //! syntax
map m: hash<__u32, s>[1];
---
struct int { int x; };  //! syntax
---
map m: array_of_maps<__u32, array_of_maps<__u32, array<__u32, __u32>[1]>[1]>[1];  //! inner-map-kind
---
map m: hash_of_maps<__u32, perf_event_array<__u32>>[4]
map n: perf_event_array<__u32>
---
;;;
map m: hash<__u32, __u32>[1];;
---
map m: hash<__u32, __u32 { map_flags = 1; }>[1];  //! type-arguments
---
map m: hash<__u32, struct s *{ }>[1];  //! syntax
---
foo;  //! declaration
struct s;
map m: hash<__u32, __u32>[1] pinned;  //! syntax
