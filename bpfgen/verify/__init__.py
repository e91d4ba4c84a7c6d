"""Model against object: whether what the compiler made says what the source says.

The object has been read by a decoder that knows nothing of the emitters; here each declared map is
held against the map of that name: presence, section, linkage, kind, every attribute, key and value
types, the inner definition, each initial slot, the type of the records, and what BTF and the symbol
table say about the variable itself. All differences are reported, both sides named.

In order: :mod:`files` is the object as a whole and its sections, :mod:`maps` one map after the
other, :mod:`definitions` what a map is, :mod:`types` the types (of which most are seen by
:mod:`surely_emitted` to be as declared), :mod:`whole_types` those that only a pointer or tag
mentions, :mod:`declarations` what isn't a map, :mod:`wellformed` what the kernel asks of BTF as
such, :mod:`libbpf` what libbpf refuses, :mod:`assembled` what only objects are held to that bpfgen
writes itself, and :mod:`findings` gathers it.
"""

from __future__ import annotations

from functools import partial

from bpfgen.model.anchors import SECTION
from bpfgen.record import TYPE_CHECKING
from bpfgen.verify.declarations import verify_programs, verify_typedef_tags
from bpfgen.verify.files import includes_headers, verify_contents, verify_file, verify_section
from bpfgen.verify.findings import Findings
from bpfgen.verify.libbpf import verify_libbpf
from bpfgen.verify.maps import extra_maps, imported_maps, verify_map
from bpfgen.verify.types import TypeChecker
from bpfgen.verify.wellformed import verify_btf
from bpfgen.verify.whole_types import verify_whole_types

if TYPE_CHECKING:
    from bpfgen.model.model import Model
    from bpfgen.object.records import ObjectFile
    from bpfgen.text.diagnostics import Diagnostic

__all__ = ["extra_maps", "verify"]


def verify(  # noqa: PLR0913 -- whose object it is decides what counts
    model: Model,
    object: ObjectFile,
    *,
    style: str = "modern",
    exact: bool = True,
    foreign: bool = False,
    byteorder: str | None = None,
    assembled: bool = False,
) -> list[Diagnostic]:
    """Return every way in which *object* is not what *model* declares; empty if there is none.

    Args:
        model: What was declared.
        object: What :func:`bpfgen.object.read_object` found.
        style: How maps of `.maps` should be written: `modern` or `initializer`.
        exact: The object has these maps and no others. Else it is a whole program: other maps and
            data are its own business.
        foreign: The object comes from another source than the header made from *model*. What makes
            no difference to a loader is its own then: the names of definition structs, the struct
            around the five numbers of a legacy map, slots left empty at the end, global data.
            Unless it is exact and not foreign, an extern map may have been linked with its
            definition.
        byteorder: `little` or `big`, or None where either will do.
        assembled: bpfgen wrote the object itself. No compiler and no header had a say, so that
            nothing may differ, and all that no loader looks at is as bpfgen writes it.

    Diagnostics come in the order of the source, some twenty a map at most; all are errors.
    """
    findings = Findings(object)
    own = exact and not foreign
    verify_file(findings, model, byteorder, own=own)
    if object.btf is None and object.file.section_named(".maps") is not None:
        return findings.finished()  # without types nothing is known of the maps
    types = TypeChecker(findings, model, flavors=foreign, assembled=assembled)
    maps = findings.maps
    pairs = [(declared, maps.get(declared.name), False) for declared in model.maps]
    # An imported map is extern here, and not there at all where nothing refers to it.
    pairs += [
        (imported, maps[imported.name], True)
        for imported in imported_maps(model)
        if imported.name in maps
    ]
    findings.try_all(
        partial(verify_map, findings, types, *pair, style=style, own=own) for pair in pairs
    )
    if exact and not (own and includes_headers(model)):
        for extra in extra_maps(model, object):
            findings.emitted_only("verify-extra-map", extra)
    findings.try_all(
        (
            *([partial(verify_contents, findings, model)] if own else []),
            *([partial(verify_section, findings, model, SECTION)] if own else []),
            partial(verify_btf, findings, model, own=own),
            partial(verify_programs, findings, types, model),
            partial(verify_whole_types, findings, types, model),
            partial(verify_typedef_tags, findings, model),
            partial(verify_section, findings, model, ".maps"),
            partial(verify_section, findings, model, "maps"),
            partial(verify_libbpf, findings, model),
        )
    )
    if assembled:
        from bpfgen.verify.assembled import verify_assembled

        findings.try_all((partial(verify_assembled, findings, model),))
    return findings.finished()
