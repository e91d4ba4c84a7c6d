/// Linux 2.6, linux/types.h
typedef signed char __s8;

/// Linux 2.6, linux/types.h
typedef unsigned char __u8;

/// Linux 2.6, linux/types.h
typedef short __s16;

/// Linux 2.6, linux/types.h
typedef unsigned short __u16;

/// Linux 2.6, linux/types.h
typedef int __s32;

/// Linux 2.6, linux/types.h
typedef unsigned int __u32;

/// Linux 2.6, linux/types.h
typedef long long __s64;

/// Linux 2.6, linux/types.h
typedef unsigned long long __u64;

/// Linux 2.6, linux/types.h
typedef __u16 __le16;

/// Linux 2.6, linux/types.h
typedef __u16 __be16;

/// Linux 2.6, linux/types.h
typedef __u32 __le32;

/// Linux 2.6, linux/types.h
typedef __u32 __be32;

/// Linux 2.6, linux/types.h
typedef __u64 __le64;

/// Linux 2.6, linux/types.h
typedef __u64 __be64;

/// Linux 2.6, linux/types.h
typedef __u16 __sum16;

/// Linux 2.6, linux/types.h
typedef __u32 __wsum;

/// Linux 5.2, vmlinux
typedef __s8 s8;

/// Linux 5.2, vmlinux
typedef __u8 u8;

/// Linux 5.2, vmlinux
typedef __s16 s16;

/// Linux 5.2, vmlinux
typedef __u16 u16;

/// Linux 5.2, vmlinux
typedef __s32 s32;

/// Linux 5.2, vmlinux
typedef __u32 u32;

/// Linux 5.2, vmlinux
typedef __s64 s64;

/// Linux 5.2, vmlinux
typedef __u64 u64;

/// Linux 5.2, vmlinux
/// The <stdint.h> names are spelled as C libraries spell them on 64-bit machines, so that a file
/// which includes <stdint.h> too sees one and the same type twice.
typedef signed char int8_t;

/// Linux 5.2, vmlinux
typedef unsigned char uint8_t;

/// Linux 5.2, vmlinux
typedef short int16_t;

/// Linux 5.2, vmlinux
typedef unsigned short uint16_t;

/// Linux 5.2, vmlinux
typedef int int32_t;

/// Linux 5.2, vmlinux
typedef unsigned int uint32_t;

/// Linux 5.2, vmlinux
/// vmlinux.h has `long long`: the same bytes under another name.
typedef long int64_t;

/// Linux 5.2, vmlinux
/// vmlinux.h has `unsigned long long`: the same bytes under another name.
typedef unsigned long uint64_t;

/// Linux 5.2, vmlinux
typedef long intptr_t;

/// Linux 5.2, vmlinux
typedef unsigned long uintptr_t;

/// Linux 5.2, vmlinux
typedef unsigned long size_t;

/// Linux 5.2, vmlinux
typedef long ssize_t;

/// Linux 5.2, vmlinux
typedef int pid_t;

/// Linux 5.2, vmlinux
typedef unsigned int uid_t;

/// Linux 5.2, vmlinux
typedef unsigned int gid_t;

/// Linux 2.6, linux/types.h
typedef struct { int val[2]; } __kernel_fsid_t;

/// Linux 2.6, linux/types.h
typedef struct { unsigned long fds_bits[16]; } __kernel_fd_set;
