"""What the repository shows is as `bpfgen fmt` writes it, where it isn't about form on purpose."""

from __future__ import annotations

from tests.format.formatter import formatted
from tests.format.texts import texts

ABOUT_FORM = {
    "samples/broken/carets.dsl": "carets stand where a tab and wide characters are",
}
"""Texts that have to be as they are, and why."""


def test_every_text_is_canonical() -> None:
    """Samples, the prelude, examples of documents and of explanations, programs of the rule book.

    What has a syntax error is as it is; of mistakes, what the edits make of them is no finished
    text.
    """
    wrong = {
        name
        for name, text in texts().items()
        if not name.startswith("mistake") and formatted(text) not in {text, None}
    }
    assert wrong == set(ABOUT_FORM)
