"""Lists and trees in values: their lock, what they hold, and who owns whom.

Source: btf_find_graph_root, btf_parse_graph_root, btf_parse_fields and btf_check_and_fixup_fields
in kernel/bpf/btf.c; read in 6.12, tried on 6.18.
"""

from __future__ import annotations

from bpfgen.ctype.types import Composite
from bpfgen.kernel.special_fields import SPECIAL_FIELDS, SpecialField
from bpfgen.kernel.tags import CONTAINS, contained_struct
from bpfgen.record import TYPE_CHECKING
from bpfgen.rules.fields.holders import DROPPED, is_aligned
from bpfgen.rules.fields.uses import NODES, row_name

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bpfgen.model.model import Model
    from bpfgen.rules.fields.holders import Holder
    from bpfgen.rules.fields.uses import FieldFinder, FieldUse
    from bpfgen.text.diagnostics import Diagnostic, Edit

NODE_OF = {"bpf_list_head": "bpf_list_node", "bpf_rb_root": "bpf_rb_node"}
"""The struct that a list or tree asks for in what it holds."""

_NODE = SpecialField("a node", (6, 2))
"""What a node asks for: nothing."""

REFUSED = "Linux refuses the types of the whole object (btf_parse_fields in kernel/bpf/btf.c)"


def graph_root_problems(
    holder: Holder, seen: list[FieldUse], model: Model, finder: FieldFinder
) -> Iterator[Diagnostic]:
    """Yield what is wrong with the lists and trees of *holder*, and with it as a member of such."""
    # When BTF is loaded, a value is an object like others, and may have nodes of its own.
    # What isn't aligned is reported as that, and the kernel sees none of it.
    seen = list(filter(is_aligned, seen))
    names = {use.name for use in seen}
    refused = REFUSED if holder.runs_at_load else DROPPED
    if names >= NODES and "bpf_refcount" not in names:
        last = [use for use in seen if use.name in NODES][-1]
        yield holder.error(
            "special-field-nodes",
            f"{holder.name} can hang in a list and in a tree, and has no `struct bpf_refcount`",
            last,
            note=REFUSED,
            help="add `struct bpf_refcount refs;`, or leave one of the nodes out",
            edits=holder.with_member(last, "struct bpf_refcount refs;"),
        )
    unguarded = [use for use in seen if _asks(use).needs_lock]
    if unguarded and "bpf_spin_lock" not in names:
        resilient = "bpf_res_spin_lock" in names
        yield holder.error(
            "special-field-lock",
            f"`struct {unguarded[0].name}` needs a `struct bpf_spin_lock` in the same struct"
            + (", not a `struct bpf_res_spin_lock`" if resilient else ""),
            unguarded[0],
            note="Linux takes this, and prints a warning when the map is freed"
            " (bpf_obj_free_fields)"
            if resilient
            else refused,
            help="add `struct bpf_spin_lock lock;`",
            edits=()
            if resilient
            else holder.with_member(unguarded[0], "struct bpf_spin_lock lock;"),
        )
    reported: set[int] = set()  # by identity
    for use in seen:
        if not _asks(use).contains or id(use.member) in reported:
            continue
        reported.add(id(use.member))
        problem, advice, meant = _contains(use, model)
        if problem:
            yield holder.error(
                "special-field-contains",
                problem,
                use,
                note=refused,
                help=advice,
                edits=_renamed(use, meant) if meant is not None else (),
                is_certain=True,
            )
            continue
        held = _held_struct(use, model)
        if NODES & names and held is not None:
            owned = {inner.name for inner in finder.of(held).uses if not inner.hidden}
            if owned & NODE_OF.keys():
                yield holder.error(
                    "special-field-cycle",
                    f"{holder.name} is held by a list or tree and owns one of `struct {held.tag}`,"
                    " which owns others in turn",
                    use,
                    note="Linux refuses the types of the whole object with ELOOP"
                    " (btf_check_and_fixup_fields)",
                    help="let what is owned by an object own nothing",
                )


def _asks(use: FieldUse) -> SpecialField:
    return SPECIAL_FIELDS.get(row_name(use.name), _NODE)


def _contains(use: FieldUse, model: Model) -> tuple[str, str, str | None]:
    """Return what is wrong with the `contains` tag of *use* and what to write, or empty texts.

    Last comes the name of the node that is meant, if it is misspelt.
    """
    node = NODE_OF.get(use.name, "a node")
    attributes = use.member.attributes
    tags = [t for t in attributes.decl_tags if t.startswith(CONTAINS)] if attributes else []
    if not tags:
        return (
            f"`struct {use.name}` doesn't say what it holds",
            (
                f"write `__contains(type, member)` after it: the struct that it holds, and its"
                f" member of type `struct {node}`"
            ),
            None,
        )
    if len(tags) > 1:
        return (
            f"`struct {use.name}` says {len(tags)} times what it holds",
            "leave one of them",
            None,
        )
    tag, colon, member_name = tags[0].removeprefix(CONTAINS).partition(":")
    if not colon or not tag or not member_name:
        return (
            f"`{tags[0]}` doesn't name a struct and its member",
            "write `__contains(type, member)`",
            None,
        )
    held = _held_struct(use, model)
    if held is None:
        if model.includes:
            return "", "", None  # of a header that was asked for no more than the file's own names
        return (
            f"`struct {use.name}` holds `struct {tag}`, and there is none",
            f"declare `struct {tag}`, with a member `struct {node} {member_name};`",
            None,
        )
    member = next((m for m in held.members if m.name == member_name), None)
    if member is None:
        meant = _node_meant(held, node, member_name)
        return (
            (
                f"`struct {use.name}` holds `struct {tag}` by its member `{member_name}`, and there"
                " is none"
            ),
            f"add `struct {node} {member_name};` to `struct {tag}`"
            if meant is None
            else f"did you mean `{meant}`?",
            meant,
        )
    if not isinstance(member.type, Composite) or member.type.tag != node:
        return (
            (
                f"`struct {use.name}` holds `struct {tag}` by its member `{member_name}`, which"
                f" isn't a `struct {node}`"
            ),
            f"make it `struct {node} {member_name};`: no typedef, no qualifier, no array",
            None,
        )
    return "", "", None


def _node_meant(held: Composite, node: str, given: str) -> str | None:
    """Return the name of the node of *held* that was meant by *given*, or None."""
    # Only a misspelt name pays for this import.
    from bpfgen.text.spelling import closest

    nodes = [m for m in held.members if isinstance(m.type, Composite) and m.type.tag == node]
    return closest(given, [m.name for m in nodes if m.name])


def _renamed(use: FieldUse, node: str) -> tuple[Edit, ...]:
    """Return the edits that write *node* in the `__contains(type, member)` of *use*."""
    # Only a misspelt name pays for these imports.
    import re

    from bpfgen.text.diagnostics import Edit
    from bpfgen.text.source import Span

    name = use.member.span
    if name is None:
        return ()
    macro = re.compile(r"\s*__contains\s*\(\s*\w+\s*,\s*(\w+)\s*\)")
    found = macro.match(name.source.text, name.end)
    return () if found is None else (Edit(Span(name.source, found.start(1), found.end(1)), node),)


def _held_struct(use: FieldUse, model: Model) -> Composite | None:
    """Return the struct that the `contains` tag of *use* names, if the file knows it."""
    attributes = use.member.attributes
    for text in attributes.decl_tags if attributes else ():
        tag = contained_struct(text)
        if tag is not None:
            held = model.types.get(("struct", tag))
            return held if isinstance(held, Composite) else None
    return None
