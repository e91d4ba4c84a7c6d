"""Bytes to messages, however they are cut, and which of them nobody waits for any more."""

from __future__ import annotations

import pytest

from bpfgen.editor.messages import Inbox, NotTheProtocol, framed

REQUEST = {"jsonrpc": "2.0", "id": 1, "method": "textDocument/hover", "params": {}}
CHANGE = {
    "jsonrpc": "2.0",
    "method": "textDocument/didChange",
    "params": {"textDocument": {"uri": "file:///a"}},
}


def view(uri: str) -> dict[str, object]:
    """Return a request for a view of the document *uri*."""
    params = {"textDocument": {"uri": uri}}
    return {"id": 2, "method": "textDocument/semanticTokens/full", "params": params}


@pytest.mark.parametrize("length", [1, 2, 7, 1000])
def test_messages_come_in_pieces(length: int) -> None:
    """The pieces say nothing about where messages end, nor does the spelling of a header."""
    data = framed(REQUEST) + framed(CHANGE).replace(
        b"Content-Length:", b"Content-Type: x; charset=utf-8\r\ncontent-length :"
    )
    inbox = Inbox()
    for at in range(0, len(data), length):
        inbox.feed(data[at : at + length])
    assert inbox.next() == REQUEST
    assert inbox.next() == CHANGE
    assert not inbox


@pytest.mark.parametrize("body", [b"[1]", b"{", b"\xff", b'"' * 9, b"[" * 100_000])
def test_what_is_no_message_is_none(body: bytes) -> None:
    """It has a length, and so the next message can be read."""
    inbox = Inbox()
    inbox.feed(b"Content-Length: %d\r\n\r\n%s" % (len(body), body) + framed(REQUEST))
    assert inbox.next() is None
    assert inbox.next() == REQUEST


@pytest.mark.parametrize(
    "data",
    [b"hello\r\n\r\n", b"x" * 20_000, b"Content-Length: 9999999999\r\n\r\n", b"GET / HTTP/1.1\n\n"],
)
def test_what_is_not_the_protocol_is_refused(data: bytes) -> None:
    """Nobody waits for an end that never comes."""
    with pytest.raises(NotTheProtocol):
        Inbox().feed(data)


def test_a_request_that_is_cancelled_or_outdated() -> None:
    """Later messages say so, each of its own request and its own text."""
    inbox = Inbox()
    inbox.feed(framed({"jsonrpc": "2.0", "method": "$/cancelRequest", "params": {"id": 1}}))
    inbox.feed(framed(CHANGE))
    assert inbox.is_cancelled(REQUEST)
    assert not inbox.is_cancelled({**REQUEST, "id": 3})
    assert inbox.is_outdated(view("file:///a"))
    assert not inbox.is_outdated(view("file:///b"))
    assert not inbox.is_outdated({**REQUEST, "params": {"textDocument": {"uri": "file:///a"}}})
