"""The description, and the lexer of Pygments that goes by it."""

from __future__ import annotations

import subprocess
import sys
from importlib.metadata import entry_points

import pytest
from pygments.lexers import find_lexer_class_for_filename, get_lexer_by_name, guess_lexer
from pygments.token import Token, string_to_tokentype

from bpfgen.highlighting.contexts import description
from bpfgen.highlighting.engine import Engine
from bpfgen.highlighting.lexer import BpfmapLexer
from bpfgen.highlighting.roles import ROLES
from tests.highlighting.comparison import differences
from tests.highlighting.texts import BROKEN, texts
from tests.tools import CHECKOUT

RECORDS = ("record", "record_initializers")
"""What `import bpfgen` loads."""

ROLE_OF = {string_to_tokentype(role.token): role.name for role in ROLES.values()}
"""Token type -> the role that has it."""


FOREIGN = [
    "#include <stdio.h>\nint main(void) { return 0; }\n",
    "const x = 1;\nlet y = 2;\n",
    "struct A { x: i32 }\nfn main() {}\n",
    "enum A { B = 0; }\n",
    "# comment\nconst A=1\n",
    'include "x.mk"\n',
    "map x: y\n",
    "struct s { int a; };\nmap m: list<int>[1];\n",
    "# Maps\n\nWe write:\n\n```\nmap flows: hash<int, int>[1];\n```\n",
]
"""Texts that aren't ours, or not alone."""


def roles_of(text: str) -> list[str]:
    """Return the role of each character, as the lexer's token types say."""
    roles: list[str] = []
    for offset, token, characters in BpfmapLexer().get_tokens_unprocessed(text):
        assert offset == len(roles)
        roles += [ROLE_OF.get(token, "")] * len(characters)
    assert len(roles) == len(text)
    return roles


def test_each_token_is_what_it_means() -> None:
    """In every text, to the character; the witness is lark's parse of the grammar."""
    for name, text in texts().items():
        assert differences(text, roles_of(text)) == [], name


def test_the_table_of_roles() -> None:
    """Each role of a rule is a row, each row is that of some rule, and no two look alike."""
    described = description()
    used = {rule.role for name in described.contexts for rule in described.rules_of(name)}
    used |= {context.end_role for context in described.contexts.values()}
    used |= {context.inside for context in described.contexts.values()}
    assert used - {""} == ROLES.keys()
    assert len({role.token for role in ROLES.values()}) == len(ROLES)
    assert len({role.scope for role in ROLES.values()}) == len(ROLES)
    assert all(token in Token for token in ROLE_OF)
    entered = {rule.enters for name in described.contexts for rule in described.rules_of(name)}
    assert entered - {""} == described.contexts.keys() - {"file"}


@pytest.mark.parametrize("name", BROKEN)
def test_what_is_open_ends_where_the_next_item_surely_begins(name: str) -> None:
    """A text that is being typed has the colours of its other lines."""
    text, word = BROKEN[name]
    found = [role for _at, role, characters in Engine().pieces(text) if characters == word]
    assert found == ["map"]


def test_any_text_is_taken_whole() -> None:
    """Whatever a file holds, nothing is lost and it ends; the work grows with its length."""
    alphabet = "mapkey structhash<>{}()[]=;:,*/\\\"'#\n\t .0é\0\ud800"
    for seed in range(200):
        text = "".join(alphabet[seed * k * k % 97 % len(alphabet)] for k in range(1, 200))
        assert "".join(characters for _, _, characters in Engine().pieces(text)) == text
    deep = "map a: " + "hash<" * 5000
    assert "".join(characters for _, _, characters in Engine().pieces(deep)) == deep


def test_pygments_finds_it() -> None:
    """By name, by the suffix that is ours alone, and by the text; where bpfgen is installed."""
    (entry,) = [one for one in entry_points(group="pygments.lexers") if one.name == "bpfmap"]
    assert entry.load() is BpfmapLexer
    assert isinstance(get_lexer_by_name("bpfmap"), BpfmapLexer)
    assert find_lexer_class_for_filename("flows.bpfmap") is BpfmapLexer
    assert find_lexer_class_for_filename("flows.dsl") is None
    for name in ("flows", "tail_calls", "btf_map", "ringbuf", "types"):
        text = (CHECKOUT / f"samples/{name}.dsl").read_text()
        assert isinstance(guess_lexer(text), BpfmapLexer), name


@pytest.mark.parametrize("text", FOREIGN)
def test_texts_of_other_languages_are_left_to_them(text: str) -> None:
    """Pygments asks every lexer about any text; this one speaks up for what is surely its own."""
    assert BpfmapLexer.analyse_text(text) == 0
    assert not isinstance(guess_lexer(text), BpfmapLexer)


def test_loading_it_loads_nothing_of_the_compiler() -> None:
    """Pygments loads every lexer of a package now and then; a text alone needs the tables."""
    code = (
        "import sys; from bpfgen.highlighting.lexer import BpfmapLexer as L; "
        "print(sorted(n for n in sys.modules if n.startswith('bpfgen'))); "
        "list(L().get_tokens('map a: hash;')); "
        "print(sorted(n.split('.')[1] for n in sys.modules if n.startswith('bpfgen.')))"
    )
    run = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=CHECKOUT
    )
    before, after = run.stdout.splitlines()
    names = [name.removeprefix("bpfgen.") for name in eval(before)]  # noqa: S307 -- ours, too
    assert names == ["bpfgen", "highlighting", "highlighting.lexer", *RECORDS]
    rooms = {"highlighting", "kernel", "resources", "syntax", *RECORDS}
    assert set(eval(after)) <= rooms  # noqa: S307 -- a list that the line above printed
