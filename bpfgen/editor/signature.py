"""What is to be typed between brackets: the arguments of a map's kind, and of the few macros."""

from __future__ import annotations

from bpfgen.editor.context import ARGUMENTS, CALL, ENTRIES, context_at
from bpfgen.editor.keyword_text import WORDS
from bpfgen.editor.places import kind_called
from bpfgen.editor.table_text import (
    argument_names,
    attribute_text,
    entries_form,
    kind_form,
    macro_text,
    sentence,
)
from bpfgen.editor.visible import Names
from bpfgen.kernel.map_kinds import MAP_KINDS
from bpfgen.model.maps import Template
from bpfgen.record import TYPE_CHECKING, Record

if TYPE_CHECKING:
    from bpfgen.editor.analysis import Analysis
    from bpfgen.editor.context import Context, Frame
    from bpfgen.editor.visible import Name
    from bpfgen.kernel.map_kind import MapKind

SIGNATURE_TRIGGERS = ("<", ",", "[", "(")
"""Characters after which an editor asks."""


class SignatureParameter(Record):
    """One thing that is to be typed.

    Attributes:
        start: Where it begins in the label of its signature, in characters from 0.
        end: Where it ends.
        documentation: Markdown; may be empty.
    """

    start: int
    end: int
    documentation: str


class Signature(Record):
    """The form of what is being typed.

    Attributes:
        label: All of it: `hash<KEY, VALUE>[MAX_ENTRIES]`.
        parameters: What is to be filled in.
        active: Which of them is being typed, from 0.
        documentation: Markdown.
    """

    label: str
    parameters: tuple[SignatureParameter, ...]
    active: int
    documentation: str


_CALLS = {
    "__contains": ("__contains(type, member)", ("type", "member")),
    "__aligned": ("__aligned(bytes)", ("bytes",)),
    "KERNEL_VERSION": ("KERNEL_VERSION(major, minor, patch)", ("major", "minor", "patch")),
    "sizeof": ("sizeof(type)", ("type",)),
    "defined": ("defined(NAME)", ("NAME",)),
}
_DESCRIBED = {"KEY": "key", "VALUE": "value", "RECORD": "value", "INNER": "value"}


def signature(analysis: Analysis, offset: int) -> Signature | None:
    """Return the form of what is being typed at *offset*; None where there is none."""
    context = context_at(analysis.tree, offset)
    if context.comment:
        return None
    for frame in reversed(context.frames):
        if frame.kind == CALL:
            found = _call(context, frame)
            if found is not None:
                return found
        elif frame.kind in (ARGUMENTS, ENTRIES):
            head, names = context.tokens.texts[frame.head], Names(analysis)
            template = names.templates.get(head)
            if head not in MAP_KINDS and template is not None:
                return _template(template, frame)
            kind = kind_called(head, names)
            return None if kind is None else _shape(context, frame, kind)
    return None


def _call(context: Context, frame: Frame) -> Signature | None:
    head = context.tokens.texts[frame.head]
    form = _CALLS.get(head)
    if form is None:
        return None
    label, names = form
    keyword = WORDS.get(head)
    text = macro_text(head) if keyword is None else keyword.meaning
    active = min(context.commas(frame), len(names) - 1)
    return Signature(label, _parameters(label, dict.fromkeys(names, "")), active, text)


def _shape(context: Context, frame: Frame, kind: MapKind) -> Signature | None:
    arguments = argument_names(kind)
    entries = entries_form(kind).strip("[]")
    names = {
        name: "The type of the records." if name == "RECORD" else attribute_text(said, kind)
        for name, said in ((name, _DESCRIBED[name]) for name in arguments)
    }
    if entries:
        names[entries] = attribute_text("max_entries", kind)
    if not names:
        return None
    label = kind_form(kind)
    active = len(arguments) if frame.kind == ENTRIES else context.commas(frame)
    is_there = active < len(names) and (frame.kind == ENTRIES or active < len(arguments))
    if not is_there:
        return None
    return Signature(label, _parameters(label, names), active, sentence(kind.meaning))


def _template(name: Name, frame: Frame) -> Signature | None:
    """Return the form of a use of the template *name*: no use changes what a template gives."""
    template = name.value
    if not isinstance(template, Template) or frame.kind != ENTRIES:
        return None
    shape = template.shape
    entries = entries_form(shape.kind).strip("[]")
    if not entries or "max_entries" in shape.attributes:
        return None
    label = f"{name.name}[{entries}]"
    start = len(name.name) + 1
    parameter = SignatureParameter(
        start, start + len(entries), attribute_text("max_entries", shape.kind)
    )
    return Signature(label, (parameter,), 0, sentence(shape.kind.meaning))


def _parameters(label: str, names: dict[str, str]) -> tuple[SignatureParameter, ...]:
    found = []
    at = label.index("(") if "(" in label else label.find("<")
    for name, text in names.items():
        start = label.index(name, max(at, 0))
        at = start + len(name)
        found.append(SignatureParameter(start, at, text))
    return tuple(found)
