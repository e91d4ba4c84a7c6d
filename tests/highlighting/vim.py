"""Vim and Neovim without a screen: a script runs with share/vim on the runtime path."""

from __future__ import annotations

import json
import os
import subprocess
from typing import TYPE_CHECKING, Any

from tests.tools import CHECKOUT, require

if TYPE_CHECKING:
    from pathlib import Path

FILES = CHECKOUT / "share/vim/vimfiles"

_BEGIN = """\
set nocompatible encoding=utf-8 shortmess+=I
let &runtimepath = {files} .. ',' .. $VIMRUNTIME
filetype plugin indent on
syntax on
let g:given = json_decode(join(readfile('given.json'), ''))
let g:answer = []
try
"""

_END = """
catch
  call writefile([v:exception .. ' at ' .. v:throwpoint], 'failed')
endtry
call writefile([json_encode(g:answer)], 'answer.json')
qall!
"""


def run(editor: str, script: str, directory: Path, given: object = None) -> Any:
    """Return what *script*, run in *directory*, leaves in `g:answer`; `g:given` is *given*."""
    (directory / "given.json").write_text(json.dumps(given), encoding="utf-8")
    begin = _BEGIN.format(files=f"'{FILES}'")
    (directory / "script.vim").write_text(begin + script + _END, encoding="utf-8")
    words = [require(editor), "-u", "NONE", "-i", "NONE", "-n", "-es", "-S", "script.vim"]
    if editor == "nvim":
        words.insert(1, "--headless")
    done = subprocess.run(
        words,
        cwd=directory,
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
        env={**os.environ, "HOME": str(directory), "LC_ALL": "C.UTF-8"},
    )
    failed = directory / "failed"
    assert not failed.exists(), failed.read_text()
    answer = directory / "answer.json"
    assert answer.exists(), done.stdout + done.stderr
    return json.loads(answer.read_text(encoding="utf-8"))
