"""Lines of the preprocessor, which the language hasn't: what stands for them here."""

from __future__ import annotations

import re

from bpfgen.record import TYPE_CHECKING
from bpfgen.text.diagnostics import Diagnostic, Edit
from bpfgen.text.source import Span

if TYPE_CHECKING:
    from bpfgen.syntax.tree import Tokens

_INCLUDE = re.compile(r"#[ \t]*include[ \t]*(<[^>]*>|\"[^\"]*\")")
_DEFINE = re.compile(r"#[ \t]*define[ \t]+(\w+)[ \t]+(\S.*)")
_CONDITION = re.compile(r"#[ \t]*(if|ifdef|ifndef|elif|elifdef|elifndef)\b[ \t]*(.*)")
_IF = re.compile(r"#[ \t]*(?:if|ifdef|ifndef|elif|elifdef|elifndef|else|endif)\b")
_ENDS = {"else": "} else {", "endif": "}"}
_END = re.compile(rf"#[ \t]*({'|'.join(_ENDS)})")
_PIECE = re.compile(
    r"""(?<!\w)(?:u8|[uUL])?'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|//.*|/\*(?:.*?\*/|.*)""", re.DOTALL
)
"""A literal or a comment; one that isn't closed goes to the end."""
_NOTHING = re.compile(r"#[ \t]*(?:pragma[ \t]+once\b.*|\[.*\])?")


_DIRECTIVES = frozenset(
    "include include_next import define undef if ifdef ifndef elif elifdef elifndef else endif"
    " pragma error warning line embed".split()
)


def preprocessor_lines(tokens: Tokens) -> tuple[Diagnostic, frozenset[str]]:
    """Return what to say of them all, which have one remedy, and the names that they may define."""
    rights = [_right(text) for _, text in tokens.preprocessor]
    asked = [
        condition
        for _, text in tokens.preprocessor
        if (condition := _CONDITION.match(_without_comments(text)))
    ]
    start, text = tokens.preprocessor[0]
    first = text.split("\n", 1)[0].rstrip()
    if text.startswith("#["):
        message, help_ = "an attribute of Rust has no meaning here", "remove it"
    elif _is_comment(first):
        message, help_ = "a comment begins with `//`, not with `#`", "write `//`"
    else:
        message = "there is no preprocessor in this language"
        help_ = "`include` the C header that this stands in, and use its names here"
    if asked and _CONDITION.match(first):
        message = "there is no preprocessor in this language; a condition is a `when`"
    right = rights[0] or _right(" ".join(_without_comments(first).split()))
    if right and not _is_comment(first):
        help_ = f"write `{right}`"
        if _DEFINE.match(first):
            help_ += ", or `include` the header that has it"
    edits = tuple(
        Edit(Span(tokens.source, at, at + len(_code(text) or text)), right)
        for (at, text), right in zip(tokens.preprocessor, rights, strict=True)
        if right is not None
    )
    span = Span(tokens.source, start, start + len(first))
    whole = len(edits) == len(rights)
    if asked:
        listed = _listed(tokens, [condition[2] for condition in asked])
        if listed and _CONDITION.match(first):
            help_ += f", `}}` at its end, and `macro {', '.join(listed)};` before it"
        if listed and edits:
            first_asked = next(at for at, text in tokens.preprocessor if _CONDITION.match(text))
            edits = tuple(
                Edit(edit.span, f"macro {', '.join(listed)};\n{edit.text}")
                if edit.span.start == first_asked
                else edit
                for edit in edits
            )
        inside = [_kind_around(tokens, at) for at, text in tokens.preprocessor if _IF.match(text)]
        whole = whole and not any(inside)
        if inside[:1] == ["type"] and _CONDITION.match(first):
            help_ = "members can't depend on a condition: declare the whole type in each branch,"
            help_ += " `when (…) { struct … } else { … }`"
    names = {name for _, text in tokens.preprocessor for name in re.findall(r"[A-Za-z_]\w*", text)}
    return (
        Diagnostic("preprocessor", message, span, help=help_, edits=edits if whole else ()),
        frozenset(names),
    )


def _right(text: str) -> str | None:
    """Return what stands for the line *text* in this language, up to the comments at its end.

    None where that takes a person.
    """
    line = text.rstrip()
    if _is_comment(line):
        return None if "\n" in line else f"//{line[1:]}"
    code = _code(line)
    if code is None or "\n" in code:
        return None
    condition = _CONDITION.match(code)
    if condition is not None:
        return _branch(condition[1], condition[2])
    end = _END.fullmatch(code)
    if end is not None:
        return _ENDS[end[1]]
    include = _INCLUDE.fullmatch(code)
    if include is not None:
        return f"include {include[1]};"
    define = _DEFINE.fullmatch(code)
    if define is not None:
        return None if '"' in define[2] else f"const {define[1]} = {define[2]};"
    return "" if _NOTHING.fullmatch(code) else None


def _code(text: str) -> str | None:
    """Return what stands in the line *text* before the comments at its end; all of a comment.

    None where a comment stands elsewhere, or ends on another line.
    """
    if _is_comment(text):
        return text
    include = _INCLUDE.match(text)
    pieces = _PIECE.finditer(text, 0 if include is None else include.end())
    comments = [piece for piece in pieces if piece[0].startswith("/")]
    if not comments:
        return text
    start, last = comments[0].start(), comments[-1][0]
    is_closed = last.startswith("//") or (last.endswith("*/") and len(last) > 3)
    return text[:start].rstrip() if is_closed and not _without_comments(text[start:]) else None


def _without_comments(text: str) -> str:
    """Return *text* with a blank for each comment in it, and none around."""
    return _PIECE.sub(lambda piece: " " if piece[0].startswith("/") else piece[0], text).strip()


def _is_comment(line: str) -> bool:
    """Return whether *line* is a comment of a shell or of Python: no directive has its word."""
    word = re.match(r"#[ \t]*(\w*)", line)
    return word is not None and bool(word[1]) and word[1] not in _DIRECTIVES


def _branch(word: str, text: str) -> str | None:
    """Return the beginning of the branch that `#word text` begins."""
    if not text or "\n" in text or "\\" in text:
        return None
    if word.endswith("def"):
        text = f"{'!' if 'n' in word else ''}defined({text.strip()})"
    return f"{'} else ' if word.startswith('el') else ''}when ({text}) {{"


def _listed(tokens: Tokens, conditions: list[str]) -> list[str]:
    """Return the names in *conditions* that the file has no constant for, in order."""
    constants = {"defined", "KERNEL_VERSION"}
    for (kind, text), following in zip(
        zip(tokens.kinds, tokens.texts, strict=True), [*tokens.texts[1:], ""], strict=True
    ):
        if kind == "QUALIFIER" and text == "const":
            constants.add(following)
    for _, text in tokens.preprocessor:
        define = _DEFINE.match(text)
        if define is not None:
            constants.add(define[1])
    names = (name for text in conditions for name in re.findall(r"\b[A-Za-z_]\w*", text))
    return [name for name in dict.fromkeys(names) if name not in constants]


def _kind_around(tokens: Tokens, offset: int) -> str:
    """Return `type` where *offset* is in the body of a type, `map` in that of a map, else empty."""
    stack: list[str] = []
    head = ""
    for kind, text, start in zip(tokens.kinds, tokens.texts, tokens.starts, strict=True):
        if start >= offset:
            break
        if text == "{":
            stack.append(head)
            head = ""
        elif text == "}":
            if stack:
                stack.pop()
            head = ""
        elif text == ";":
            head = ""
        elif kind in ("COMPOSITE", "ENUM") and not head:
            head = "type"
        elif kind in ("MAP", "TEMPLATE") and not head:
            head = "map"
    return stack[-1] if stack else ""
