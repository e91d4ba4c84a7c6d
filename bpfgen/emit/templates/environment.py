"""The template engine, set up once; the only module that imports jinja2.

A run whose templates are as shipped never comes here, see :func:`bpfgen.emit.templates.render`.
"""

from __future__ import annotations

from functools import cache

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from bpfgen.emit.templates.escapes import CHOICES, ESCAPES, Written
from bpfgen.record import TYPE_CHECKING
from bpfgen.resources import templates_directory

if TYPE_CHECKING:
    from jinja2 import Template


@cache
def template(name: str) -> Template:
    """Return the template *name* (`c/header.h.j2`), compiled once in a process."""
    return environment().get_template(name)


@cache
def environment() -> Environment:
    """Return the environment that all templates are read in."""
    jinja = Environment(  # noqa: S701 -- no HTML is made; see `escapes` for what guards our outputs
        loader=FileSystemLoader(templates_directory()),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        auto_reload=False,
        finalize=_written,
    )
    jinja.filters.update(ESCAPES)
    return jinja


def _written(value: object) -> Written:
    """Return *value*, which a template writes.

    Raises:
        TypeError: The template doesn't say how.
    """
    if not isinstance(value, Written):
        raise TypeError(f"a template writes {value!r} as it is; it has to say how: {CHOICES}")
    return value
