"""Bytes of standard input to messages, and which of them nobody waits for any more.

Between the loop, which reads, and the server, which answers. A message is a header with its length,
an empty line, and JSON (Language Server Protocol 3.17, "Base Protocol").
"""

from __future__ import annotations

import json
import re
from collections import deque

from bpfgen.record import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any, TypeAlias

    Message: TypeAlias = dict[str, Any]

_LENGTH = re.compile(rb"(?im)^content-length[ \t]*:[ \t]*([0-9]{1,10})[ \t]*\r?$")
_END = re.compile(rb"\r?\n\r?\n")
_LONGEST_HEADER = 1 << 14
_LONGEST = 1 << 28
"""Bytes; the longest text that bpfgen reads fits in several times."""

_CHANGE, _CANCEL = "textDocument/didChange", "$/cancelRequest"

_VIEWS = frozenset(
    """
    textDocument/codeAction textDocument/documentHighlight textDocument/documentSymbol
    textDocument/foldingRange textDocument/inlayHint textDocument/semanticTokens/full
    textDocument/semanticTokens/range
    """.split()
)
"""Requests for what a client shows of a text all the time: it asks again for each new text."""


class NotTheProtocol(Exception):  # noqa: N818 -- an error of the client
    """What comes in is no message, and where the next one begins can't be known."""


class Inbox:
    """The messages that have come in and weren't answered yet, in order."""

    __slots__ = ("_bytes", "_messages", "_wanted")

    def __init__(self) -> None:
        self._bytes = bytearray()
        self._wanted = -1  # bytes of the message whose header has been read
        self._messages: deque[Message | None] = deque()

    def __bool__(self) -> bool:
        return bool(self._messages)

    def feed(self, data: bytes) -> None:
        """Take *data*, which comes next.

        Raises:
            NotTheProtocol: It can't be cut into messages.
        """
        self._bytes += data
        while True:
            if self._wanted < 0:
                found = _END.search(self._bytes, 0, _LONGEST_HEADER)
                if found is None:
                    if len(self._bytes) >= _LONGEST_HEADER:
                        raise NotTheProtocol("this header has no end")
                    return
                length = _LENGTH.search(self._bytes, 0, found.start())
                if length is None:
                    raise NotTheProtocol("this header has no Content-Length")
                self._wanted = int(length[1])
                if self._wanted > _LONGEST:
                    raise NotTheProtocol("no message is that long")
                del self._bytes[: found.end()]
            if len(self._bytes) < self._wanted:
                return
            body = bytes(self._bytes[: self._wanted])
            del self._bytes[: self._wanted]
            self._wanted = -1
            self._messages.append(_message(body))

    def next(self) -> Message | None:
        """Return the message whose turn it is; None for one that is no JSON object."""
        return self._messages.popleft()

    def is_cancelled(self, request: Message) -> bool:
        """Return whether a later message cancels *request*."""
        wanted = request.get("id")
        return any(
            later.get("method") == _CANCEL and _member(later, "id") == wanted
            for later in self._messages
            if later is not None
        )

    def is_outdated(self, request: Message) -> bool:
        """Return whether *request* is for a view of a text which a later message changes."""
        if request.get("method") not in _VIEWS:
            return False
        document = _member(request, "textDocument", "uri")
        return any(
            later.get("method") == _CHANGE and _member(later, "textDocument", "uri") == document
            for later in self._messages
            if later is not None
        )


def framed(message: Message) -> bytes:
    """Return the bytes of *message*, its header before it."""
    body = json.dumps(message, separators=(",", ":")).encode()
    return b"Content-Length: %d\r\n\r\n%s" % (len(body), body)


def _message(body: bytes) -> Message | None:
    """Return the message that *body* is, or None."""
    try:
        message = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return message if isinstance(message, dict) else None


def _member(message: Message, *names: str) -> object:
    """Return what the parameters of *message* say of *names*, one inside the other; or None."""
    value: object = message.get("params")
    for name in names:
        value = value.get(name) if isinstance(value, dict) else None
    return value
