"""Lines of the preprocessor that have comments: what is made of them, and what a person has to."""

from __future__ import annotations

import pytest

from bpfgen.compiler import compile
from bpfgen.text.edits import applied
from bpfgen.text.source import Source

MAP = "map m: hash<__u32, __u64>[8];\n"
ELSE = "} else when (defined(B)) { // d\n} else { /* e */\n} // A"


@pytest.mark.parametrize(
    ("line", "right"),
    [
        ("#define X 1 // how many", "const X = 1; // how many"),
        ("#define X 1\t/* how many */ // two", "const X = 1;\t/* how many */ // two"),
        ("#define X 1'000 // it's", "const X = 1'000; // it's"),
        ("#define X '/' // c", "const X = '/'; // c"),
        ("#include <linux/types.h> /* c1 */", "include <linux/types.h>; /* c1 */"),
        ("#include <a//b.h>", "include <a//b.h>;"),
        ("#pragma once // c", "// c"),
        (
            f"#ifdef A // c\n{MAP}#elif defined(B) // d\n#else /* e */\n#endif // A",
            f"macro A, B;\nwhen (defined(A)) {{ // c\n{MAP}{ELSE}",
        ),
    ],
)
def test_comments_at_the_end_stay(line: str, right: str) -> None:
    """As they are, after what stands for the line."""
    text = f"{line}\n{MAP}"
    (said,) = [one for one in compile(Source("t.dsl", text)).diagnostics if one.edits]
    assert applied(text, said.edits) == f"{right}\n{MAP}"


@pytest.mark.parametrize(
    ("lines", "advice"),
    [
        ("#define X 5 /** k */", "write `const X = 5;`"),
        ("#define X 5 /* a\nb */", "write `const X = 5;`"),
        ('#define X "http://a"', "`include` the C header"),
        ("#if A == 1 /* one */ && B", "write `when (A == 1 /* one */ && B) {`"),
        ("#ifndef G // c\n#define G /* c2 */\n#endif", "write `when (!defined(G)) {`"),
        ("#if A\n#else if B\n#endif", "write `when (A) {`"),
    ],
)
def test_what_has_more_is_for_a_person(lines: str, advice: str) -> None:
    """A comment that ends on another line, say, or documents: advice it has, and no edits."""
    said = [
        one
        for one in compile(Source("t.dsl", f"{lines}\n{MAP}")).diagnostics
        if one.code == "preprocessor"
    ]
    assert [one.edits for one in said] == [()]
    assert advice in said[0].help
