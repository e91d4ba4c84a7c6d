"""Templates to text: the functions that were made of them, or jinja2 where they were edited since.

templates/ is the one source. `python -m bpfgen.emit.templates.generate` writes each folder of it as
a module of plain functions, since importing jinja2 takes longer than compiling a small file; a
checkout in which a template was edited and the module wasn't is served by jinja2 itself.
"""

from __future__ import annotations

from binascii import crc32  # zlib is one library more to load

from bpfgen.record import TYPE_CHECKING
from bpfgen.resources import template_text

if TYPE_CHECKING:
    from types import ModuleType
    from typing import Any

_current: dict[str, ModuleType | None] = {}


def render(name: str, /, **names: Any) -> str:
    """Return what the template *name* (`c/header.h.j2`) makes of *names*.

    Whichever way is taken, a name that the template uses and that isn't among *names* raises.
    """
    folder = name.partition("/")[0]
    if folder not in _current:
        _current[folder] = _functions(folder)
    functions = _current[folder]
    if functions is None:
        from bpfgen.emit.templates.environment import template

        return template(name).render(names)
    parts: list[str] = []
    functions.TEMPLATES[name](names, parts.append)
    return "".join(parts)


def _functions(folder: str) -> ModuleType | None:
    """Return the module made of the templates in *folder*; None where it isn't up to date."""
    try:
        module: ModuleType = __import__(
            f"{__name__}.{module_name(folder)}", fromlist=("TEMPLATES",)
        )
    except ModuleNotFoundError:
        return None
    for name, checksum in module.CHECKSUMS.items():
        try:
            if crc32(template_text(name).encode()) != checksum:
                return None
        except FileNotFoundError:
            return None
    return module


def module_name(folder: str) -> str:
    """Return the name of the module that is made of templates/*folder*."""
    return f"compiled_{folder}"
