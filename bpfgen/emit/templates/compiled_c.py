"""Generated from templates/c/ by `python -m bpfgen.emit.templates.generate`.

Do not edit. CHECKSUMS: CRC-32 of each template. TEMPLATES: its function, which is given
the names that the template uses and what takes the text, a piece at a time.
"""

from __future__ import annotations

from bpfgen.emit.templates.escapes import comment_text, header_name, identifier, number

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any


def anchors_h(names: dict[str, Any], write: Callable[[str], object]) -> None:
    write('/* Keeps these types whole in BTF; no loader looks at the section. */\n')
    for line_1 in (names["anchors"].records + names["anchors"].types):
        write(str(line_1))
        write('\n')
    if names["anchors"].extern_types:
        write('#ifdef BPFGEN_EXTERN_MAPS\n')
        for line_2 in names["anchors"].extern_types:
            write(str(line_2))
            write('\n')
        write('#endif\n')


def bpf_map_def_h(names: dict[str, Any], write: Callable[[str], object]) -> None:
    write('\n')
    write('/* libbpf has this struct before its version 1.0. */\n')
    write('#ifndef BPFGEN_HAVE_BPF_MAP_DEF\n')
    write('#ifdef __BPF_HELPERS__\n')
    write('#if __has_include(<bpf/libbpf_version.h>)\n')
    write('#include <bpf/libbpf_version.h>\n')
    write('#endif\n')
    write('#if !defined(LIBBPF_MAJOR_VERSION) || LIBBPF_MAJOR_VERSION < 1\n')
    write('#define BPFGEN_HAVE_BPF_MAP_DEF 1\n')
    write('#endif\n')
    write('#endif\n')
    write('#endif\n')
    write('#ifndef BPFGEN_HAVE_BPF_MAP_DEF\n')
    write('#define BPFGEN_HAVE_BPF_MAP_DEF 1\n')
    write('struct bpf_map_def {\n')
    write('\tunsigned int type;\n')
    write('\tunsigned int key_size;\n')
    write('\tunsigned int value_size;\n')
    write('\tunsigned int max_entries;\n')
    write('\tunsigned int map_flags;\n')
    write('};\n')
    write('#endif\n')


def closing_h(names: dict[str, Any], write: Callable[[str], object]) -> None:
    if ((names["anchors"].types or names["anchors"].extern_types) or names["anchors"].records):
        write('\n')
        write('#ifdef BPFGEN_BPF\n')
        anchors_h(names, write)
        write('#endif\n')
    if names["facts"]:
        write('\n')
        write(str(names["facts"]))
    write('\n')
    if names["access"].program.head:
        write('#ifdef BPFGEN_BPF\n')
        write(str(names["access"].program.text))
        write('#endif\n')
        write('\n')
    if names["access"].user.head:
        write('#ifndef BPFGEN_BPF\n')
        write(str(names["access"].user.text))
        write('#endif\n')
        write('\n')
    if names["prefix"]:
        write('#undef ')
        write(identifier(names["prefix"]))
        write('\n')
    if names["based"]:
        write('#undef BPFGEN_BASE\n')
        write('#undef BPFGEN_MODE\n')
        write('#undef BPFGEN_SIGNED\n')
    for (condition_1, names_1) in names["kernel_names"]:
        write('#ifndef ')
        write(identifier(condition_1))
        write('\n')
        for name_2 in names_1:
            write('#undef ')
            write(identifier(name_2))
            write('\n')
        write('#endif\n')
    write('#endif /* ')
    write(identifier(names["guard"]))
    write(' */\n')


def imports_h(names: dict[str, Any], write: Callable[[str], object]) -> None:
    for (header_1, defines_maps_1) in names["imports"]:
        if defines_maps_1:
            write('/* Its maps are defined where it is included by itself; here they are extern. */\n')
            write('#pragma push_macro("BPFGEN_EXTERN_MAPS")\n')
            write('#undef BPFGEN_EXTERN_MAPS\n')
            write('#define BPFGEN_EXTERN_MAPS\n')
            write('#include ')
            write(header_name(header_1))
            write('\n')
            write('#pragma pop_macro("BPFGEN_EXTERN_MAPS")\n')
        else:
            write('#include ')
            write(header_name(header_1))
            write('\n')


def kernel_structs_guess_h(names: dict[str, Any], write: Callable[[str], object]) -> None:
    for struct_1 in names["kernel"].vmlinux_structs:
        write('#ifndef ')
        write(identifier(struct_1.have))
        write(' /* no UAPI header has it; 0 or 1, where this guess is wrong */\n')
        write('#ifdef __VMLINUX_H__\n')
        write('#define ')
        write(identifier(struct_1.have))
        write(' 1\n')
        write('#else\n')
        write('#define ')
        write(identifier(struct_1.have))
        write(' 0\n')
        write('#endif\n')
        write('#endif\n')
    for struct_2 in names["kernel"].new_structs:
        write('#ifndef ')
        write(identifier(struct_2.have))
        write(' /* since Linux ')
        write(number(struct_2.since))
        write('; 0 or 1, where this guess is wrong */\n')
        write('#if defined(__VMLINUX_H__)\n')
        write('#define ')
        write(identifier(struct_2.have))
        write(' 1\n')
        write('#elif defined(__LINUX_BPF_H__) || defined(_UAPI__LINUX_BPF_H__)\n')
        write('#if __has_include(<linux/version.h>)\n')
        write('#include <linux/version.h>\n')
        write('#endif\n')
        write('#define ')
        write(identifier(struct_2.have))
        write(' (LINUX_VERSION_CODE >= ')
        write(number(struct_2.version_code))
        write(')\n')
        write('#else\n')
        write('#define ')
        write(identifier(struct_2.have))
        write(' 0\n')
        write('#define ')
        write(identifier(struct_2.tag))
        write(' bpfgen_hidden_')
        write(identifier(struct_2.tag))
        write(' /* the one of linux/bpf.h, if it is there */\n')
        write('#endif\n')
        write('#endif\n')


def kernel_structs_own_h(names: dict[str, Any], write: Callable[[str], object]) -> None:
    write('\n')
    write('/* What <linux/bpf.h> may have or not, by names of our own. */\n')
    for struct_1 in (names["kernel"].new_structs + names["kernel"].vmlinux_structs):
        write('#ifndef ')
        write(identifier(struct_1.own))
        write('\n')
        write('#define ')
        write(identifier(struct_1.own))
        write(' 1\n')
        write(str(struct_1.user_text))
        write('#endif\n')


def kernel_types_h(names: dict[str, Any], write: Callable[[str], object]) -> None:
    if names["kernel"].new_structs:
        write('#ifdef BPFGEN_BPF\n')
        for struct_1 in names["kernel"].new_structs:
            write('#undef ')
            write(identifier(struct_1.tag))
            write('\n')
        write('#endif\n')
    if names["kernel"].kernel_typedefs:
        write('#ifndef __VMLINUX_H__\n')
        write(str("".join(map(str, names["kernel"].kernel_typedefs))))
        write('#endif\n')
    if names["kernel"].libc_headers:
        write('#ifndef BPFGEN_BPF\n')
        for header_2 in names["kernel"].libc_headers:
            write('#include ')
            write(header_name(header_2))
            write('\n')
        write('#endif\n')
    if names["kernel"].libc_typedefs:
        write('#if defined(BPFGEN_BPF) && !defined(__VMLINUX_H__)\n')
        write(str("".join(map(str, names["kernel"].libc_typedefs))))
        write('#endif\n')
    if names["kernel"].stdint_typedefs:
        write('#if defined(BPFGEN_BPF) && !defined(__VMLINUX_H__) && !defined(INT64_MAX)\n')
        write(str("".join(map(str, names["kernel"].stdint_typedefs))))
        write('#endif\n')
    for struct_3 in names["kernel"].old_structs:
        write('#if !defined(BPFGEN_KERNEL_TYPES) && !defined(')
        write(identifier(struct_3.have))
        write(')\n')
        write('#define ')
        write(identifier(struct_3.have))
        write(' 1\n')
        write(str(struct_3.text))
        write('#endif\n')
    if (names["kernel"].new_structs or names["kernel"].vmlinux_structs):
        write('#ifdef BPFGEN_BPF\n')
        for struct_4 in (names["kernel"].new_structs + names["kernel"].vmlinux_structs):
            write('#if !')
            write(identifier(struct_4.have))
            write('\n')
            write('#undef ')
            write(identifier(struct_4.have))
            write('\n')
            write('#define ')
            write(identifier(struct_4.have))
            write(' 1\n')
            write(str(struct_4.text))
            write('#endif\n')
        write('#endif\n')


def opening_h(names: dict[str, Any], write: Callable[[str], object]) -> None:
    write('/* Generated by bpfgen from ')
    write(comment_text(names["source"]))
    write('. Do not edit. */\n')
    write('#ifndef ')
    write(identifier(names["guard"]))
    write('\n')
    write('#define ')
    write(identifier(names["guard"]))
    write('\n')
    write('\n')
    if names["doc"]:
        write(str(names["doc"]))
        write('\n')
    write('/* A BPF program has all of this; user space, in C or C++, what both sides share. */\n')
    write('#ifndef BPFGEN_BPF\n')
    write('#if defined(__bpf__) || defined(__VMLINUX_H__) || defined(__BPF_HELPERS__)\n')
    write('#define BPFGEN_BPF\n')
    write('#endif\n')
    write('#endif\n')
    write('\n')
    if (names["bpf_includes"] or names["kernel_header"]):
        write('#ifdef BPFGEN_BPF\n')
        if names["kernel_header"]:
            write("/* The kernel's types: another vmlinux.h than this may have been included before. */\n")
            write('#ifndef __VMLINUX_H__\n')
            write('#include ')
            write(header_name(names["kernel_header"]))
            write('\n')
            write('#endif\n')
        for path_1 in names["bpf_includes"]:
            write('#include ')
            write(header_name(path_1))
            write('\n')
        write('#endif\n')
    for path_2 in names["includes"]:
        write('#include ')
        write(header_name(path_2))
        write('\n')
    if names["uses_libbpf"]:
        write('#ifndef BPFGEN_BPF\n')
        write('#include <bpf/bpf.h>\n')
        write('#include <bpf/libbpf.h>\n')
        write('#endif\n')
    if (((names["includes"] or names["bpf_includes"]) or names["kernel_header"]) or names["uses_libbpf"]):
        write('\n')
    if (names["imports"] and names["are_imports_first"]):
        imports_h(names, write)
        write('\n')
    if names["uses_kernel"]:
        write("/* The kernel's types: from vmlinux.h, from the UAPI headers, or our own. */\n")
        if (names["kernel"].new_structs or names["kernel"].vmlinux_structs):
            write('#ifdef BPFGEN_BPF\n')
            kernel_structs_guess_h(names, write)
            write('#endif\n')
        write('#if defined(__VMLINUX_H__) || defined(__LINUX_BPF_H__) || defined(_UAPI__LINUX_BPF_H__)\n')
        write('#define BPFGEN_KERNEL_TYPES\n')
        write('#elif __has_include(<linux/bpf.h>) && __has_include(<asm/types.h>)\n')
        write('#include <linux/types.h>\n')
        write('#include <linux/bpf.h>\n')
        write('#define BPFGEN_KERNEL_TYPES\n')
        write('#endif\n')
        if names["kernel"].uapi_typedefs:
            write('#ifndef BPFGEN_KERNEL_TYPES\n')
            write(str("".join(map(str, names["kernel"].uapi_typedefs))))
            write('#endif\n')
        if names["kernel"].rest:
            kernel_types_h(names, write)
        write('\n')
    if (names["imports"] and (not names["are_imports_first"])):
        imports_h(names, write)
        write('\n')
    if names["has_maps"]:
        write("/* libbpf's macros: from bpf_helpers.h, which wants GNU C and the kernel's types, or our own. */\n")
        write('#ifdef BPFGEN_BPF\n')
        write('#if defined(BPFGEN_KERNEL_TYPES) && !defined(__STRICT_ANSI__) && !defined(SEC)\n')
        write('#if __has_include(<bpf/bpf_helpers.h>)\n')
        write('#include <bpf/bpf_helpers.h>\n')
        write('#endif\n')
        write('#endif\n')
        write('#ifndef SEC\n')
        write('#define SEC(name) __attribute__((section(name)))\n')
        write('#endif\n')
        for (name_3, definition_3) in names["macros"]:
            write('#ifndef ')
            write(identifier(name_3))
            write('\n')
            write('#define ')
            write(str(definition_3))
            write('\n')
            write('#endif\n')
        if names["legacy"]:
            bpf_map_def_h(names, write)
        write('#endif\n')
        write('\n')
    for (condition_4, names_4) in names["kernel_names"]:
        write('#ifndef ')
        write(identifier(condition_4))
        write('\n')
        for (name_5, number_5) in names_4.items():
            write('#define ')
            write(identifier(name_5))
            write(' ')
            write(number(number_5))
            write('\n')
        write('#endif\n')
    if names["prefix"]:
        write('#ifdef BPFGEN_EXTERN_MAPS\n')
        write('#define ')
        write(identifier(names["prefix"]))
        write(' extern\n')
        write('#else\n')
        write('#define ')
        write(identifier(names["prefix"]))
        write('\n')
        write('#endif\n')
    if names["based"]:
        if (names["prefix"] or names["kernel_names"]):
            write('\n')
        write('/* The type of an enum: a mode where gcc, before version 13, knows no other way in C. */\n')
        write('#if defined(__clang__) || defined(__cplusplus) || __GNUC__ >= 13\n')
        write('#define BPFGEN_BASE(type) : type\n')
        write('#define BPFGEN_MODE(mode)\n')
        write('#define BPFGEN_SIGNED(first)\n')
        write('#else\n')
        write('#define BPFGEN_BASE(type)\n')
        write('#define BPFGEN_MODE(name) __attribute__((mode(name)))\n')
        write('#define BPFGEN_SIGNED(first) bpfgen_signed_##first = -1\n')
        write('#endif\n')
    if names["words"]:
        write('#ifdef __cplusplus\n')
        for (word_6, other_6) in names["words"]:
            write('#ifndef ')
            write(identifier(word_6))
            write('\n')
            write('#define ')
            write(identifier(word_6))
            write(' ')
            write(identifier(other_6))
            write('\n')
            write('#endif\n')
        write('#endif\n')
    write('#ifndef BPFGEN_BPF\n')
    write("#pragma GCC system_header /* what -Wpedantic would say of a kernel's types */\n")
    if (names["kernel"].new_structs or names["kernel"].vmlinux_structs):
        kernel_structs_own_h(names, write)
    write('#endif\n')


CHECKSUMS = {
    "c/anchors.h.j2": 2868550408,
    "c/bpf_map_def.h.j2": 3779760995,
    "c/closing.h.j2": 1128329642,
    "c/imports.h.j2": 2437332053,
    "c/kernel_structs_guess.h.j2": 2079996838,
    "c/kernel_structs_own.h.j2": 2033841998,
    "c/kernel_types.h.j2": 2057086429,
    "c/opening.h.j2": 4290421681,
}
TEMPLATES = {
    "c/anchors.h.j2": anchors_h,
    "c/bpf_map_def.h.j2": bpf_map_def_h,
    "c/closing.h.j2": closing_h,
    "c/imports.h.j2": imports_h,
    "c/kernel_structs_guess.h.j2": kernel_structs_guess_h,
    "c/kernel_structs_own.h.j2": kernel_structs_own_h,
    "c/kernel_types.h.j2": kernel_types_h,
    "c/opening.h.j2": opening_h,
}
