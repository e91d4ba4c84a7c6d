"""What the codes of `bpfgen breaking` mean, a module a category.

Of each there is *old*, the source before a change, *wrong*, the source after it, which has this
finding and no other of its category, and as a rule *right*: how the change can be made without it.
"""

from __future__ import annotations

from bpfgen.text.explanation import Explanation
from bpfgen.text.explanations.breaking import inner, layout, link, pin, source

EXPLANATIONS: dict[str, Explanation] = {
    "break-uncompared": Explanation(
        """\
Something of OLD or NEW isn't known, and so nothing can be said of it: a running map whose types
the kernel doesn't have, an object with sizes in place of types, a map that import can't declare,
records or inner maps that one side alone describes, a running map whose name the kernel has cut to
that of several maps. What is known was compared.

Give a source that knows more: the file that the map was made from, or the object; or name the
running map by its pin.
"""
    ),
    **{
        code: explanation
        for category in (pin, layout, inner, link, source)
        for code, explanation in category.EXPLANATIONS.items()
    },
}
