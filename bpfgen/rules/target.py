"""What a model is checked against, and what to say of a target that is too old for it."""

from __future__ import annotations

from bpfgen.kernel.memory import Machine
from bpfgen.kernel.version import KERNEL, NEWEST
from bpfgen.record import TYPE_CHECKING, Record, replace
from bpfgen.rules.fields.uses import FieldFinder
from bpfgen.rules.maps.bpf_attr import bpf_attrs
from bpfgen.text.diagnostics import Diagnostic

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bpfgen.btf.kernel_types import Kernel
    from bpfgen.kernel.version import KernelVersion
    from bpfgen.model.model import Model
    from bpfgen.record import Uncompared
    from bpfgen.rules.maps.bpf_attr import BpfAttr
    from bpfgen.text.diagnostics import Edit
    from bpfgen.text.source import Span


class Lacking(Diagnostic, Record):
    """A complaint that the target's kernel is older than something in the file.

    Attributes:
        what: What needs a newer kernel, in words that name no version.
    """

    what: str = ""


def lacking(
    complaint: Diagnostic,
    what: str,
    target: Target | None = None,
    since: KernelVersion | None = None,
) -> Lacking:
    """Return *complaint* as one about the age of the target's kernel, which lacks *what*.

    With *target*, its edits aim at the kernel *since*, where the file says what it aims at.
    """
    members = {name: getattr(complaint, name) for name in Diagnostic.__match_args__}
    if target is not None and since is not None:
        edits = target.raised(KERNEL, since)
        members |= {"edits": edits, "changes_meaning": bool(edits)}
    return Lacking(**members, what=what)


class Unmet(Diagnostic, Record):
    """A complaint that a loader doesn't do what a map asks for.

    Attributes:
        loader: Its name in :data:`bpfgen.kernel.loaders.LOADERS`.
        feature: The row there.
    """

    loader: str = ""
    feature: str = ""


class Target(Record):
    """The kernel, the loaders and the form of the output that a model is meant for.

    Attributes:
        kernel: The oldest kernel that the maps must work on.
        style: `modern` or `initializer`.
        fields: Finds the special fields of the model's structs, each once for all rules.
        attrs: The shapes of the model, measured once for all rules.
        loaders: The oldest version of each loader that they must work with, by its name; what isn't
            there is not aimed at.
        spans: Where the file says so, by the name of what is aimed at.
        machine: Where the maps are loaded.
        vmlinux: The names of the vmlinux.h that programs include, where its kernel is known.
    """

    kernel: KernelVersion
    style: str
    fields: Uncompared[FieldFinder]
    attrs: tuple[BpfAttr, ...] = ()
    loaders: dict[str, KernelVersion] = {}  # noqa: RUF012 -- read only, as every record
    spans: dict[str, Span | None] = {}  # noqa: RUF012 -- read only, as every record
    machine: Machine = Machine()
    vmlinux: Kernel | None = None

    def raised(self, name: str, version: KernelVersion) -> tuple[Edit, ...]:
        """Return the edits that make the file aim at *version* of what is called *name*.

        Nothing where it isn't the file that says it.
        """
        # Only a mistake pays for these imports.
        import re

        from bpfgen.kernel.version import format_version
        from bpfgen.text.diagnostics import Edit
        from bpfgen.text.source import Span

        span = self.spans.get(name)
        found = None if span is None else re.search(r"(?<=[\s=])[\d.]+(?=\s*;?\s*\Z)", span.text)
        if span is None or found is None:
            return ()
        start, end = span.start + found.start(), span.start + found.end()
        return (Edit(Span(span.source, start, end), format_version(version)),)

    @classmethod
    def of(
        cls,
        model: Model,
        kernel: KernelVersion | None,
        style: str,
        loaders: Mapping[str, KernelVersion | None] | None = None,
        machine: Machine | None = None,
        vmlinux: Kernel | None = None,
    ) -> Target:
        """Return the target of *model*: what is given, else its own, else the newest kernel known.

        Of *loaders*, None says that one isn't aimed at, whatever the file says.
        """
        versions = {name: aim.version for name, aim in model.targets.items()}
        own = versions.pop(KERNEL, None)
        spans = {name: aim.span for name, aim in model.targets.items()}
        for name, version in (loaders or {}).items():
            spans.pop(name, None)
            versions.pop(name, None)
            if version is not None:
                versions[name] = version
        if kernel is not None:
            spans.pop(KERNEL, None)
        aimed = kernel or own or NEWEST
        return cls(
            aimed,
            style,
            FieldFinder(),
            tuple(bpf_attrs(model)),
            versions,
            spans,
            replace(machine or Machine(), kernel=aimed),
            vmlinux,
        )
