"""What programs may name of the outputs of a model, by language.

The first step of the category. Each output is asked for with its accessors; one that can't be had
with them, without. The name of the file counts for nothing, since OLD and NEW may stand anywhere.
"""

from __future__ import annotations

from importlib import import_module

from bpfgen.emit import BACKENDS, OutputRefused
from bpfgen.record import TYPE_CHECKING, Record

if TYPE_CHECKING:
    from collections.abc import Callable

    from bpfgen.emit.backend import Settings
    from bpfgen.emit.user_space.identifiers import Identifier, Origin
    from bpfgen.emit.user_space.view import View
    from bpfgen.model.model import Model
    from bpfgen.text.diagnostics import Diagnostic


class Language(Record):
    """A language that programs are written in.

    Attributes:
        name: As messages call it.
        backend: Its row of :data:`bpfgen.emit.BACKENDS`.
        accessors: The values of `--accessors` whose functions are in one surface.
        shares_imports: What an imported file declares is named as if this file did.
        module: A pattern of what stands before the name of a type that an imported file declares;
            empty where nothing does.
    """

    name: str
    backend: str
    accessors: tuple[str, ...] = ("",)
    shares_imports: bool = False
    module: str = ""


LANGUAGES = (
    Language("C", "header", shares_imports=True),
    Language("Go", "go", shares_imports=True),
    Language("Rust", "rust", ("libbpf-rs", "aya"), module=r"\bsuper::(?:\w+::)*"),
    Language(
        "Python",
        "python",
        module=r"\b(?!bpfgen\.|builtins\.|ctypes\.|typing\.)[A-Za-z_]\w*\.(?!\.)",
    ),
)
"""In the order in which findings name them."""


class Surface(Record):
    """What programs may name of one output, or why there is none.

    Attributes:
        paths: The identifiers, by how a program gets at them.
        roles: The same, by what they are of.
        aliases: What each name stands for that is another one's.
        accessors: The access to maps that the output has, of :attr:`Language.accessors`.
        refused: Why there is none.
    """

    paths: dict[str, Identifier]
    roles: dict[tuple[Origin, str], Identifier]
    aliases: dict[str, str]
    accessors: tuple[str, ...] = ()
    refused: tuple[Diagnostic, ...] = ()


def surface_of(language: Language, model: Model, view: View) -> Surface:
    """Return what programs may name of the output of *model*; *view* is that of it."""
    access, _ = _identifiers(language, model, view, language.accessors)
    if access is not None:
        return _surface(access, language.accessors)
    plain, refused = _identifiers(language, model, view, ())
    return Surface({}, {}, {}, (), refused) if plain is None else _surface(plain, ())


def surface_like(language: Language, model: Model, view: View, other: Surface) -> Surface:
    """Return the same with the access to maps that *other* has."""
    found, refused = _identifiers(language, model, view, other.accessors)
    return Surface({}, {}, {}, (), refused) if found is None else _surface(found, other.accessors)


def _identifiers(
    language: Language, model: Model, view: View, accessors: tuple[str, ...]
) -> tuple[list[Identifier] | None, tuple[Diagnostic, ...]]:
    backend = BACKENDS[language.backend]
    module = import_module(backend.identifiers)
    identifiers: Callable[[Model, View, Settings], list[Identifier]] = module.identifiers
    settings: Settings = {"accessors": accessors} if accessors else {}
    try:
        found = identifiers(model, view, backend.values(settings))
    except OutputRefused as refused:
        return None, tuple(refused.diagnostics)
    return found, ()


def _surface(identifiers: list[Identifier], accessors: tuple[str, ...]) -> Surface:
    paths: dict[str, Identifier] = {}
    roles: dict[tuple[Origin, str], Identifier] = {}
    for one in identifiers:
        paths.setdefault(one.path, one)
        roles.setdefault((one.origin, one.role), one)
    aliases = {path: one.stands_for for path, one in paths.items() if one.stands_for}
    return Surface(paths, roles, aliases, accessors)
