"""What a key costs that is pressed in an editor with `bpfgen lsp`, in time of the processor.

The client is a bare one, so that only the server's time is measured: from a key to the last answer
that an editor asks for after it. Nothing waits for clang; what a child of the server takes beside
it isn't counted.
"""

from __future__ import annotations

import json
import statistics
import subprocess
from typing import TYPE_CHECKING

from tests.benchmarks.processes import bpfgen
from tests.benchmarks.yardsticks import Row, many_source

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Any, Self

LIMIT = 0.1
"""Seconds: what somebody who types doesn't notice."""

_TYPED = "map typed: lru_hash<value_7, pair>[ETH_ALEN] { map_flags = BPF_F_NO_COMMON_LRU; };"


def keys(directory: Path) -> list[Row]:
    """Measure keys in a file of 1,000 lines that imports another one and includes a header."""
    (directory / "common.dsl").write_text(
        f"struct pair {{ __u32 a; __u32 b; }};\n{many_source(60, 'common_')}", encoding="utf-8"
    )
    head = 'import "common.dsl";\ninclude <linux/if_ether.h>;\n\n'
    text = f"{head}\n{many_source(110)}map last: array<__u32, ethhdr>[ETH_ALEN];\n"
    with _Client(directory) as client:
        client.open((directory / "maps.dsl").as_uri(), text)
        line = text.count("\n") // 2 // 8 * 8 + head.count("\n") + 1
        alone = [client.press(line, at, ("completion",)) for at in range(len(_TYPED))]
        client.clear(line, len(_TYPED))
        more = ("completion", "semanticTokens/full", "inlayHint", "documentSymbol", "codeAction")
        together = [client.press(line, at, more) for at in range(len(_TYPED))]
    what = f"a key in {text.count(chr(10)):,} lines, and what may come next"
    return [_row(what, alone), _row("the same with tokens, hints, outline and fixes", together, 2)]


def _row(what: str, seconds: list[float], limit: float = 1) -> Row:
    median = statistics.median(seconds)
    worst = f"{LIMIT * 1000:.0f} ms; worst of {len(seconds)}: {max(seconds) * 1000:.0f} ms"
    return Row(what, f"{median * 1000:.0f} ms", worst, median / LIMIT, limit)


class _Client:
    """A server, and what is said to it; to be used in a `with`."""

    def __init__(self, directory: Path) -> None:
        self._server = subprocess.Popen(
            bpfgen("lsp"), stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=directory
        )
        self._uri = ""
        self._version = 1
        self._last = 0

    def __enter__(self) -> Self:
        settings = {"inlayHints": True, "clang": False}
        self._ask("initialize", {"capabilities": {}, "initializationOptions": settings})
        self._say("initialized", {})
        return self

    def __exit__(self, *_exception: object) -> None:
        self._ask("shutdown", None)
        self._say("exit", None)
        self._server.communicate()

    def open(self, uri: str, text: str) -> None:
        """Open the document *uri*, and wait until it is right, its headers known."""
        self._uri = uri
        document = {"uri": uri, "languageId": "bpfmap", "version": 1, "text": text}
        self._say("textDocument/didOpen", {"textDocument": document})
        for _ in range(2):  # before and after the compiler was asked
            self._wait(lambda message: message.get("method") == "textDocument/publishDiagnostics")

    def press(self, line: int, at: int, asked: tuple[str, ...]) -> float:
        """Type the character *at*, ask what an editor asks, and return the seconds that it took."""
        before = self._seconds()
        self._change(line, at, at, _TYPED[at])
        position = {"line": line, "character": at + 1}
        for method in asked:
            params: dict[str, Any] = {"textDocument": {"uri": self._uri}}
            if method == "completion":
                params["position"] = position
            elif method in {"inlayHint", "codeAction"}:
                params["range"] = {"start": {"line": line - 25, "character": 0}, "end": position}
                params["context"] = {"diagnostics": []}
            self._last += 1
            self._send({"id": self._last, "method": f"textDocument/{method}", "params": params})
        self._wait(lambda message: message.get("id") == self._last)
        return self._seconds() - before

    def clear(self, line: int, length: int) -> None:
        """Remove the first *length* characters of *line*."""
        self._change(line, 0, length, "")

    def _change(self, line: int, start: int, end: int, text: str) -> None:
        self._version += 1
        places = {
            name: {"line": line, "character": at} for name, at in (("start", start), ("end", end))
        }
        document = {"uri": self._uri, "version": self._version}
        changes = [{"range": places, "text": text}]
        params = {"textDocument": document, "contentChanges": changes}
        self._say("textDocument/didChange", params)

    def _seconds(self) -> float:
        """Return what the server has had of a processor (proc(5), schedstat)."""
        with open(f"/proc/{self._server.pid}/schedstat", encoding="ascii") as stream:
            return int(stream.read().split()[0]) / 1e9

    def _say(self, method: str, params: object) -> None:
        self._send({"method": method, "params": params})

    def _ask(self, method: str, params: object) -> None:
        self._last += 1
        self._send({"id": self._last, "method": method, "params": params})
        self._wait(lambda message: message.get("id") == self._last)

    def _send(self, message: dict[str, Any]) -> None:
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        assert self._server.stdin is not None
        self._server.stdin.write(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
        self._server.stdin.flush()

    def _wait(self, wanted: Any) -> None:
        """Read until a message is *wanted*."""
        stream = self._server.stdout
        assert stream is not None
        while True:
            length = 0
            while line := stream.readline().strip():
                name, _, value = line.partition(b":")
                length = int(value) if name.lower() == b"content-length" else length
            message = json.loads(stream.read(length))
            assert "error" not in message, message
            if wanted(message):
                return
