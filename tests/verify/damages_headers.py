"""Ways of damaging the header before it is compiled."""

from __future__ import annotations

PROGRAM = """\
__attribute__((section("{section}"), used)) int evil(void *c) {{ return 2; }}
struct table {{"""
"""A program before a struct of the header."""

HEADER_DAMAGES = {
    "member type": (
        "__u64 payload;",
        "long long payload;",
        "verify-type",
        "member `payload` of `struct item` is declared as `__u64` and emitted as `long long`",
    ),
    "key type": (
        "__type(key, struct flow_key);",
        "__type(key, struct session);",
        "verify-key-type",
        "as `struct flow_key` and emitted as `struct session`",
    ),
    "64-bit max_entries": (
        "__uint(max_entries, 100);",
        "__uint(max_entries, 0x100000000);",
        "verify-attribute",
        "`max_entries` of map `bloom` is declared as 100 and emitted as 0",
    ),
    "section": ('} bloom SEC(".maps");', '} bloom SEC(".data");', "verify-missing-map", "`bloom`"),
    "data": (
        "struct table {",
        "int forgotten = 3;\nstruct table {",
        "verify-extra-map",
        "section `.data`",
    ),
    "function": (
        "struct table {",
        PROGRAM.format(section="xdp"),
        "verify-extra-section",
        "code (`evil`) in section `xdp`, and nothing declares it",
    ),
    "section of its own": (
        "struct table {",
        '__attribute__((section("elsewhere"), used)) int mine = 3;\nstruct table {',
        "verify-extra-section",
        "4 bytes in section `elsewhere`",
    ),
    "assembler": (
        "struct table {",
        '__asm__(".section evil; .byte 1; .text");\nstruct table {',
        "verify-extra-section",
        "1 byte in section `evil`",
    ),
    "constructor": (
        "struct table {",
        (
            "__attribute__((constructor)) static void evil(void) { *(volatile int *)8 = 1; }\n"
            "struct table {"
        ),
        "verify-extra-section",
        "code (`evil`) in section `.text`",
    ),
    **{
        f"code in {section}": (
            "struct table {",
            PROGRAM.format(section=section),
            "verify-extra-section",
            f"code (`evil`) in section `{section}`, and nothing declares it",
        )
        for section in ("bpfgen.anchor2", ".debug_evil", ".BTF.more")
    },
    "a note": (
        "struct table {",
        '__asm__(".section evil, \\"\\", @note; .byte 1, 2; .text");\nstruct table {',
        "verify-extra-section",
        "2 bytes in section `evil`",
    ),
    "a licence": (
        "struct table {",
        '__asm__(".section license,\\"a\\",@note; .asciz \\"GPL\\"; .text");\nstruct table {',
        "verify-extra-section",
        "4 bytes in section `license`",
    ),
    "a table of another name": (
        "struct table {",
        '__asm__(".section version,\\"a\\",@3; .long 5; .text");\nstruct table {',
        "verify-extra-section",
        "4 bytes in section `version`",
    ),
    "common symbol": (
        "struct table {",
        '__asm__(".comm evil,8,8");\nstruct table {',
        "verify-extra-section",
        "a symbol `evil`, and nothing declares it",
    ),
    "undefined symbol": (
        "struct table {",
        '__asm__(".section .debug_x,\\"\\",@progbits; .quad ext_evil; .text");\nstruct table {',
        "verify-extra-section",
        "a symbol `ext_evil`, and nothing declares it",
    ),
    "second section of types": (
        "struct table {",
        '__asm__(".section .BTF,\\"\\",@progbits,unique,1; .byte 1; .text");\nstruct table {',
        "verify-extra-section",
        "in section `.BTF`, and nothing declares it",
    ),
    "data among the anchors": (
        "struct table {",
        'int evil __attribute__((section("bpfgen.anchor"), used)) = 3;\nstruct table {',
        "verify-extra-section",
        "`evil` in section `bpfgen.anchor`",
    ),
    "code among the anchors": (
        "struct table {",
        '__asm__(".section bpfgen.anchor,\\"awx\\"; .byte 1; .text");\nstruct table {',
        "verify-extra-section",
        "code in section `bpfgen.anchor`",
    ),
    "extra map": (
        "struct table {",
        'struct { __uint(type, 1); } more SEC(".maps");\nstruct table {',
        "verify-extra-map",
        "map `more` is in the object and isn't declared",
    ),
    "static map": (
        "BPFGEN_MAP struct table red",
        "static struct table red",
        "verify-linkage",
        "map `red` is declared global and emitted static",
    ),
    "hidden struct": (
        "__type(value, struct session);\n};",
        "__type(value, struct unheard_of);\n};",
        "verify-inner",
        "as `struct session` and emitted as `struct unheard_of`",
    ),
    "packed": (
        "\t__u32 when;\n};",
        "\t__u32 when __attribute__((packed));\n\tchar more[0];\n};",
        "verify-type",
        "member `more` of `struct held` is emitted and not declared",
    ),
    "slot": ("[2] = (void *)&blue,", "[3] = (void *)&blue,", "verify-slot", "slot 3"),
    "weak": ("tuning __weak", "tuning", "verify-linkage", "declared weak and emitted global"),
    "legacy section": (
        'struct bpf_map_def SEC("maps") old = {',
        'struct bpf_map_def SEC(".maps") old = {',
        "verify-section",
        "declared for section `maps` and emitted in `.maps`",
    ),
    "legacy value": (
        ".value_size = sizeof(__u64),",
        ".value_size = sizeof(__u32),",
        "verify-attribute",
        "`value_size` of map `old` is declared as 8 and emitted as 4",
    ),
    "restrict": (
        "struct flow *next;",
        "struct flow *restrict next;",
        "verify-value-type",
        "as `struct flow *` and emitted as `struct flow *restrict`",
    ),
    "record": (
        "struct event (*type)[BPF_MAP_TYPE_RINGBUF]",
        "struct session (*type)[BPF_MAP_TYPE_RINGBUF]",
        "verify-record",
        "as `struct event` and emitted as `struct session`",
    ),
}
"""By name: what to replace by what, and the code and words that must be told."""
