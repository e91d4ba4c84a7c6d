"""Generated files that are committed are those that their generators make, and mean the same."""

from __future__ import annotations

import re
import shutil
from typing import TYPE_CHECKING

import pytest
from jinja2 import DictLoader, UndefinedError

import bpfgen.emit.templates
from bpfgen.compiler import compile
from bpfgen.emit.c.header import emit_header
from bpfgen.emit.c.options import INITIALIZER, MODERN, HeaderOptions
from bpfgen.emit.templates import environment as engine
from bpfgen.emit.templates import module_name, render
from bpfgen.emit.templates.generate import Unsupported, folders, module_text, sources_of
from bpfgen.resources import grammar_text
from bpfgen.syntax import generate as syntax
from bpfgen.text.source import Source
from tests.fuzz.programs import program
from tests.samples import GOOD, compiled
from tests.tools import CHECKOUT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from bpfgen.model.model import Model

PROGRAMS = 60
"""Random programs whose headers are rendered in both ways."""


def test_the_tables_are_those_of_the_grammar() -> None:
    """bpfgen/syntax/tables.py is what `make generate` writes, without a conflict in the grammar."""
    pytest.importorskip("interegular", reason="lark's strict mode needs interegular")
    committed = (CHECKOUT / "bpfgen" / "syntax" / "tables.py").read_text(encoding="utf-8")
    assert syntax.module_text(syntax.build_tables(grammar_text(), strict=True)) == committed


@pytest.mark.parametrize("folder", folders())
def test_the_functions_are_those_of_the_templates(folder: str) -> None:
    """Each folder of templates/ has its module, and that is what `make generate` writes."""
    module = CHECKOUT / "bpfgen" / "emit" / "templates" / f"{module_name(folder)}.py"
    assert module_text(folder, sources_of(folder)) == module.read_text(encoding="utf-8")


def test_no_module_is_left_of_a_folder_that_is_gone() -> None:
    """There are as many generated modules as folders of templates."""
    modules = (CHECKOUT / "bpfgen" / "emit" / "templates").glob("compiled_*.py")
    assert sorted(module.stem for module in modules) == [module_name(name) for name in folders()]


@pytest.fixture
def both_ways(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Render every header with jinja2, too, and compare; the fixture lists the texts."""
    texts: list[str] = []

    def render_both(name: str, /, **names: object) -> str:
        texts.append(render(name, **names))
        assert texts[-1] == engine.template(name).render(names)
        return texts[-1]

    monkeypatch.setattr("bpfgen.emit.c.header.render", render_both)
    return texts


def headers_of(model: Model) -> None:
    """Write the header of *model* in both styles."""
    for style in (MODERN, INITIALIZER):
        emit_header(model, HeaderOptions(style))


@pytest.mark.parametrize("name", GOOD)
def test_samples_come_out_as_jinja2_has_them(name: str, both_ways: list[str]) -> None:
    """The generated functions and jinja2 make the same header of every sample."""
    headers_of(compiled(name).model)
    assert len(both_ways) == 2 * 2  # what goes before the declarations, and after them


def test_random_programs_come_out_as_jinja2_has_them(both_ways: list[str]) -> None:
    """The generated functions and jinja2 make the same header of any program."""
    for seed in range(PROGRAMS):
        headers_of(compile(Source("random.dsl", program(seed).text)).model)
    assert len(both_ways) == 2 * 2 * PROGRAMS


class Thing:
    """Something with an attribute."""

    def __init__(self, name: str) -> None:
        self.name = name


NAMES = {
    "n": 3,
    "empty": [],
    "words": ["ab", "c", "de"],
    "pairs": [("k", 1), ("l", 2)],
    "things": [Thing("x"), Thing("y")],
    "nested": {"k": [1, 2]},
    "text": " Mixed\n",
    "yes": True,
}
TEMPLATES = {
    "loop": "{% for w in words %}{{ loop.index }}/{{ loop.length }}{{ w }}"
    "{% if not loop.last %}, {% endif %}{% endfor %}",
    "loop of pairs": "{% for k, v in pairs %}{{ loop.first }}{{ loop.index0 }}{{ k }}{{ v }}"
    "{% endfor %}",
    "loop in a loop": "{% for w in words %}{% for n in words %}{{ w ~ n }}{{ loop.index }}"
    "{% endfor %}{{ n }}{{ loop.index }}{% endfor %}",
    "a loop's name ends with it": "{{ n }}{% for n in words %}{{ n }}{% endfor %}{{ n }}",
    "pairs in order": "{% for k, v in nested.items() %}{{ k }}{{ v[0] }}{% endfor %}",
    "elif": "{% if n < 2 %}a{% elif n == 3 and yes %}b{% else %}c{% endif %}",
    "else": "{% if empty %}a{% elif n not in [1, 3] %}b{% else %}c{% endif %}",
    "nothing in it": "{% if yes %}{% endif %}{% for w in words %}{% endfor %}x",
    "filters": "{{ words | join('+') }}{{ words | length }}{{ text | trim | upper | lower }}",
    "arithmetic": "{{ (n + 2) * 3 - 1 }}{{ n ~ n * 2 }}{{ 'y' if n >= 3 else 'n' }}",
    "attribute": "{% for t in things %}{{ t.name }}{% endfor %}",
    "blank space": "a\n  {% if yes -%}\n  b\n  {%- endif %}\n\n{{ n }}\n{# gone #}\nc {{ n -}}\n d",
    "quotes": "\"'\\n{{ 'a\"b' }}\t\\",
    "include": "{% for t in things %}{% include 'x/other.j2' %}{% endfor %}",
}


def as_code(template: str) -> str:
    """Return *template* with every value written as it is."""
    return re.sub(r"\{\{ (.*?) (-?)\}\}", r"{{ (\1) | code \2}}", template)


@pytest.mark.parametrize("text", TEMPLATES.values(), ids=TEMPLATES)
def test_what_templates_can_say_means_what_it_means_to_jinja2(text: str) -> None:
    """A template as a function makes the text that jinja2 makes of it."""
    sources = {"x/other.j2": as_code("[{{ t.name }}{{ n }}]"), "x/this.j2": as_code(text)}
    scope: dict[str, object] = {}
    exec(module_text("x", sources), scope)  # noqa: S102 -- what the generator wrote
    parts: list[str] = []
    functions = scope["TEMPLATES"]
    assert isinstance(functions, dict)
    functions["x/this.j2"](NAMES, parts.append)
    jinja2 = engine.environment().overlay(loader=DictLoader(sources))
    assert "".join(parts) == jinja2.get_template("x/this.j2").render(NAMES)


@pytest.mark.parametrize(
    "text",
    [
        "{% set a = 1 %}",
        "{% for w in words if w %}{% endfor %}",
        "{% for w in words %}{% else %}x{% endfor %}",
        "{{ words | sort | code }}",
        "{{ words | join(',', 'a') | code }}",
        "{{ (n is odd) | code }}",
        "{% include name %}",
        "{% include 'y/other.j2' %}",
        "{% for w in words %}{{ loop.cycle(1, 2) | code }}{% endfor %}",
        "{% macro m() %}{% endmacro %}",
        "{{ n }}",
        "{{ n | code ~ n }}",
        "{{ words | join }}",
        "{{ words | length }}",
    ],
)
def test_what_the_generator_does_not_know_is_refused(text: str) -> None:
    """A template that can't be written as a function is an error for who wrote it, by line."""
    with pytest.raises(Unsupported, match=r"^x/a\.j2:2: "):
        module_text("x", {"x/a.j2": f"\n{text}"})


@pytest.mark.parametrize("text", ["{{ n }}", "{{ n | code ~ n }}", "{{ words | join }}"])
def test_a_template_says_how_a_value_is_written(text: str) -> None:
    """jinja2 refuses a value that is written as it comes, as the generator does."""
    jinja2 = engine.environment().overlay(loader=DictLoader({"x/a.j2": text}))
    with pytest.raises(TypeError, match=r"it has to say how: `\| code`"):
        jinja2.get_template("x/a.j2").render(NAMES)


@pytest.mark.parametrize(
    ("escape", "value", "written"),
    [
        ("identifier", "a_1", "a_1"),
        ("identifier", "a b", None),
        ("identifier", "a\nb", None),
        ("identifier", "ä", None),
        ("identifier", "", None),
        ("number", 16, "16"),
        ("number", "0x10U", "0x10U"),
        ("number", "6.10", "6.10"),
        ("number", "1;x", None),
        ("number", "x", None),
        ("comment_text", "a */ b\nc", "a * / b c"),
        ("header_name", "a/b.h", '"a/b.h"'),
        ("header_name", "<linux/in.h>", "<linux/in.h>"),
        ("header_name", '"a b.h"', '"a b.h"'),
        ("header_name", 'a"b.h', None),
        ("header_name", "a\nb.h", None),
        ("header_name", "<a>b>", None),
        ("header_name", "a\\b.h", None),
        ("code", "int x;", "int x;"),
    ],
)
def test_what_an_escape_lets_through(escape: str, value: object, written: str | None) -> None:
    """Both ways write the value, or both raise: nothing that isn't what the template says."""
    sources = {"x/a.j2": f"{{{{ n | {escape} }}}}"}
    scope: dict[str, object] = {}
    exec(module_text("x", sources), scope)  # noqa: S102 -- what the generator wrote
    functions = scope["TEMPLATES"]
    assert isinstance(functions, dict)
    jinja2 = engine.environment().overlay(loader=DictLoader(sources)).get_template("x/a.j2")
    if written is None:
        with pytest.raises(ValueError, match=r"is no|can't be included"):
            functions["x/a.j2"]({"n": value}, print)
        with pytest.raises(ValueError, match=r"is no|can't be included"):
            jinja2.render(n=value)
    else:
        parts: list[str] = []
        functions["x/a.j2"]({"n": value}, parts.append)
        assert "".join(parts) == jinja2.render(n=value) == written


def test_a_name_that_is_missing_is_an_error_in_both_ways() -> None:
    """Neither the functions nor jinja2 take a name that isn't given for an empty one."""
    with pytest.raises(KeyError, match="imports"):
        render("c/imports.h.j2")
    with pytest.raises(UndefinedError, match="imports"):
        engine.template("c/imports.h.j2").render()


@pytest.fixture
def edited(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Give a copy of templates/c that is in use, nothing of it read yet."""

    def forget() -> None:
        engine.environment.cache_clear()
        engine.template.cache_clear()

    shutil.copytree(CHECKOUT / "templates", tmp_path / "templates")
    monkeypatch.setattr("bpfgen.resources._directory", lambda name: str(tmp_path / name))
    monkeypatch.setattr(bpfgen.emit.templates, "_current", {})
    forget()
    yield tmp_path / "templates" / "c"
    forget()


def test_an_edited_template_is_used_without_generating(edited: Path) -> None:
    """In a checkout whose template is newer than the functions, the template decides."""
    template = edited / "imports.h.j2"
    template.write_text("{# new #}{{ imports | sort | join | code }}\n", encoding="utf-8")
    assert render("c/imports.h.j2", imports=["b", "a"]) == "ab\n"


def test_a_template_that_is_gone_is_missed(edited: Path) -> None:
    """A module isn't used for a template that was deleted."""
    (edited / "anchors.h.j2").unlink()
    assert render("c/imports.h.j2", imports=[]) == ""
    assert bpfgen.emit.templates._current == {"c": None}
