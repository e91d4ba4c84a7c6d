"""Break single expressions of what `breaking` compares with, and see that a test notices each.

    python -m tests.mutation.mutate_changes [layout pin inner …] [--count 60] [--seed 1]

Of a function of `bpfgen/changes/` one comparison, condition or number becomes another one, in a
process of its own, where the functions that are there already get the broken code. First the proofs
are asked that take no compiler: random pairs of which C has said what they break, and sources in
other words. What these don't notice, the tests of the category are asked about. A mutation that
survives is printed, and the exit status is 1; some change nothing that anybody could notice.
"""

from __future__ import annotations

import argparse
import ast
import contextlib
import copy
import importlib
import inspect
import os
import random
import sys
import tempfile
from pathlib import Path
from types import CodeType, FunctionType
from typing import TYPE_CHECKING, NamedTuple

import pytest

from bpfgen.changes.categories import CATEGORIES, Asked, compare
from bpfgen.changes.rules import LAYOUT
from tests.changes.layout_witness import verdicts
from tests.changes.random_program import random_program
from tests.changes.spellings import respelled
from tests.changes.test_layout_proof import cases
from tests.changes.test_mutations import model
from tests.tools import CHECKOUT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from types import ModuleType

    from bpfgen.model.model import Model
    from tests.changes.test_layout_proof import Case

CHANGES = CHECKOUT / "bpfgen/changes"
TESTS = CHECKOUT / "tests/changes"
SHARED = "pairs"
"""What is below all categories: the modules that are in none of their folders."""

PROVED = 600
SPELLED = 60
SECONDS = 120

_OTHER_OPERATORS: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
}


class Mutation(NamedTuple):
    """One change of a module.

    Attributes:
        module: The path of its file.
        place: The number of the node among all that :func:`ast.walk` gives.
        kind: Which of the changes that the node takes.
    """

    module: Path
    place: int
    kind: int


class Proof(NamedTuple):
    """Pairs of models, and what is right about them.

    Attributes:
        proved: Each with whether `layout` has to find something.
        spelled: Pairs in which no category may find anything.
    """

    proved: list[tuple[Case, bool]]
    spelled: list[tuple[Model, Model]]

    def is_kept(self) -> bool:
        """Return whether the categories say what is right."""
        every = Asked(tuple(CATEGORIES), everything=True)
        layout = Asked((LAYOUT,))
        return all(
            bool(compare(*case.models, layout)) == is_broken for case, is_broken in self.proved
        ) and not any(compare(old, new, every) for old, new in self.spelled)


def proof(seed: int) -> Proof:
    """Return pairs about which `layout` is right as it is."""
    every = list(cases(seed, PROVED))
    with tempfile.TemporaryDirectory() as folder:
        said = verdicts([case.pair for case in every], Path(folder))
    proved = [
        (case, bool(verdict.reasons))
        for case, verdict in zip(every, said, strict=True)
        if bool(verdict.reasons) == bool(case.found)
    ]
    spelled = []
    for number in range(SPELLED):
        choices = random.Random(number)  # noqa: S311 -- test data
        program = random_program(choices)
        spelled.append((model(program.text()), model(respelled(choices, program))))
    return Proof(proved, spelled)


def mutants(node: ast.AST) -> list[Callable[[ast.AST], None]]:
    """Return the changes that can be made in place of one node."""
    match node:
        case ast.Compare(ops=[operator]) if type(operator) in _OTHER_OPERATORS:
            other = _OTHER_OPERATORS[type(operator)]
            return [lambda n: setattr(n, "ops", [other()])]
        case ast.BoolOp(op=ast.And()):
            return [lambda n: setattr(n, "op", ast.Or())]
        case ast.BoolOp(op=ast.Or()):
            return [lambda n: setattr(n, "op", ast.And())]
        case ast.If() | ast.IfExp() | ast.While():
            return [_negate]
        case ast.comprehension(ifs=[_, *_]):
            return [lambda n: setattr(n, "ifs", [])]
        case ast.Constant(value=int() as value) if not isinstance(value, bool):
            return [lambda n: setattr(n, "value", value + 1)]
        case ast.BinOp(op=ast.Add()):
            return [lambda n: setattr(n, "op", ast.Sub())]
        case ast.BinOp(op=ast.Sub()):
            return [lambda n: setattr(n, "op", ast.Add())]
        case ast.Expr(value=ast.Yield() | ast.YieldFrom() | ast.Call()):
            return [lambda n: setattr(n, "value", ast.Constant(None))]
    return []


def _negate(node: ast.AST) -> None:
    assert isinstance(node, (ast.If, ast.IfExp, ast.While))
    node.test = ast.UnaryOp(ast.Not(), node.test)


def mutations_of(module: Path) -> Iterator[Mutation]:
    """Yield every mutation of a file: of what is in its functions."""
    tree = ast.parse(module.read_text())
    inside = {
        id(node)
        for function in ast.walk(tree)
        if isinstance(function, ast.FunctionDef)
        for statement in function.body
        for node in ast.walk(statement)
    }
    for place, node in enumerate(ast.walk(tree)):
        if id(node) in inside and not _is_annotation(node):
            for kind in range(len(mutants(node))):
                yield Mutation(module, place, kind)


def _is_annotation(node: ast.AST) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def mutated(mutation: Mutation) -> tuple[CodeType, str]:
    """Return the code of the broken module, and the line as it is now."""
    tree = copy.deepcopy(ast.parse(mutation.module.read_text()))
    node = next(node for place, node in enumerate(ast.walk(tree)) if place == mutation.place)
    # A generator that yields nothing any more has to stay one.
    keeps = isinstance(node, ast.Expr) and isinstance(node.value, (ast.Yield, ast.YieldFrom))
    mutants(node)[mutation.kind](node)
    if keeps:
        assert isinstance(node, ast.Expr)
        node.value = ast.YieldFrom(ast.Tuple([], ast.Load()))
    ast.fix_missing_locations(tree)
    name = mutation.module.relative_to(CHECKOUT)
    line = next((n.lineno for n in ast.walk(node) if isinstance(n, ast.expr)), 0)
    what = f"{name}:{line}: {ast.unparse(node).splitlines()[0]}"
    return compile(tree, str(mutation.module), "exec"), what


def functions_of(module: ModuleType) -> dict[str, FunctionType]:
    """Return the functions and methods that *module* defines, by their qualified names."""
    found: dict[str, FunctionType] = {}
    pending: list[object] = list(vars(module).values())
    while pending:
        one = pending.pop()
        if isinstance(one, property):
            one = one.fget
        one = inspect.unwrap(getattr(one, "__func__", one)) if callable(one) else one
        if isinstance(one, FunctionType) and one.__module__ == module.__name__:
            found[one.__code__.co_qualname] = one
        elif isinstance(one, type) and one.__module__ == module.__name__:
            pending += vars(one).values()
    return found


def put(code: CodeType, module: ModuleType) -> None:
    """Give the functions of *module* the code that they have in *code*."""
    functions = functions_of(module)
    pending = [code]
    while pending:
        current = pending.pop()
        pending += (one for one in current.co_consts if isinstance(one, CodeType))
        function = functions.get(current.co_qualname)
        if function is not None and current.co_freevars == function.__code__.co_freevars:
            function.__code__ = current


def survives(mutation: Mutation | None, known: Proof, tests: Sequence[Path]) -> bool:
    """Return whether nothing notices *mutation*; it is made in a child of this process.

    None is no mutation at all.
    """
    child = os.fork()
    if not child:
        import signal

        signal.alarm(SECONDS)  # what doesn't end any more is noticed
        status = 1
        with contextlib.suppress(BaseException):
            null = os.open(os.devnull, os.O_WRONLY)
            os.dup2(null, 1)
            os.dup2(null, 2)
            if mutation is not None:
                name = ".".join(mutation.module.relative_to(CHECKOUT).with_suffix("").parts)
                put(mutated(mutation)[0], importlib.import_module(name.removesuffix(".__init__")))
            if known.is_kept():
                words = ["-x", "-q", "--assert=plain", "-p", "no:cacheprovider", "-p", "no:xdist"]
                status = 1 if pytest.main([*words, *map(str, tests)]) else 0
        os._exit(status)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def modules_of(category: str) -> list[Path]:
    """Return the files of *category*, or of what is below all of them."""
    if category == SHARED:
        return [CHANGES / "pairs.py", CHANGES / "type_pairs.py", CHANGES / "cases.py"]
    folder = CHANGES / category
    return sorted(folder.glob("*.py")) if folder.is_dir() else [CHANGES / f"{category}.py"]


def tests_of(mutation: Mutation) -> tuple[Path, ...]:
    """Return the tests that are asked about a mutation: those of its category, and all examples."""
    parts = mutation.module.relative_to(CHANGES).with_suffix("").parts
    if parts[0] not in CATEGORIES:
        return tuple(TESTS / f"test_{name}.py" for name in ("pairs", "cases", "rules"))
    found = [one for one in TESTS.glob(f"test_{parts[0]}*.py") if "proof" not in one.name]
    return (*sorted(found), TESTS / "test_rules.py")


def main() -> int:
    """Break what the command line names."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("categories", nargs="*", default=[*CATEGORIES, SHARED])
    parser.add_argument("--count", type=int, default=60)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    every = [
        mutation
        for category in arguments.categories
        for module in modules_of(category)
        for mutation in mutations_of(module)
    ]
    chosen = random.Random(arguments.seed)  # noqa: S311 -- test data
    known = proof(arguments.seed)
    for mutation in {tests_of(one): one for one in every}.values():
        assert survives(None, known, tests_of(mutation)), "the tests fail as it is"
    survivors = 0
    tried = chosen.sample(every, min(arguments.count, len(every)))
    for mutation in tried:
        if survives(mutation, known, tests_of(mutation)):
            survivors += 1
            print("survives:", mutated(mutation)[1], flush=True)
    print(f"{len(tried) - survivors} of {len(tried)} noticed, of {len(every)} that there are")
    return 1 if survivors else 0


if __name__ == "__main__":
    sys.exit(main())
