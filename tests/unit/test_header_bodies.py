"""Functions of headers lose their bodies, and nothing else does: what C means by a line stays."""

from __future__ import annotations

from bpfgen.importer.from_c.header_bodies import without_header_bodies

_KFUNC = 'extern void bpf_cpumask_release(void *) __attribute__((section(".ksyms")));'
_TYPES = (
    "",
    "enum {\n\tfalse = 0,\n\ttrue = 1,\n};",
    "struct empty {};",
    "typedef struct {\n    int counter;\n} atomic_t;",
    "struct outer {\n\tunion {\n\t\tint one;\n\t};\n\n\tint (*call)(void);\n} __attribute__((x));",
    "union braced { int a; };",
    "",
)
_PROGRAM = (
    '__attribute__((section("tc"), used)) int act(void *ctx)\n{\n'
    "\tint one = 1;\n\nstruct local {\n\tint b;\n};\n\treturn one;\n}"
)


def _left(*texts: str) -> str:
    output = [(-1, '# 1 "a.h" 1'), *((-1, text) for text in texts)]
    return "\n".join(line for _place, line in without_header_bodies(output))


def test_types_and_prototypes_stay() -> None:
    """A vmlinux.h has sections since its kfuncs have, and no function."""
    header = "\n".join((*_TYPES, _KFUNC, ""))
    assert _left(header) == f'# 1 "a.h" 1\n{header}'


def test_a_program_among_types_is_a_prototype() -> None:
    """Its body goes, and all else keeps its line."""
    before, after = "\n".join((*_TYPES, _KFUNC)), "\n".join((*_TYPES, "int last;"))
    left = _left(f"{before}\n{_PROGRAM}\n{after}")
    head = _PROGRAM.partition("{")[0].rstrip("\n")
    assert [line for line in left.split("\n")[1:] if line.strip()] == [
        line for line in f"{before}\n{head};\n{after}".split("\n") if line.strip()
    ]
    assert left.count("\n") == 1 + f"{before}\n{_PROGRAM}\n{after}".count("\n")


def test_a_function_after_a_type_on_its_line_loses_its_body() -> None:
    """What is taken for a type alone is one."""
    left = _left(f"{_KFUNC}\n\nstruct s {{\n\tint a;\n}}; static int f(void) {{ return 1; }}\n")
    assert "return" not in left
    assert "static int f(void)" in left
    assert "int a;" in left
