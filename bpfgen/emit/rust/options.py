"""The options of the Rust output: what they take, and what is wrong with a value.

Read by :data:`bpfgen.emit.BACKENDS`; a run that writes no Rust doesn't load it.
"""

from __future__ import annotations

from bpfgen.emit.rust.names import is_module_name

LIBBPF_RS, AYA = "libbpf-rs", "aya"

_PATH_STARTS = ("crate", "self", "super")


def map_import_fault(value: str) -> tuple[str, str] | None:
    """Return why *value* names no module for an import, as a message and advice; None if it does.

    It is the import as the source has it, `=`, and the path of a module: `crate::maps::common`.
    """
    file, equals, module = value.rpartition("=")
    example = "--map-import common.dsl=crate::maps::common"
    if not equals or not file:
        return f"`--map-import {value}` doesn't say for which import", example
    words = module.split("::")
    for index, word in enumerate(words):
        if word in _PATH_STARTS and (index == 0 or set(words[:index]) == {"super"} == {word}):
            continue
        if not is_module_name(word):
            return f"`{module}` is no path of a Rust module", example
    return None
