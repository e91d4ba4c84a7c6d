"""How the server begins and ends, and what a client may say that makes no sense.

With bare pipes: no client of a library would say such things.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from random import Random
from select import select
from typing import TYPE_CHECKING

import pytest

from bpfgen.editor.messages import framed
from tests.tools import CHECKOUT

if TYPE_CHECKING:
    from pathlib import Path

INITIALIZE: dict[str, object] = {
    "jsonrpc": "2.0",
    "id": 1,
    "method": "initialize",
    "params": {"capabilities": {}, "processId": None, "rootUri": None},
}
SHUTDOWN: dict[str, object] = {"jsonrpc": "2.0", "id": 9, "method": "shutdown"}
EXIT: dict[str, object] = {"jsonrpc": "2.0", "method": "exit"}


def asked(*messages: dict[str, object] | bytes) -> tuple[int, list[object], str]:
    """Return how a server ends that reads *messages* and no more, its answers, and its errors."""
    data = b"".join(one if isinstance(one, bytes) else framed(one) for one in messages)
    done = subprocess.run(
        [sys.executable, "-m", "bpfgen", "lsp"],
        input=data,
        capture_output=True,
        env={**os.environ, "PYTHONPATH": str(CHECKOUT)},
        check=False,
        timeout=60,
    )
    answers: list[object] = []
    rest = done.stdout
    while rest:
        header, _, rest = rest.partition(b"\r\n\r\n")
        length = int(header.partition(b"Content-Length: ")[2].partition(b"\r\n")[0])
        answers.append(json.loads(rest[:length]))
        rest = rest[length:]
    return done.returncode, answers, done.stderr.decode()


def errors(answers: list[object]) -> dict[object, int]:
    """Return the codes of those of *answers* that are errors, by request."""
    return {
        one["id"]: one["error"]["code"]
        for one in answers
        if isinstance(one, dict) and "error" in one
    }


def test_requests_that_make_no_sense_are_answered() -> None:
    """Each has the error that the protocol has for it; the others are answered as ever."""
    status, answers, said = asked(
        {"jsonrpc": "2.0", "id": 0, "method": "textDocument/hover", "params": {}},
        INITIALIZE,
        b"Content-Length: 4\r\n\r\nnull",
        {"jsonrpc": "2.0", "id": 2, "method": "textDocument/hover", "params": {"a": 1}},
        {"jsonrpc": "2.0", "id": 3, "method": "no/such/request", "params": {}},
        {"jsonrpc": "2.0", "method": "$/no/such/notification", "params": {}},
        {"jsonrpc": "2.0", "method": "textDocument/didChange", "params": {}},
        {"jsonrpc": "2.0", "id": 4, "method": "workspace/symbol", "params": {"query": ""}},
        {"jsonrpc": "2.0", "method": "$/cancelRequest", "params": {"id": 4}},
        {"jsonrpc": "2.0", "method": "$/cancelRequest", "params": {"id": 77}},
        SHUTDOWN,
        {"jsonrpc": "2.0", "id": 10, "method": "workspace/symbol", "params": {"query": ""}},
        EXIT,
    )
    assert (status, said) == (0, "")
    assert errors(answers) == {0: -32002, None: -32700, 2: -32602, 3: -32601, 4: -32800, 10: -32600}
    assert [one.get("id") for one in answers if isinstance(one, dict) and "result" in one] == [1, 9]


VALUES: tuple[object, ...] = (
    *(None, 1, -1, 1.5, "x", "", [], {}, True, [{"range": None}]),
    *({"uri": "file:///a"}, {"uri": 5}, {"uri": ":::"}, {"line": -1, "character": 10**30}),
)
METHODS = (
    *("hover", "completion", "didOpen", "didChange", "didClose", "rename", "codeAction"),
    *("selectionRange", "semanticTokens/range", "inlayHint", "formatting", "signatureHelp"),
)
MEMBERS = ("textDocument", "position", "range", "context", "newName", "contentChanges", "options")


def test_parameters_of_any_kind_cost_an_answer_and_nothing_else() -> None:
    """What is no request of the protocol is refused, whatever is in its place."""
    random = Random(0)  # noqa: S311 -- to be had again, not to be secret
    text = {"uri": "file:///a", "languageId": "bpfmap", "version": 1, "text": "map m"}
    opened: dict[str, object] = {"jsonrpc": "2.0", "method": "textDocument/didOpen"}
    opened["params"] = {"textDocument": text}
    messages: list[dict[str, object]] = [INITIALIZE, opened]
    wanted: set[object] = {1, 9}
    for number in range(100, 400):
        members = random.sample(MEMBERS, random.randrange(len(MEMBERS)))
        params = {member: random.choice(VALUES) for member in members}
        method = f"textDocument/{random.choice(METHODS)}"
        message: dict[str, object] = {"jsonrpc": "2.0", "method": method, "params": params}
        message["params"] = random.choice((params, params, random.choice(VALUES)))
        if not method.rpartition("/")[2].startswith("did"):
            message["id"] = number
            wanted.add(number)
        messages += [message, {**message, "method": random.choice(VALUES), "id": None}]
    status, answers, said = asked(*messages, SHUTDOWN, EXIT)
    assert (status, said) == (0, "")
    assert wanted <= {one["id"] for one in answers if isinstance(one, dict) and "id" in one}
    assert -32603 not in errors(answers).values()  # that would be a mistake of the server's


@pytest.mark.parametrize(
    ("messages", "status"),
    [((INITIALIZE,), 1), ((INITIALIZE, SHUTDOWN), 0), ((INITIALIZE, EXIT), 1), ((), 1)],
)
def test_the_end_says_whether_it_was_announced(
    messages: tuple[dict[str, object], ...], status: int
) -> None:
    """It ends with its input, or when it is told to."""
    ended, _answers, said = asked(*messages)
    assert (ended, said) == (status, "")


def test_what_is_not_the_protocol_is_wrong_usage() -> None:
    """One line says so."""
    status, _answers, said = asked(b"GET / HTTP/1.1\r\n\r\n")
    assert status == 2
    assert "is not the Language Server Protocol" in said
    assert said.count("\n") <= 2


def test_without_pygls_it_says_what_to_type(tmp_path: Path) -> None:
    """A sentence, and the status of what is missing."""
    (tmp_path / "sitecustomize.py").write_text(
        "import sys\nsys.modules['pygls'] = sys.modules['lsprotocol'] = None\n", encoding="utf-8"
    )
    ours, terminal = os.openpty()
    for stdin in (subprocess.DEVNULL, terminal):
        done = subprocess.run(
            [sys.executable, "-m", "bpfgen", "lsp"],
            stdin=stdin,
            capture_output=True,
            text=True,
            env={**os.environ, "PYTHONPATH": f"{tmp_path}{os.pathsep}{CHECKOUT}"},
            check=False,
        )
        assert done.returncode == 3
        assert "pip install 'bpfgen[lsp]'" in done.stderr
        assert done.stdout == ""
    os.close(ours)
    os.close(terminal)


def test_in_a_terminal_it_says_that_it_could_start() -> None:
    """Nobody there speaks the protocol."""
    ours, terminal = os.openpty()
    done = subprocess.run(
        [sys.executable, "-m", "bpfgen", "lsp"],
        stdin=terminal,
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(CHECKOUT)},
        check=False,
    )
    os.close(ours)
    os.close(terminal)
    assert done.returncode == 2
    assert "the server could start" in done.stderr


def test_files_on_the_command_line_are_refused() -> None:
    """An editor opens them."""
    done = subprocess.run(
        [sys.executable, "-m", "bpfgen", "lsp", "maps.dsl"],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(CHECKOUT)},
        check=False,
    )
    assert done.returncode == 2
    assert "takes no files" in done.stderr


SLOW = """\
#!/bin/sh
case "$*" in *include*linux*|*-c*) exec 3>{place}; echo $$ >&3; exec sleep 600 ;; esac
"""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL, None])
def test_its_compilers_end_with_it(tmp_path: Path, number: signal.Signals | None) -> None:
    """Whether it is ended, killed or told to end: nothing is left that runs."""
    place = tmp_path / "started"
    compiler = tmp_path / "clang"
    compiler.write_text(SLOW.format(place=place), encoding="utf-8")
    compiler.chmod(0o755)
    os.mkfifo(place)
    uri = (tmp_path / "maps.dsl").as_uri()
    document = {"uri": uri, "languageId": "bpfmap", "version": 1}
    document["text"] = "include <linux/in.h>;\nmap m: array<__u32, in_addr>[4];\n"
    server = subprocess.Popen(
        [sys.executable, "-m", "bpfgen", "lsp", "--clang", str(compiler), "--no-cache"],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        env={**os.environ, "PYTHONPATH": str(CHECKOUT)},
    )
    with server:
        assert server.stdin is not None
        opened = {
            "jsonrpc": "2.0",
            "method": "textDocument/didOpen",
            "params": {"textDocument": document},
        }
        server.stdin.write(framed(INITIALIZE) + framed(opened))
        server.stdin.flush()
        with place.open("rb", buffering=0) as stream:
            process = int(stream.readline())
            if number is not None:
                server.send_signal(number)
            else:
                server.stdin.write(framed(SHUTDOWN) + framed(EXIT))
                server.stdin.flush()
            statuses = {None: 0, signal.SIGTERM: 128 + signal.SIGTERM}
            assert server.wait(60) == statuses.get(number, -signal.SIGKILL)
            assert select([stream], [], [], 60)[0]
            assert stream.read() == b""  # the compiler, which had it open, is gone
    if number != signal.SIGKILL:
        with pytest.raises(ProcessLookupError):  # and its status was taken
            os.kill(process, 0)
