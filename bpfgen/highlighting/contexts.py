"""All contexts of the language together: the description that each engine goes by."""

from __future__ import annotations

from bpfgen.highlighting.declarations import ENVIRONMENTS, bodies, declared
from bpfgen.highlighting.expressions import comments, expressions, shared_sets
from bpfgen.highlighting.items import item_rules, items, maps
from bpfgen.highlighting.rules import FILE, Context, Description
from bpfgen.record import TYPE_CHECKING

if TYPE_CHECKING:
    from bpfgen.highlighting.rules import Rules


def description() -> Description:
    """Return the description of the language."""
    contexts = {**comments(), FILE: Context(("items",)), **items(), **maps(), **expressions()}
    sets: dict[str, Rules] = {**shared_sets(), "items": item_rules()}
    for environment in ENVIRONMENTS:
        contexts.update(declared(environment, sets))
    contexts.update(bodies())
    return Description(contexts, sets)
