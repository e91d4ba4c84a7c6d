"""Sources with mistakes of all kinds: the rule book, the pages, what people type, the cases."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from bpfgen.compiler import Options, compile
from bpfgen.rules.manual import explanations
from bpfgen.text.source import Source
from tests.fixes.cases import CASES, OTHER
from tests.rulebook.test_rulebook import programs
from tests.tools import CHECKOUT
from tests.unit.mistakes import CASES as MISTAKES

if TYPE_CHECKING:
    from bpfgen.compiler import Compilation

_EXAMPLE = re.compile(r"^```dsl[^\n]*\n(.*?)^```", re.MULTILINE | re.DOTALL)
_STYLE = re.compile(r"(?m)^//\? style (\w+)$")


def sources() -> dict[str, str]:
    """Return the texts by names that say where each is from."""
    found = dict(programs())
    found |= {
        f"mistakes: {name}": case.text.replace("«", "").replace("»", "")
        for name, case in MISTAKES.items()
    }
    found |= {f"explain {code}": page.wrong for code, page in explanations().items() if page.wrong}
    found |= {f"case: {name}": case.before + OTHER for name, case in CASES.items()}
    for path in sorted((CHECKOUT / "docs").glob("*.md")):
        for number, example in enumerate(_EXAMPLE.findall(path.read_text(encoding="utf-8")), 1):
            found[f"{path.stem} {number}"] = example
    return found


def options_of(text: str) -> Options:
    """Return what *text* is compiled with: the style that it asks for."""
    style = _STYLE.search(text)
    return Options(style=style[1] if style else "modern")


def compiled(name: str, text: str) -> Compilation:
    """Return what *text* comes to."""
    return compile(Source(f"{name}.dsl", text), options_of(text))
