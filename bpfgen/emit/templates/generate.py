"""Templates to Python: each folder of templates/ as a module of plain functions.

`python -m bpfgen.emit.templates.generate` writes compiled_FOLDER.py anew for every folder. jinja2
parses; here its tree is written as Python. What jinja2 compiles by itself needs jinja2.runtime,
whose import takes longer than a whole run. A template may use what :class:`_Writer` has a method
for; anything else is refused here, while developing.
"""

from __future__ import annotations

import os
import sys
import zlib
from typing import TYPE_CHECKING

from jinja2 import nodes

from bpfgen.emit.templates import module_name
from bpfgen.emit.templates.environment import environment
from bpfgen.emit.templates.escapes import CHOICES, ESCAPES
from bpfgen.resources import template_text, templates_directory

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_FILTERS = {
    "join": "{1}.join(map(str, {0}))",
    "length": "len({0})",
    "lower": "str({0}).lower()",
    "string": "str({0})",
    "trim": "str({0}).strip()",
    "upper": "str({0}).upper()",
} | {name: f"{name}({{0}})" for name in ESCAPES}
"""jinja2's filter -> the same in Python; `{0}` stands before the bar, `{1}` is the argument."""

_OPERATORS = {"eq": "==", "ne": "!=", "lt": "<", "lteq": "<=", "gt": ">", "gteq": ">="}
_OPERATORS |= {"in": "in", "notin": "not in"}

_LOOP = {
    "index": "{0} + 1",
    "index0": "{0}",
    "first": "{0} == 0",
    "last": "{0} == len({1}) - 1",
    "length": "len({1})",
}
"""Attributes of `loop`; `{0}` counts from 0, `{1}` is the list that is walked."""


class Unsupported(Exception):  # noqa: N818 -- it may be a good template
    """A template uses what has no equivalent here."""


def sources_of(folder: str) -> dict[str, str]:
    """Return the templates in templates/*folder*, by name (`c/header.h.j2`), in order."""
    files = sorted(os.listdir(os.path.join(templates_directory(), folder)))
    names = [f"{folder}/{file}" for file in files if file.endswith(".j2")]
    return {name: template_text(name) for name in names}


def module_text(folder: str, sources: Mapping[str, str]) -> str:
    """Return the text of the module for *folder*, which has the templates *sources*.

    Raises:
        Unsupported: A template uses what has no equivalent in plain functions.
        jinja2.TemplateSyntaxError: It is no template.
    """
    lines = [
        f'"""Generated from templates/{folder}/ by `python -m bpfgen.emit.templates.generate`.',
        "",
        "Do not edit. CHECKSUMS: CRC-32 of each template. TEMPLATES: its function, which is given",
        "the names that the template uses and what takes the text, a piece at a time.",
        '"""',
        "",
        "from __future__ import annotations",
        "",
        "TYPE_CHECKING = False",
        "if TYPE_CHECKING:",
        "    from collections.abc import Callable",
        "    from typing import Any",
    ]
    functions: list[str] = []
    for name, source in sources.items():
        functions += ["", "", *_Writer(name, folder).function(environment().parse(source))]
    used = [name for name in sorted(ESCAPES) if any(f"({name}(" in line for line in functions)]
    if used:
        lines[8:8] = [f"from bpfgen.emit.templates.escapes import {', '.join(used)}", ""]
    lines += functions
    lines += ["", "", "CHECKSUMS = {"]
    lines += [f'    "{name}": {zlib.crc32(text.encode())},' for name, text in sources.items()]
    lines += ["}", "TEMPLATES = {"]
    lines += [f'    "{name}": {_function_name(name, folder)},' for name in sources]
    return "\n".join([*lines, "}", ""])


def _function_name(name: str, folder: str) -> str:
    bare = name.removeprefix(f"{folder}/").removesuffix(".j2")
    return "".join(c if c.isalnum() else "_" for c in bare)


class _Writer:
    """Writes one template as a function.

    A name that a loop binds is a Python variable of its own, numbered, so that it ends where the
    loop ends; any other is looked up in `names`, and a missing one is a KeyError.
    """

    def __init__(self, name: str, folder: str) -> None:
        self._name = name
        self._folder = folder
        self._lines: list[str] = []
        self._scopes: list[dict[str, str]] = []
        self._loops = 0

    def function(self, template: nodes.Template) -> list[str]:
        """Return the lines of the function for *template*."""
        name = _function_name(self._name, self._folder)
        parameters = "names: dict[str, Any], write: Callable[[str], object]"
        self._lines = [f"def {name}({parameters}) -> None:"]
        self._block(template.body, 1)
        return self._lines

    def _refuse(self, node: nodes.Node) -> Unsupported:
        what = type(node).__name__
        return Unsupported(f"{self._name}:{node.lineno}: {what} can't be written as Python yet")

    def _block(self, body: Iterable[nodes.Node], depth: int) -> None:
        before = len(self._lines)
        for node in body:
            method = getattr(self, f"_{type(node).__name__.lower()}", None)
            if method is None or not isinstance(node, nodes.Stmt):
                raise self._refuse(node)
            method(node, depth)
        if len(self._lines) == before:
            self._line(depth, "pass")

    def _line(self, depth: int, text: str) -> None:
        self._lines.append("    " * depth + text)

    # Statements: each writes its lines at *depth*.

    def _output(self, node: nodes.Output, depth: int) -> None:
        for part in node.nodes:
            if isinstance(part, nodes.TemplateData):
                for line in part.data.splitlines(keepends=True):
                    self._line(depth, f"write({line!r})")
            else:
                self._line(depth, f"write({self._escaped(part)})")

    def _escaped(self, node: nodes.Node) -> str:
        """Return the Python of *node*, which the template writes and says how."""
        if not isinstance(node, nodes.Filter) or node.name not in ESCAPES:
            raise Unsupported(f"{self._name}:{node.lineno}: say how this is written: {CHOICES}")
        if node.name == "code" and node.node is not None:  # as it is: no call for each declaration
            return f"str({self._expression(node.node)})"
        return self._expression(node)

    def _if(self, node: nodes.If, depth: int) -> None:
        self._line(depth, f"if {self._expression(node.test)}:")
        self._block(node.body, depth + 1)
        for branch in node.elif_:
            self._line(depth, f"elif {self._expression(branch.test)}:")
            self._block(branch.body, depth + 1)
        if node.else_:
            self._line(depth, "else:")
            self._block(node.else_, depth + 1)

    def _for(self, node: nodes.For, depth: int) -> None:
        if node.recursive or node.else_ or node.test is not None:
            raise self._refuse(node)
        self._loops += 1
        number = self._loops
        items = self._expression(node.iter)
        scope: dict[str, str] = {}
        target = self._target(node.target, number, scope)
        if any(name.name == "loop" for name in node.find_all(nodes.Name)):
            scope["loop"] = str(number)
            self._line(depth, f"items_{number} = list({items})")
            target, items = f"index_{number}, {target}", f"enumerate(items_{number})"
        self._line(depth, f"for {target} in {items}:")
        self._scopes.append(scope)
        self._block(node.body, depth + 1)
        self._scopes.pop()

    def _target(self, node: nodes.Node, number: int, scope: dict[str, str]) -> str:
        if isinstance(node, nodes.Name):
            scope[node.name] = f"{node.name}_{number}"
            return scope[node.name]
        if isinstance(node, nodes.Tuple):
            return f"({', '.join(self._target(item, number, scope) for item in node.items)})"
        raise self._refuse(node)

    def _include(self, node: nodes.Include, depth: int) -> None:
        named = node.template
        if not isinstance(named, nodes.Const) or node.ignore_missing or not node.with_context:
            raise self._refuse(node)
        if not str(named.value).startswith(f"{self._folder}/"):
            raise self._refuse(node)
        bound = {name: variable for scope in self._scopes for name, variable in scope.items()}
        bound.pop("loop", None)
        added = ", ".join(f'"{name}": {variable}' for name, variable in bound.items())
        names = f"{{**names, {added}}}" if bound else "names"
        self._line(depth, f"{_function_name(str(named.value), self._folder)}({names}, write)")

    # Expressions: each returns Python that binds tighter than any operator.

    def _expression(self, node: nodes.Node) -> str:
        method = getattr(self, f"_{type(node).__name__.lower()}_value", None)
        if method is None:
            raise self._refuse(node)
        text: str = method(node)
        return text

    def _name_value(self, node: nodes.Name) -> str:
        for scope in reversed(self._scopes):
            if node.name in scope:
                if node.name == "loop":
                    raise self._refuse(node)
                return scope[node.name]
        return f'names["{node.name}"]'

    def _const_value(self, node: nodes.Const) -> str:
        return repr(node.value)

    def _getattr_value(self, node: nodes.Getattr) -> str:
        if isinstance(node.node, nodes.Name) and node.node.name == "loop":
            number = next((s["loop"] for s in reversed(self._scopes) if "loop" in s), None)
            if number is not None and node.attr in _LOOP:
                return f"({_LOOP[node.attr].format(f'index_{number}', f'items_{number}')})"
            raise self._refuse(node)
        return f"{self._expression(node.node)}.{node.attr}"

    def _getitem_value(self, node: nodes.Getitem) -> str:
        return f"{self._expression(node.node)}[{self._expression(node.arg)}]"

    def _call_value(self, node: nodes.Call) -> str:
        if node.dyn_args is not None or node.dyn_kwargs is not None:
            raise self._refuse(node)
        arguments = [self._expression(argument) for argument in node.args]
        arguments += [f"{item.key}={self._expression(item.value)}" for item in node.kwargs]
        return f"{self._expression(node.node)}({', '.join(arguments)})"

    def _filter_value(self, node: nodes.Filter) -> str:
        form = _FILTERS.get(node.name)
        wanted = 1 if form is not None and "{1}" in form else 0
        if form is None or node.node is None or node.kwargs or len(node.args) > wanted:
            raise self._refuse(node)
        arguments = [self._expression(argument) for argument in node.args] or ['""']
        return form.format(self._expression(node.node), *arguments)

    def _compare_value(self, node: nodes.Compare) -> str:
        rest = "".join(f" {_OPERATORS[o.op]} {self._expression(o.expr)}" for o in node.ops)
        return f"({self._expression(node.expr)}{rest})"

    def _binary(self, node: nodes.BinExpr, operator: str) -> str:
        return f"({self._expression(node.left)} {operator} {self._expression(node.right)})"

    def _and_value(self, node: nodes.And) -> str:
        return self._binary(node, "and")

    def _or_value(self, node: nodes.Or) -> str:
        return self._binary(node, "or")

    def _add_value(self, node: nodes.Add) -> str:
        return self._binary(node, "+")

    def _sub_value(self, node: nodes.Sub) -> str:
        return self._binary(node, "-")

    def _mul_value(self, node: nodes.Mul) -> str:
        return self._binary(node, "*")

    def _not_value(self, node: nodes.Not) -> str:
        return f"(not {self._expression(node.node)})"

    def _concat_value(self, node: nodes.Concat) -> str:
        return "(" + " + ".join(f"str({self._expression(part)})" for part in node.nodes) + ")"

    def _condexpr_value(self, node: nodes.CondExpr) -> str:
        if node.expr2 is None:
            raise self._refuse(node)
        chosen, test = self._expression(node.expr1), self._expression(node.test)
        return f"({chosen} if {test} else {self._expression(node.expr2)})"

    def _tuple_value(self, node: nodes.Tuple) -> str:
        return "(" + "".join(f"{self._expression(item)}, " for item in node.items) + ")"

    def _list_value(self, node: nodes.List) -> str:
        return "[" + ", ".join(self._expression(item) for item in node.items) + "]"


def folders() -> list[str]:
    """Return the folders of templates/, sorted: one for each output language."""
    top = templates_directory()
    return sorted(name for name in os.listdir(top) if os.path.isdir(os.path.join(top, name)))


def main() -> int:
    """Write the modules beside this one that change; return the exit status."""
    here = os.path.dirname(__file__)
    for folder in folders():
        target = os.path.join(here, f"{module_name(folder)}.py")
        try:
            with open(target, encoding="utf-8") as module:
                written = module.read()
        except FileNotFoundError:
            written = ""
        text = module_text(folder, sources_of(folder))
        if text != written:
            with open(target, "w", encoding="utf-8") as module:
                module.write(text)
            sys.stderr.write(f"wrote {os.path.basename(target)}\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
