"""What a run ends with where there is no compiler, and what to install then."""

from __future__ import annotations

INSTALL_HINT = "install one with `apt install clang` or `pip install 'bpfgen[clang]'`"


class ToolMissing(Exception):  # noqa: N818 -- not an error of the program but of the machine
    """A tool that is needed is not there; exit status 3. Its text is the sentence to print.

    Attributes:
        named: The user named it, so that doing without it is no option.
    """

    def __init__(self, sentence: str, *, named: bool = False) -> None:
        super().__init__(sentence)
        self.named = named
