"""The one table of codes: what each diagnostic may be, and whether it can be allowed.

Every stage reports by these names and `bpfgen explain` lists them; nothing of a run without
allowances, `-W CODE` or a question about codes loads this module.
"""

from __future__ import annotations

from bpfgen.record import Record
from bpfgen.text.diagnostics import ERROR, NOTE, STYLE, WARNING

ANYWHERE = "anywhere"
"""What was read, asked for or made: whoever asks has to know."""
MEMORY = "memory"
"""What maps cost."""
MAPS = "maps"
"""What maps are once a kernel has them."""
PROGRAMS = "programs"
"""What is compiled with a source, the loaders of that, and the text itself."""
CHANGES = "changes"
"""What the source was before: `bpfgen breaking` alone reports it."""

CERTAIN = "certain"
"""Edits that `--fix` makes: nothing else can be meant, or nothing else is possible."""
CHOICE = "choice"
"""Edits that `--fix-all` makes: they choose what is declared."""


class Code(Record):
    """The name of a diagnostic.

    Attributes:
        name: Kebab-case and stable: sources, configurations and scripts of users have it.
        severities: What it is reported as; more than one where options or the place decide. An
            error is what C, libbpf or the target's kernel refuses, or a field that no program could
            use; a warning is what loads and goes wrong later; style works, and is off unless -W
            wants it.
        allowable: An allowance can turn off the error, since what is written can be emitted all
            the same. What is no error can always be allowed.
        concern: What it is about, as far as anything depends on that. Whoever counts maps is told
            of warnings about their memory alone, and whoever makes maps of none about programs.
        edits: What a machine changes to follow the advice, in some forms of the mistake:
            :data:`CERTAIN`, :data:`CHOICE` or both. Without any, a person has to decide: what else
            it may be is no matter of the text.
    """

    name: str
    severities: tuple[str, ...] = (ERROR,)
    allowable: bool = False
    concern: str = ANYWHERE
    edits: tuple[str, ...] = ()

    @property
    def may_be_a_warning(self) -> bool:
        """Whether -W has anything to say about it."""
        return WARNING in self.severities or STYLE in self.severities

    def tier(self) -> str:
        """Return what it is, and what turns it off or on, as a sentence."""
        names = {ERROR: "an error", WARNING: "a warning", STYLE: "style", NOTE: "a note"}
        said = " or ".join(names[severity] for severity in self.severities)
        ways = []
        if self.concern == CHANGES and ERROR in self.severities:
            allowance = f"`// bpfgen: allow-break {self.name} because …`"
            ways.append(f"{allowance} in the new source allows it")
        if self.allowable:
            ways.append(f"`// bpfgen: allow {self.name} because …` turns it off where it is meant")
        if STYLE in self.severities:
            ways.append(f"off unless `-W {self.name}` or `-W all` wants it")
        elif self.may_be_a_warning:
            ways.append(f"`-W no-{self.name}` turns the warning off")
            ways.append(f"`-Werror={self.name}` makes it an error")
        if self.edits:
            option = "--fix" if CERTAIN in self.edits else "--fix-all"
            ways.append(f"`{option}` can mend it, in most forms")
        return "; ".join((said[0].upper() + said[1:], *ways)) + "."


TOPICS: dict[str, tuple[Code, ...]] = {
    "The command line, files, the compiler": (
        Code("usage"),
        Code("file"),
        Code("configuration", (ERROR, WARNING)),
        Code("compile-commands", (ERROR, WARNING, NOTE)),
        Code("encoding"),
        Code("unformatted"),
        Code("tool-missing"),
        Code("running-map", (ERROR, NOTE)),
        Code("size-limit"),
        Code("no-right", (ERROR, WARNING, NOTE)),
        Code("map-refused"),
        Code("types-refused", (WARNING, NOTE)),
        Code("pin-refused"),
        Code("pin-reused", (WARNING, NOTE)),
        Code("not-made", (ERROR, WARNING)),
        Code("map-gone", (WARNING,)),
        Code("unverified", (WARNING,)),
        Code("clang", (ERROR, WARNING)),
        Code("assembler", (ERROR, NOTE)),
        Code("object-format"),
        Code("output-name"),
        Code("when-undecided"),
        Code("go-file", (WARNING,), concern=PROGRAMS),
        Code("unused-map-import", (WARNING,), concern=PROGRAMS),
        Code("libbpf-open", (NOTE,)),
        Code("libbpf-refuses"),
        Code("loader-refuses"),
    ),
    "Names from elsewhere": (
        Code("import", edits=(CERTAIN,)),
        Code("import-cycle"),
        Code("include", edits=(CERTAIN,)),
        Code("include-guard", (WARNING,), concern=PROGRAMS),
        Code("kernel-btf", (ERROR, WARNING)),
        Code("kernel-type", (ERROR, WARNING)),
        Code(
            "target",
            (ERROR, WARNING),
            edits=(
                CERTAIN,
                CHOICE,
            ),
        ),
    ),
    "The text": (
        Code("empty"),
        Code(
            "syntax",
            edits=(
                CERTAIN,
                CHOICE,
            ),
        ),
        Code("nesting"),
        Code("line-too-long"),
        Code("preprocessor", edits=(CERTAIN,)),
        Code(
            "condition",
            edits=(
                CERTAIN,
                CHOICE,
            ),
        ),
        Code("condition-never", (WARNING,), concern=PROGRAMS),
        Code("too-many-variants"),
        Code("allowance"),
        Code(
            "unused-allowance",
            (WARNING,),
            concern=PROGRAMS,
            edits=(
                CERTAIN,
                CHOICE,
            ),
        ),
    ),
    "Names, constants and types": (
        Code("duplicate-name"),
        Code("duplicate-member"),
        Code("reserved-word", edits=(CHOICE,)),
        Code(
            "declaration",
            edits=(
                CERTAIN,
                CHOICE,
            ),
        ),
        Code("unknown-definition", (ERROR, WARNING)),
        Code("tag-kind", edits=(CERTAIN,)),
        Code("hidden-tag", (WARNING,), concern=PROGRAMS),
        Code("unknown-constant", edits=(CERTAIN,)),
        Code("not-a-constant"),
        Code("recursive-constant"),
        Code("integer-literal", edits=(CERTAIN,)),
        Code("character-literal", edits=(CERTAIN,)),
        Code("constant-overflow", edits=(CERTAIN,)),
        Code("shift-range", edits=(CERTAIN,)),
        Code("division-by-zero"),
        Code("expression"),
        Code("cast"),
        Code("unknown-type", edits=(CERTAIN,)),
        Code("incomplete-type", edits=(CERTAIN,)),
        Code("recursive-type"),
        Code("recursive-map"),
        Code("type-words"),
        Code("type-size"),
        Code("array-length"),
        Code("array-element"),
        Code("flexible-array"),
        Code("member-function", edits=(CHOICE,)),
        Code("bit-field-type"),
        Code("bit-field-width", edits=(CHOICE,)),
        Code("enum-base"),
        Code("enum-range"),
        Code("attribute", edits=(CERTAIN,)),
        Code("ignored-attribute", (WARNING,), concern=MAPS, edits=(CERTAIN,)),
        Code("alignment"),
    ),
    "Map definitions": (
        Code(
            "map-kind",
            edits=(
                CERTAIN,
                CHOICE,
            ),
        ),
        Code(
            "type-arguments",
            edits=(
                CERTAIN,
                CHOICE,
            ),
        ),
        Code("unknown-attribute", (ERROR, WARNING), concern=MAPS, edits=(CERTAIN,)),
        Code("attribute-twice", edits=(CERTAIN,)),
        Code("attribute-range"),
        Code("key-size-conflict", allowable=True, edits=(CHOICE,)),
        Code("value-size-conflict", allowable=True, edits=(CHOICE,)),
        Code(
            "pinning",
            allowable=True,
            edits=(
                CERTAIN,
                CHOICE,
            ),
        ),
        Code("runtime"),
        Code("template-attribute", edits=(CERTAIN,)),
        Code("inner-map"),
        Code("slots", edits=(CHOICE,)),
        Code("slot-range", edits=(CHOICE,)),
        Code("slot-twice"),
        Code("slot-target", edits=(CERTAIN,)),
        Code("legacy-attribute", edits=(CHOICE,)),
        Code("initializer-style"),
    ),
    "Rules about maps": (
        Code("future-version", (WARNING,), concern=PROGRAMS, edits=(CHOICE,)),
        Code("kernel-version", allowable=True, edits=(CHOICE,)),
        Code("loader-version", (ERROR, WARNING), allowable=True, concern=PROGRAMS, edits=(CHOICE,)),
        Code(
            "map-key-size",
            allowable=True,
            edits=(
                CERTAIN,
                CHOICE,
            ),
        ),
        Code(
            "map-value-size",
            allowable=True,
            edits=(
                CERTAIN,
                CHOICE,
            ),
        ),
        Code("map-element-size", allowable=True, edits=(CHOICE,)),
        Code("max-entries", (ERROR, WARNING), allowable=True, concern=MAPS, edits=(CHOICE,)),
        Code("map-memory", (ERROR, WARNING), allowable=True, concern=MEMORY, edits=(CHOICE,)),
        Code("lru-batches", (WARNING,), concern=MEMORY, edits=(CHOICE,)),
        Code("ringbuf-size", (ERROR, WARNING), allowable=True, concern=MAPS, edits=(CHOICE,)),
        Code("ringbuf-page-size", (STYLE,), concern=MAPS, edits=(CHOICE,)),
        Code("map-flags", allowable=True, edits=(CHOICE,)),
        Code("map-flags-meaning", (WARNING,), concern=MAPS, edits=(CHOICE,)),
        Code("map-flags-missing", allowable=True, edits=(CERTAIN,)),
        Code("map-flags-pair", allowable=True),
        Code("numa-node", (ERROR, WARNING), allowable=True, concern=MAPS, edits=(CHOICE,)),
        Code("map-extra", allowable=True, edits=(CHOICE,)),
        Code("map-key-type", (ERROR, WARNING), allowable=True, concern=MAPS, edits=(CHOICE,)),
        Code("lpm-key-prefix", (WARNING,), concern=MAPS),
        Code("map-types-required", allowable=True, edits=(CHOICE,)),
        Code("half-typed-map", (WARNING,), concern=MAPS, edits=(CHOICE,)),
        Code("inner-map-kind", allowable=True),
        Code("inner-map-pinning", allowable=True, edits=(CHOICE,)),
        Code("inner-map-types", (WARNING,), concern=MAPS),
        Code("slot-map", allowable=True, edits=(CHOICE,)),
        Code("slot-key-size", allowable=True, edits=(CHOICE,)),
        Code("slot-access", allowable=True, edits=(CHOICE,)),
        Code("map-name-length", (STYLE,), concern=MAPS),
        Code("map-name-clash", (WARNING,), concern=MAPS),
        Code("macro-name"),
        Code("vmlinux-clash", (WARNING,), concern=PROGRAMS),
        Code("arena-twice", allowable=True),
    ),
    "Rules about types and special fields": (
        Code("btf-version", (WARNING,), concern=PROGRAMS, edits=(CHOICE,)),
        Code("btf-refused", (ERROR, WARNING), allowable=True, concern=MAPS),
        Code("percpu-value-size", (WARNING,), concern=MAPS, edits=(CHOICE,)),
        Code("flexible-value", (WARNING,), concern=MAPS),
        Code("flexible-key", (WARNING,), concern=MAPS),
        Code("value-alignment", (WARNING,), concern=MAPS),
        Code("key-padding", (WARNING,), concern=PROGRAMS, edits=(CHOICE,)),
        Code("value-padding", (WARNING,), concern=PROGRAMS, edits=(CHOICE,)),
        Code("special-field-kind", (ERROR, WARNING), allowable=True, concern=MAPS, edits=(CHOICE,)),
        Code(
            "special-field-untyped", (ERROR, WARNING), allowable=True, concern=MAPS, edits=(CHOICE,)
        ),
        Code("special-field-access", allowable=True, edits=(CHOICE,)),
        Code("special-field-mmap", (WARNING,), concern=MAPS, edits=(CHOICE,)),
        Code("special-field-twice", allowable=True),
        Code("special-field-locks", allowable=True),
        Code("special-field-lock", allowable=True, edits=(CHOICE,)),
        Code("special-field-contains", allowable=True, edits=(CERTAIN,)),
        Code("special-field-nodes", allowable=True, edits=(CHOICE,)),
        Code("special-field-cycle", allowable=True),
        Code("special-field-alignment", (ERROR, WARNING), allowable=True, concern=MAPS),
        Code("special-field-bitfield", allowable=True),
        Code("special-field-hidden", (ERROR, WARNING), allowable=True, concern=MAPS),
        Code("special-field-count", allowable=True),
        Code("special-field-version", allowable=True, edits=(CHOICE,)),
        Code(
            "kptr-tag",
            allowable=True,
            edits=(
                CERTAIN,
                CHOICE,
            ),
        ),
        Code("kptr-meaning", (WARNING,), concern=MAPS, edits=(CHOICE,)),
        Code("kptr-target", allowable=True),
        Code("kptr-destructor", (WARNING,), concern=MAPS, edits=(CHOICE,)),
        Code("special-field-size", allowable=True),
        Code("pointer-in-key", (STYLE,), concern=PROGRAMS),
        Code("pointer-in-value", (STYLE,), concern=PROGRAMS),
        Code("long-in-shared-type", (STYLE,), concern=PROGRAMS, edits=(CHOICE,)),
        Code("char-in-shared-type", (WARNING,), concern=PROGRAMS),
        Code("long-double-in-shared-type", (WARNING,), concern=PROGRAMS, edits=(CHOICE,)),
        Code("int128-in-shared-type", (WARNING,), concern=PROGRAMS),
        Code("bit-field-version", (WARNING,), concern=PROGRAMS, edits=(CHOICE,)),
        Code("enum64-version", (WARNING,), concern=PROGRAMS, edits=(CHOICE,)),
    ),
    "Verification": (
        Code("verify-object"),
        Code("verify-variant"),
        Code("verify-byteorder"),
        Code("verify-missing-map"),
        Code("verify-extra-map"),
        Code("verify-name"),
        Code("verify-uncompared", (WARNING,)),
        Code("byte-order", (WARNING,)),
        Code("verify-extra-section"),
        Code("verify-section"),
        Code("verify-linkage"),
        Code("verify-kind"),
        Code("verify-attribute"),
        Code("verify-key-type"),
        Code("verify-value-type"),
        Code("verify-inner"),
        Code("verify-slot"),
        Code("verify-record"),
        Code("verify-type"),
        Code("verify-program"),
        Code("verify-btf"),
        Code("verify-forward"),
        Code("verify-datasec"),
        Code("verify-definition"),
        Code("verify-more"),
    ),
    "What a change breaks": (
        Code("break-uncompared", (WARNING,), concern=CHANGES),
        Code("break-pin-kind", concern=CHANGES),
        Code("break-pin-key-size", concern=CHANGES),
        Code("break-pin-value-size", concern=CHANGES),
        Code("break-pin-max-entries", concern=CHANGES),
        Code("break-pin-map-flags", concern=CHANGES),
        Code("break-pin-map-extra", concern=CHANGES),
        Code("break-pin-gone", concern=CHANGES),
        Code("break-pin-renamed", concern=CHANGES),
        Code("break-pin-unpinned", concern=CHANGES),
        Code("break-layout-offset", concern=CHANGES),
        Code("break-layout-width", concern=CHANGES),
        Code("break-layout-sign", concern=CHANGES),
        Code("break-layout-byte-order", concern=CHANGES),
        Code("break-layout-kind", concern=CHANGES),
        Code("break-layout-array", concern=CHANGES),
        Code("break-layout-union", concern=CHANGES),
        Code("break-layout-enumerator", concern=CHANGES),
        Code("break-layout-enumerator-gone", concern=CHANGES),
        Code("break-layout-gone", concern=CHANGES),
        Code("break-layout-padding", concern=CHANGES),
        Code("break-layout-size", concern=CHANGES),
        Code("break-layout-form", concern=CHANGES),
        Code("break-layout-special-field", concern=CHANGES),
        Code("break-inner-outer", concern=CHANGES),
        Code("break-inner-kind", concern=CHANGES),
        Code("break-inner-key-size", concern=CHANGES),
        Code("break-inner-value-size", concern=CHANGES),
        Code("break-inner-map-flags", concern=CHANGES),
        Code("break-inner-max-entries", concern=CHANGES),
        Code("break-inner-fields", concern=CHANGES),
        Code("break-link-gone", concern=CHANGES),
        Code("break-link-renamed", concern=CHANGES),
        Code("break-link-linkage", concern=CHANGES),
        Code("break-link-section", concern=CHANGES),
        Code("break-link-kind", concern=CHANGES),
        Code("break-link-key-type", concern=CHANGES),
        Code("break-link-key-size", concern=CHANGES),
        Code("break-link-value-type", concern=CHANGES),
        Code("break-link-value-size", concern=CHANGES),
        Code("break-link-type", concern=CHANGES),
        Code("break-link-max-entries", concern=CHANGES),
        Code("break-link-map-flags", concern=CHANGES),
        Code("break-link-numa-node", concern=CHANGES),
        Code("break-link-pinning", concern=CHANGES),
        Code("break-link-inner", concern=CHANGES),
        Code("break-link-program", concern=CHANGES),
        Code("break-source-file", concern=CHANGES),
        Code("break-source-clash", concern=CHANGES),
        Code("break-source-map", concern=CHANGES),
        Code("break-source-type", concern=CHANGES),
        Code("break-source-member", concern=CHANGES),
        Code("break-source-enumerator", concern=CHANGES),
        Code("break-source-constant", concern=CHANGES),
        Code("break-source-template", concern=CHANGES),
        Code("break-source-program", concern=CHANGES),
        Code("break-source-underlying", concern=CHANGES),
        Code("break-source-member-type", concern=CHANGES),
        Code("break-source-member-form", concern=CHANGES),
        Code("break-source-constant-type", concern=CHANGES),
        Code("break-source-map-type", concern=CHANGES),
        Code("break-source-map-use", concern=CHANGES),
    ),
    "Import": (
        Code("import-map", (ERROR, WARNING)),
        Code("import-name", (WARNING, NOTE)),
        Code("import-type", (WARNING,)),
        Code("import-slot", (WARNING,)),
        Code("import-lost", (WARNING, NOTE)),
        Code("import-rule", (NOTE,)),
        Code("import-refused", (WARNING, NOTE)),
        Code("import-context", (ERROR, NOTE)),
        Code("import-style", (NOTE,)),
        Code("import-difference", (ERROR, WARNING)),
        Code("replace-nothing", (NOTE,)),
        Code("replace-place"),
        Code("replace-shared"),
        Code("replace-exists"),
        Code("replace-unproved"),
        Code("replace-difference"),
        Code("replace-constant"),
        Code("replace-left", (NOTE,)),
    ),
}
"""The codes by what they are about, in the order of the pipeline."""

CODES: dict[str, Code] = {code.name: code for codes in TOPICS.values() for code in codes}
"""By name, in the same order."""

UNEXPLAINED = frozenset({"internal", "memory"})
"""Codes of messages about a run that broke off: no source of a user is wrong, none can allow it."""

ALLOWABLE = frozenset(code.name for code in CODES.values() if code.allowable)
"""The codes of errors that an allowance can turn off."""


def can_be_allowed(code: str, severity: str) -> bool:
    """Return whether an allowance can turn off a diagnostic of *code* with *severity*.

    That an allowance is of no use can't be allowed: another comment would be there for nothing.
    """
    if code == "unused-allowance":
        return False
    return severity in (WARNING, STYLE) or code in ALLOWABLE
