"""Any edits and requests, in any order: no mistake of the server's, and nothing left of before.

BPFGEN_FUZZ_EDITS says how many texts are edited, BPFGEN_FUZZ_FIRST which comes first.
"""

from __future__ import annotations

import asyncio
import os
from random import Random
from typing import TYPE_CHECKING

from lsprotocol import types
from pygls.exceptions import JsonRpcException

from tests.editor.client import Editor
from tests.editor.random_edits import Buffer, requests
from tests.tools import CHECKOUT

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

TEXTS = int(os.environ.get("BPFGEN_FUZZ_EDITS", "4"))
FIRST = int(os.environ.get("BPFGEN_FUZZ_FIRST", "0"))
STEPS = 25
"""Edits of one text."""

ALLOWED = {
    types.LSPErrorCodes.RequestCancelled.value,
    types.LSPErrorCodes.ContentModified.value,
    types.LSPErrorCodes.RequestFailed.value,
}
"""Errors that are answers."""

COMMON = "struct flow { __u32 a; __u64 b; };\nconst N = 4;\nmap shared: hash<flow, __u32>[N];\n"
SAMPLES = sorted((CHECKOUT / "samples").rglob("*.dsl"))


def test_answers_are_those_of_a_fresh_server(tmp_path: Path) -> None:
    """After each round of edits all answers are what a server says that sees the text first."""
    settings = {"clang": False, "inlayHints": True}
    with (
        Editor(tmp_path, options=settings) as editor,
        Editor(tmp_path, options=settings) as fresh,
    ):
        for seed in range(FIRST, FIRST + TEXTS):
            _check(editor, fresh, Random(seed))  # noqa: S311 -- to be had again, not to be secret
        assert not editor.shown
    for one in (editor, fresh):
        assert one.status == 0
        assert one.errors == ""


def _check(editor: Editor, fresh: Editor, random: Random) -> None:
    """Edit two files in *editor*, one of which imports the other; compare with *fresh*."""
    text = random.choice(SAMPLES).read_text(encoding="utf-8")
    texts = {
        "common.dsl": Buffer(COMMON),
        "maps.dsl": Buffer(f'import "common.dsl";\n{text}'),
    }
    for name, buffer in texts.items():
        editor.open(name, buffer.text)
    waiting: list[asyncio.Future[object]] = []
    for _ in range(STEPS):
        name = random.choice(("maps.dsl", "maps.dsl", "common.dsl"))
        buffer = texts[name]
        editor.change(name, *(buffer.change(random) for _ in range(random.choice((1, 1, 3)))))
        asked = random.sample(requests(editor.uri(name), buffer, random), random.randrange(3))
        waiting += [editor.ask(method, params) for method, params in asked]
        if random.random() < 0.3:
            editor.run(_failures(waiting))
            waiting.clear()
    editor.run(_failures(waiting))
    for name in random.sample(sorted(texts), 2):
        fresh.open(name, texts[name].text)
    for name, buffer in texts.items():
        for method, params in requests(editor.uri(name), buffer, random):
            assert _answer(editor, method, params) == _answer(fresh, method, params), method
        codes = [(one.code, one.range, one.message) for one in editor.diagnostics(name)]
        assert codes == [(one.code, one.range, one.message) for one in fresh.diagnostics(name)]
    for one in (editor, fresh):
        one.close_all()


async def _failures(waiting: Sequence[asyncio.Future[object]]) -> None:
    """Wait for answers; an error that isn't one fails."""
    for answer in await asyncio.gather(*waiting, return_exceptions=True):
        if isinstance(answer, BaseException) and not (
            isinstance(answer, JsonRpcException) and answer.code in ALLOWED
        ):
            raise answer


def _answer(editor: Editor, method: str, params: object) -> object:
    """Return what *editor* is answered, an error being an answer."""
    try:
        return editor.request(method, params)
    except JsonRpcException as error:
        if error.code not in ALLOWED:
            raise
        return error.message
