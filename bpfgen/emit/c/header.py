"""A model as a C header, and as the translation unit that is compiled to verify it.

Spelling is done in the modules beside this one. The declarations stand between two templates,
templates/c/opening.h.j2 and closing.h.j2; lines are counted while the parts are put together.
"""

from __future__ import annotations

import os

from bpfgen.ctype.fingerprint import Fingerprints
from bpfgen.emit.anchors import anchors_of
from bpfgen.emit.backend import OutputRefused, PlacedText, base_name
from bpfgen.emit.c.anchors import extern_references, spell_anchors
from bpfgen.emit.c.blocks import Blocks
from bpfgen.emit.c.comments import comment, neutral
from bpfgen.emit.c.facts import HEADING, clashes, spell_facts
from bpfgen.emit.c.include_guard import guard_name
from bpfgen.emit.c.literals import number
from bpfgen.emit.c.map_definitions import MACROS, MAP_PREFIX
from bpfgen.emit.c.options import Access, HeaderOptions
from bpfgen.emit.c.prologue import bpf_includes, is_for_bpf, prologue_of
from bpfgen.emit.c.sides import BPF
from bpfgen.emit.templates import render
from bpfgen.model.model import VMLINUX
from bpfgen.record import TYPE_CHECKING, Record, replace

if TYPE_CHECKING:
    from bpfgen.emit.backend import Settings
    from bpfgen.emit.c.anchors import AnchorLines
    from bpfgen.emit.c.blocks import OneOf
    from bpfgen.model.model import Model
    from bpfgen.text.diagnostics import Diagnostic


def emit(model: Model, settings: Settings) -> list[PlacedText]:
    """Return the header of *model*; what :data:`bpfgen.emit.BACKENDS` calls.

    Raises:
        OutputRefused: Two names became one.
    """
    spelled = Spelled(model, options_of(settings))
    diagnostics = spelled.refused()
    if diagnostics:
        raise OutputRefused(diagnostics)
    return [composed(spelled)]


def options_of(settings: Settings) -> HeaderOptions:
    """Return what *settings* ask of a header."""
    return HeaderOptions(settings["style"][-1], accessors=bool(settings["accessors"]))


def emit_header(model: Model, options: HeaderOptions | None = None) -> str:
    """Return the text of the C header that declares everything *model* declares."""
    return compose_header(model, options).text


def emit_anchored_unit(
    model: Model, options: HeaderOptions | None = None, header: PlacedText | None = None
) -> PlacedText:
    """Return the translation unit that is compiled for an object or for verification.

    Its text is that of the header and, after it, references to the extern maps of *model*: one that
    nothing uses would leave no trace in the object. Whoever has the header of *model* passes it on.
    """
    header = header or compose_header(model, options)
    references = "".join(f"{reference}\n" for reference in extern_references(model))
    return replace(header, text=f"{header.text}\n{references}") if references else header


def compose_header(model: Model, options: HeaderOptions | None = None) -> PlacedText:
    """Return the C header of *model*, and which of its lines come from which declaration."""
    return composed(Spelled(model, options or HeaderOptions()))


def composed(spelled: Spelled, guard: str = "") -> PlacedText:
    """Return the header that is *spelled*; its include guard is its own unless one is given."""
    opening = spelled.opening(guard)
    line = 1 + opening.count("\n")
    texts = [opening]
    places = []
    for_bpf = False
    for block in spelled.blocks.blocks:
        text = block.text
        if block.for_bpf != for_bpf:
            gap = "#endif\n\n" if for_bpf else f"\n#ifdef {BPF}\n"
            for_bpf = block.for_bpf
        else:
            gap = "\n" if block.blank_line else ""
        if gap:
            texts.append(gap)
            line += gap.count("\n")
        if block.span is not None:
            places.append((line, block.span))
        texts.append(text)
        line += text.count("\n")
    if for_bpf:
        texts.append("#endif\n")
    facts = "\n".join([text for _, text in spelled.facts])
    if facts:
        facts = f"{HEADING}{facts}"
    texts.append(spelled.closing(spelled.anchors, facts, spelled.access, guard))
    return PlacedText("".join(texts), tuple(places))


class Needs(Record):
    """What a header defines for its declarations, beside the kernel's types.

    Attributes:
        macros: Which of libbpf's macros they use.
        legacy: Whether they use `struct bpf_map_def`.
        kernel_names: The kernel's enumerators that they use, by name.
        pins: Those of libbpf, likewise.
        based: Whether an enum has a type of its own.
        prefix: Whether a map is defined.
        maps: Whether there are maps, or templates.
        kernel: Whether there is anything of the kernel's.
        libbpf: Whether user space needs libbpf.
        words: The words of C that C++ spells otherwise, and how.
    """

    macros: frozenset[str]
    legacy: bool
    kernel_names: dict[str, int]
    pins: dict[str, int]
    based: bool
    prefix: bool
    maps: bool
    kernel: bool
    libbpf: bool
    words: tuple[tuple[str, str], ...]


class Spelled:
    """The parts of the header of *model*.

    Attributes:
        model: What was spelled.
        blocks: Its declarations.
        anchors: The lines that keep types whole.
        facts: What is known of each map.
        access: The accessors of the maps.
        kernel: What is taken from the kernel's headers, or brought where they lack it.
        needs: What the opening must define for all of them.
    """

    def __init__(self, model: Model, options: HeaderOptions, one_of: OneOf | None = None) -> None:
        self.model = model
        self.blocks = blocks = Blocks(model, options, one_of)
        # What is spelled first decides which of the kernel's and libbpf's names the rest must bring
        self.anchors = spell_anchors(blocks.speller, anchors_of(model, options.style))
        prints = Fingerprints()
        self.facts = [
            (map, spell_facts(blocks.speller, blocks.sides, map, prints)) for map in model.maps
        ]
        texts = [block.text for block in blocks.blocks] + [text for _, text in self.facts]
        words = _words_of_cplusplus(texts)
        self.access = access = Access()
        if options.accessors:
            from bpfgen.emit.c.access.section import access_of

            hosts = [host.held for host in blocks.sides.hosts()]
            self.access = access = access_of(model, blocks.speller, *hosts)
        # This may use names of the kernel, too.
        self.kernel = prologue_of(model, blocks.speller, blocks.sides)
        names = blocks.speller.kernel_names
        uses_kernel = bool(self.kernel.uapi_typedefs or names or model.maps or model.prelude_types)
        self.needs = Needs(
            frozenset(blocks.maps.macros),
            blocks.maps.legacy,
            names,
            blocks.maps.pins,
            blocks.speller.based,
            any(not map.legacy and map.linkage != "extern" for map in model.maps),
            bool(model.maps or blocks.maps.macros),
            uses_kernel,
            bool(access.user.maps),
            tuple(words),
        )

    def refused(self) -> list[Diagnostic]:
        """Return why there can't be a header of this model."""
        return [*self.blocks.sides.diagnostics, *clashes(self.model)]

    def opening(self, guard: str = "") -> str:
        """Return what goes before the declarations: what they need of the kernel and of libbpf.

        *guard* is the header's own unless one is given.
        """
        model, needs = self.model, self.needs
        included = _included(model)
        return render(
            "c/opening.h.j2",
            source=neutral(base_name(model.name)),
            doc=comment(model.doc),
            kernel_header=VMLINUX if model.uses_kernel else "",
            bpf_includes=bpf_includes(included),
            includes=[path for path in included if not is_for_bpf(path)],
            imports=[(i.header, _has_own_maps(i.model)) for i in model.imports],
            are_imports_first=_import_vmlinux(model),
            kernel=self.kernel,
            uses_kernel=needs.kernel,
            has_maps=needs.maps,
            macros=[(name, MACROS[name]) for name in MACROS if name in needs.macros],
            legacy=needs.legacy,
            words=needs.words,
            uses_libbpf=needs.libbpf,
            **self._names(guard),
        )

    def closing(self, anchors: AnchorLines, facts: str, access: Access, guard: str = "") -> str:
        """Return what goes after the declarations; *guard* as for :meth:`opening`."""
        return render(
            "c/closing.h.j2",
            anchors=anchors,
            access=access,
            facts=facts,
            **self._names(guard),
        )

    def _names(self, guard: str) -> dict[str, object]:
        """Return the names that the header defines for itself alone, as the templates call them.

        They are defined before the declarations and undefined after them.
        """
        needs = self.needs
        kernel_names = {
            name: number(value, hexadecimal="_F_" in name)
            for name, value in needs.kernel_names.items()
        }
        conditions = (("BPFGEN_KERNEL_TYPES", kernel_names), ("__BPF_HELPERS__", needs.pins))
        return {
            "guard": guard or guard_name(self.model),
            "prefix": MAP_PREFIX if needs.prefix else "",
            "based": needs.based,
            "kernel_names": [(condition, names) for condition, names in conditions if names],
        }


def _words_of_cplusplus(texts: list[str]) -> list[tuple[str, str]]:
    """Return the words of C that are in *texts* and not in C++, and what they are there."""
    words = (("_Static_assert", "static_assert"), ("_Alignof", "alignof"), ("_Bool", "bool"))
    return [(word, other) for word, other in words if any(word in text for text in texts)]


def _import_vmlinux(model: Model) -> bool:
    """Whether a header of the imports includes vmlinux.h, which has to come before linux/bpf.h."""
    return any(
        imported.uses_kernel or any(i.path[1:-1].endswith("vmlinux.h") for i in imported.includes)
        for imported in model.with_imports()
        if imported is not model
    )


def _included(model: Model) -> list[str]:
    """Return the C headers to include, each once: those of the imports' headers come with these."""
    of_imports = {
        _identity(imported, include.path)
        for imported in model.with_imports()
        if imported is not model
        for include in imported.includes
        if not include.is_kernel
    }
    paths = {
        _identity(model, include.path): include.path
        for include in model.includes
        if not include.is_kernel
    }
    return [path for identity, path in paths.items() if identity not in of_imports]


def _identity(model: Model, path: str) -> str:
    """Return what is the same for an `include` of the same header, as far as paths tell."""
    if path.startswith("<"):
        return f"{model.name}: {path}"  # the system's headers can be included twice
    return os.path.normpath(os.path.join(os.path.dirname(model.name), path.strip('"')))


def _has_own_maps(model: Model) -> bool:
    """Whether including the header of *model* defines maps, its own or imported ones."""
    return any(
        map.linkage != "extern" for imported in model.with_imports() for map in imported.maps
    )
