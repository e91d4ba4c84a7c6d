"""The files below share/ that are generated: completions, the manual page, editors' grammars.

python -m bpfgen.commands.share        writes them anew (in a checkout), and the tables of rules
                                       in docs/breaking.md
"""

from __future__ import annotations

import os
import re

from bpfgen.changes.rules import RULES
from bpfgen.commands.completions import script
from bpfgen.commands.manual import manual
from bpfgen.highlighting.detection import javascript, vim_detection
from bpfgen.highlighting.textmate import grammar
from bpfgen.highlighting.vim import syntax

_MADE_BY = {
    "bash-completion/completions/bpfgen": lambda: script("bash"),
    "zsh/site-functions/_bpfgen": lambda: script("zsh"),
    "fish/vendor_completions.d/bpfgen.fish": lambda: script("fish"),
    "man/man1/bpfgen.1": manual,
    "vim/vimfiles/ftdetect/bpfmap.vim": vim_detection,
    "vim/vimfiles/syntax/bpfmap.vim": syntax,
    "vscode/detection.js": javascript,
    "vscode/syntaxes/bpfmap.tmLanguage.json": grammar,
}


def shared_files() -> dict[str, str]:
    """Return the text of each file, by its path below share/."""
    return {path: make() for path, make in _MADE_BY.items()}


_RULES = re.compile(r"(<!-- rules of (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)


def with_rules(page: str) -> str:
    """Return *page* with the table of each category's rules, where it asks for one."""
    return _RULES.sub(lambda match: f"{match[1]}{_table(match[2])}{match[3]}", page)


def _table(category: str) -> str:
    rows = [
        f"| `{rule.code}` | {rule.compares} | {'; '.join(rule.decided_by) or 'nobody'} |\n"
        for rule in RULES.values()
        if rule.category == category
    ]
    return "".join(("| rule | what is compared | who acts on it |\n|---|---|---|\n", *rows))


def main() -> None:
    """Write them into the share/ of the checkout, and the tables into its docs/."""
    from bpfgen.files.writing import write

    package = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    for path, text in shared_files().items():
        place = os.path.join(os.path.dirname(package), "share", path)
        os.makedirs(os.path.dirname(place), exist_ok=True)
        write(place, text.encode())
    page = os.path.join(os.path.dirname(package), "docs", "breaking.md")
    with open(page, encoding="utf-8") as file:
        text = file.read()
    write(page, with_rules(text).encode())


if __name__ == "__main__":
    main()
