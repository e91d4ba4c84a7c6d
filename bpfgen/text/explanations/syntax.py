"""What the codes of the text mean, for `bpfgen explain`: what no parser can read."""

from __future__ import annotations

from bpfgen.text.explanation import Explanation

EXPLANATIONS: dict[str, Explanation] = {
    "empty": Explanation(
        """\
The file declares nothing, so that there is nothing to write. A file may consist of imports alone,
or of types without a map.
""",
        "/* nothing here yet */\n",
        "struct flow { __u32 id; };\n",
    ),
    "syntax": Explanation(
        """\
The text isn't of the language at this place; the message says what could stand there, or, where it
is known what was meant, what to type instead. Reading goes on after a missing `;`, else at the next
declaration, so that one run reports every such mistake.
""",
        "map counters: array<__u32, __u64>[64;\n",
        "map counters: array<__u32, __u64>[64];\n",
    ),
    "nesting": Explanation(
        """\
Brackets, and types within types, go 200 levels deep at most. No program that a person reads comes
near it; the limit keeps a damaged or hostile file from exhausting the stack.
""",
        f"const DEEP = {'(' * 300}1{')' * 300};\n",
        "const FLAT = (1);\n",
    ),
    "line-too-long": Explanation("""\
A line of more than a million characters was not written by a person, and no editor or message can
show it. Break it.
"""),
    "preprocessor": Explanation(
        """\
Lines that begin with `#` are for the C preprocessor, and this language has none. A struct can be
pasted from C as it is, but what the preprocessor would have done must be said in the language:
`const` for a number that is defined, `include` for a header, `when (…) { … }` for a condition.
""",
        "#define MAX 16\nmap m: array<__u32, __u64>[16];\n",
        "const MAX = 16;\nmap m: array<__u32, __u64>[MAX];\n",
    ),
    "condition": Explanation(
        """\
What stands after `when` is no condition, or none that can be asked here. A condition is what C's
`#if` takes: whole numbers, their operators, `defined(NAME)`, macros that the file lists with
`macro NAME;`, and constants that depend on no condition themselves. It knows no types, and decides
about whole declarations and about attributes of maps, never about members or a `target`.
""",
        "when (WIDE) {\n    map m: array<__u32, __u64>[1];\n}\n",
        "macro WIDE;\nwhen (WIDE) {\n    map m: array<__u32, __u64>[1];\n}\n",
    ),
    "condition-never": Explanation(
        """\
None of the values that were tried for the macros makes this branch part of the file, so that
nothing in it was checked. A macro is tried undefined, as 0, as 1, as each number that it is
compared with, one less and one more, and as the bits that it is masked with.
""",
        "macro MODE;\nwhen (MODE > 2 && MODE < 2) {\n    map m: array<__u32, __u64>[1];\n}\n"
        "map n: array<__u32, __u64>[1];\n",
        "macro MODE;\nwhen (MODE > 2 && MODE < 9) {\n    map m: array<__u32, __u64>[1];\n}\n"
        "map n: array<__u32, __u64>[1];\n",
    ),
    "too-many-variants": Explanation(
        """\
Each combination of the conditions that one declaration depends on is compiled and checked: its own
conditions, those of all that it uses, and those of others of its name. More than 256 are refused.
Conditions that have nothing to do with each other may be as many as you like.
"""
    ),
    "allowance": Explanation(
        """\
A comment that begins `// bpfgen:` turns a diagnostic off, on its line and the one below. It has one
form, and the reason is not optional: it is for the next reader.
""",
        "// bpfgen: allow key-size-conflict\nmap m: array<__u32, __u64>[1];\n",
    ),
    "unused-allowance": Explanation(
        """\
A `// bpfgen: allow …` comment turns off a diagnostic that isn't there. The code is misspelt, the
comment stands in the wrong place, or the reason for it is gone. So does `allow-break` in a run of
`bpfgen breaking`, where it allows nothing that the change breaks.
""",
        (
            "// bpfgen: allow key-size-conflict because an old loader wants 8\n"
            "map m: array<__u32, __u64>[1];\n"
        ),
        "map m: array<__u32, __u64>[1];\n",
    ),
}
