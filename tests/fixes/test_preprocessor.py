"""Lines of the preprocessor: what stands for them means the same, and no comment is lost.

`BPFGEN_FIXES=SEED:COUNT` tries other files, and more of them. What C makes of one, clang's
preprocessor says: maps go through it as they are.
"""

from __future__ import annotations

import os
import random
import subprocess

import pytest

from bpfgen.compiler import Options, compile
from bpfgen.syntax.lexer import scan
from bpfgen.syntax.parser import current_tables
from bpfgen.syntax.trivia import Trivia
from bpfgen.text.diagnostics import Report
from bpfgen.text.edits import applied
from bpfgen.text.source import Source
from tests.tools import clang_program

SEED, COUNT = map(int, os.environ.get("BPFGEN_FIXES", "1:60").split(":"))

MAP = "map m: hash<__u32, __u64>[X];\n"
TYPE = "struct s { __u32 a; };\n"

KEPT = {
    "value": ("#define X 2 /* k */ * 4\n" + MAP, "const X = 2 /* k */ * 4;\n" + MAP),
    "value in parentheses": (
        "#define X (2 /* k */ * 4) // c\n" + MAP,
        "const X = (2 /* k */ * 4); // c\n" + MAP,
    ),
    "around a name": (
        "# /* a */ define /* b */ X /* c */ 5 /* d */\n" + MAP,
        "/* a */ const /* b */ X /* c */ = 5; /* d */\n" + MAP,
    ),
    "without blanks": ("#define X/*a*/5/*b*/\n" + MAP, "const X/*a*/ = 5;/*b*/\n" + MAP),
    "size": (
        "#define X sizeof(struct s)\n" + TYPE + MAP,
        "const X = sizeof(struct s);\n" + TYPE + MAP,
    ),
    "condition": (
        f"#if A == 1 /* one */ && B // c\n{TYPE}#endif /* A */\n",
        f"macro A, B;\nwhen (A == 1 /* one */ && B) {{ // c\n{TYPE}}} /* A */\n",
    ),
    "branches": (
        f"#if A // a\n#elif /* b */ B\n#else // c\n{TYPE}#endif\n",
        f"macro A, B;\nwhen (A) {{ // a\n}} else when (/* b */ B) {{\n}} else {{ // c\n{TYPE}}}\n",
    ),
    "defined": (
        f"#ifndef /* a */ A // b\n{TYPE}#endif // A\n",
        f"macro A;\nwhen (!defined(/* a */ A)) {{ // b\n{TYPE}}} // A\n",
    ),
    "number in a condition": (
        f"#define X (3)\n#if X > 1\n{MAP}#endif\n",
        f"const X = (3);\nwhen (X > 1) {{\n{MAP}}}\n",
    ),
    "include": ('#include "a//b.h" /* c */\n', 'include "a//b.h"; /* c */\n'),
    "once": ("#pragma once // c\n" + TYPE, "// c\n" + TYPE),
    "nothing": ("# /* c */\n" + TYPE, "/* c */\n" + TYPE),
    "shell": (f"# it's \"so // /*\n{TYPE}", f"// it's \"so // /*\n{TYPE}"),
    "attribute": (f"#[repr(C)] // c\n{TYPE}", f"// c\n{TYPE}"),
}

LEFT = {
    "string": '#define X "http://a"\n',
    "comment on two lines": f"#define X 5 /* a\nb */\n{MAP}",
    "value on two lines": f"#define X 5 \\\n + 1\n{MAP}",
    "doc comment": f"#define X 5 /// how many\n{MAP}",
    "include guard": f"#ifndef G // c\n#define G /* c2 */\n{TYPE}#endif\n",
    "operator beside another": f"#define X 2 + 3\n{MAP.replace('X', 'X * 2')}",
    "operator in a value": f"#define Y 2 + 3\n#define X (Y * 2)\n{MAP}",
    "defined twice": f"#define X 1\n#define X 2\n{MAP}",
    "defined later": f"#if X > 1\n{TYPE}#endif\n#define X 2\n{MAP}",
    "defined in a branch": f"#if A\n#define X 2\n#endif\n#if X\n{TYPE}#endif\n",
    "asked whether it is defined": f"#define X 2\n#ifdef X\n{MAP}#endif\n",
    "asked in words whether it is defined": f"#define X 2\n#if A && defined ( X )\n{MAP}#endif\n",
    "unsigned for C alone": f"#define X 0x80000000\n#if X > -1\n{MAP}#endif\n",
    "enumerator in a condition": f"enum e {{ A = 1 }};\n#if A\n{TYPE}#endif\n",
    "unknown name": "#define X Y\n",
    "type": f"#define u32 __u32\n{TYPE}",
    "macro with arguments": f"#define X(a) 5\n{TYPE}",
    "no number": f"#define X 1.5\n{MAP}",
    "question of a macro with arguments": f"#if IS_ENABLED(A)\n{TYPE}#endif\n",
    "words after else": f"#if A\n{TYPE}#else if B\n#endif\n",
    "no end": f"#if A\n{TYPE}",
    "two ends": f"#if A\n{TYPE}#endif\n#endif\n",
    "else twice": f"#if A\n#else\n{TYPE}#else\n#endif\n",
    "in a declaration": f"struct s {{ __u32 a; }}\n#define X 5\n;\n{MAP}",
    "in a type": f"struct s {{\n__u32 a;\n#define X 5\n}};\n{MAP}",
    "in a map": "map m: hash<__u32, __u64>\n#ifdef A\n[1]\n#else\n[2]\n#endif\n;\n",
    "misspelt": f"#defin X 5\n{TYPE}",
    "other word": f"#if A\n{TYPE}#elsif B\n{TYPE}#endif\n",
    "attribute that means something": f"#[repr(packed)]\n{TYPE}",
    "more than an attribute": f"#[derive(A)] {TYPE.strip()} // [b]\n",
}


def offered(text: str) -> str | None:
    """Return *text* with what stands for its lines of the preprocessor, if that is offered."""
    said = compile(Source("t.dsl", text)).diagnostics
    (one,) = (one for one in said if one.code == "preprocessor")
    return applied(text, one.edits) if one.edits else None


@pytest.mark.parametrize(("before", "after"), KEPT.values(), ids=KEPT)
def test_comments_stay_where_they_are(before: str, after: str) -> None:
    """Between the same words, and the value or the condition is all that stands there."""
    assert offered(before) == after


@pytest.mark.parametrize("text", LEFT.values(), ids=LEFT)
def test_what_may_mean_something_else_is_left_to_a_person(text: str) -> None:
    """Nothing is offered; what is said names the line all the same."""
    assert offered(text) is None


class Written:
    """A random file of maps, with lines of the preprocessor and comments at every boundary."""

    def __init__(self, draw: random.Random) -> None:
        self._draw = draw
        self._defined: list[str] = []
        self._maps = 0
        self.comments: list[str] = []
        self.text = "".join(self._part(2) for _ in range(draw.randrange(1, 5)))

    def _gap(self, blank: str = " ", *, is_last: bool = False) -> str:
        """Return *blank*, or a comment and blanks."""
        kind = self._draw.randrange(8)
        if kind > 1 or (kind == 1 and not is_last):
            return blank
        inside = f"{len(self.comments)}" + self._draw.choice(("", "'", '"', " * 2", " // x", "#"))
        comment = f"// {inside}" if kind == 1 else f"/* {inside} */"
        self.comments.append(comment)
        return self._draw.choice((blank, blank + " ")) + comment + blank

    def _line(self, *words: str) -> str:
        """Return a line of *words*, the directive's first; an empty one is no boundary."""
        text = "#" + self._gap("")
        for at, word in enumerate(words):
            text += word
            if at < len(words) - 1:
                text += self._gap(" " if word[-1:].isalnum() else "")
        return text + self._gap("", is_last=True) + "\n"

    def _value(self, depth: int, names: list[str]) -> list[str]:
        draw = self._draw
        kind = draw.randrange(8) if depth else 0
        if kind < 3:
            return [draw.choice([*names, *map(str, range(1, 9)), "0x10", "010", "3U", "'a'"])]
        one, other = self._value(depth - 1, names), self._value(depth - 1, names)
        if kind < 5:
            return ["(", *one, draw.choice("+|^"), *other, ")"]
        if kind < 7:
            return [*one, *draw.choice((("*", "2"), ("+", *other)))]
        return ["(", *one, "?", *other, ":", "1", ")"]

    def _condition(self) -> list[str]:
        draw = self._draw
        words: list[str] = []
        for at in range(draw.randrange(1, 4)):
            words += [draw.choice(("&&", "||"))] * bool(at)
            name = draw.choice(["A", "B", "C", *self._defined[:1]])
            kind = draw.randrange(4)
            words += (
                [[name], ["!", name], ["defined", "(", name, ")"]][kind]
                if kind < 3
                else [name, draw.choice((">", "==", "!=")), draw.choice("012")]
            )
        return words

    def _part(self, depth: int) -> str:
        draw = self._draw
        kind = draw.randrange(6)
        if kind < 2:
            name = f"N{len(self._defined)}" if draw.randrange(9) else "N0"
            value = self._value(2, self._defined)
            self._defined.append(name)
            return self._line("define", name, *(["", *value] if draw.randrange(9) else value))
        if kind == 2 and depth:
            word = draw.choice((["if", *self._condition()], ["ifdef", "A"], ["ifndef", "B"]))
            text = self._line(*word) + self._part(depth - 1)
            if draw.randrange(2):
                text += self._line("elif", *self._condition()) + self._part(depth - 1)
            if draw.randrange(2):
                text += self._line("else") + self._part(depth - 1)
            return text + self._line("endif")
        self._maps += 1
        size = "".join(self._value(1, self._defined))
        return f"map m{self._maps}: hash<__u32, __u64>[{size}];\n"


def sizes(text: str, definitions: dict[str, str]) -> dict[str, int | None] | None:
    """Return how many entries each map of *text* has; None where a name isn't there everywhere."""
    undefined = tuple({"A", "B", "C"} - definitions.keys())
    options = Options(definitions=definitions, undefined=undefined, is_ruled=False)
    outcome = compile(Source("t.dsl", text), options)
    errors = [one for one in outcome.diagnostics if one.severity == "error"]
    assert all(one.code == "unknown-constant" for one in errors), (text, errors)
    if errors:
        return None
    return {one.name: one.shape.attributes["max_entries"].value for one in outcome.model.maps}


def test_what_stands_for_random_lines_means_the_same() -> None:
    """Comments are the same in the same order, and maps those of C, whatever macros are defined."""
    clang = clang_program()
    tried = 0
    for number in range(SEED, SEED + COUNT):
        draw = random.Random(number)  # noqa: S311 -- test data
        written = Written(draw)
        if "#" not in written.text or (after := offered(written.text)) is None:
            continue
        tokens, _is_whole = scan(Source("t.dsl", after), current_tables(), Report())
        found = [comment.span.text for comment in Trivia(tokens).comments()]
        assert found == written.comments, (number, written.text, after)
        definitions = {name: draw.choice("012") for name in "ABC" if draw.randrange(3)}
        words = [f"-D{name}={value}" for name, value in definitions.items()]
        run = subprocess.run(
            [clang, "-E", "-P", "-xc", "-", *words],
            input=written.text,
            capture_output=True,
            text=True,
            check=True,
        )
        ours = sizes(after, definitions)
        if ours is not None:
            tried += 1
            assert ours == sizes(run.stdout, definitions), (number, written.text, after)
    assert tried > COUNT // 8
