"""Modules of Rust made of sources, all in one crate: what a compiler or clippy is run on once."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from bpfgen.compiler import Options, compile
from bpfgen.emit import BACKENDS, OutputRefused
from bpfgen.text.source import Source
from tests.rulebook.test_rulebook import programs
from tests.samples import GOOD, compiled
from tests.user_space.random_types import random_declarations, texts

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bpfgen.model.model import Model

ATTRIBUTES = "#![deny(warnings, rustdoc::all)]\n#![allow(rustdoc::missing_crate_level_docs)]\n"
"""What the crate around the modules has: nothing in them may be warned of."""


AWKWARD = """\
enum empty_enum : __u8 { ONE_ONLY };
enum { ANON_A = 3, anon_b = -4 };
enum big : __s64 { NEG = -9223372036854775807 - 1, POS = 0x7fffffffffffffff };
typedef enum { T_X, T_Y } named_only;
union deep {
    struct { union { __u8 a; __u16 b : 9; }; __be16 c[2]; } inner;
    __u64 whole; float f; char name[8];
};
struct weird {
    union deep d[2]; __u8 _pad0; __u32 bits0 : 5; __u32 set_bits0 : 3; __u8 bytes, bits;
    struct {} nothing; __u64 tail[];
};
struct at { _Alignas(64) __u8 x; __u8 y[63]; };
struct holds_at { __u8 first; struct at inner __attribute__((packed)); } __packed;
typedef __u32 over __attribute__((aligned(16)));
struct uses_over { over o; __u8 b; };
struct flex_be { __u32 n; __be32 a[]; };
struct flex_bool { __u32 n; bool a[]; };
struct flex_text { __u16 n; char a[]; };
struct flex_struct { __u64 n; struct flex_text inner[0]; };
struct r { bool flags[3][2]; __be16 grid[2][2][2]; bool one : 1; _Bool two; __u8 pad[3]; };
map m: hash<r, weird>[4];
map e: array<__u32, named_only>[4];
map f: array<__u32, double>[4];
map g: hash<bool, __be64>[4];
map q: queue[4] { value = union deep; };
map nofix: hash<__u32, __u32>[runtime] { key_size = 4; };
"""
"""What has names and places of its own beside what is generated, and maps of plain numbers."""


def rust_of(model: Model, **settings: tuple[str, ...]) -> str:
    """Return the module for *model*; an option's name has an underscore for each dash."""
    given = {option.replace("_", "-"): values for option, values in settings.items()}
    return BACKENDS["rust"].emit(model, given)[0].text


def modules_of(models: Mapping[str, Model], **settings: tuple[str, ...]) -> dict[str, str]:
    """Return the module for each of *models* that has one: names that become one are refused."""
    modules: dict[str, str] = {}
    for name, model in models.items():
        try:
            modules[name] = rust_of(model, **settings)
        except OutputRefused:
            continue
    assert len(modules) > 0.95 * len(models)
    return modules


def model_of(text: str, name: str = "maps.dsl") -> Model:
    """Return the model of the source *text*, which has no errors."""
    compilation = compile(Source(name, text))
    assert not compilation.failed, compilation.diagnostics
    return compilation.model


def samples() -> dict[str, Model]:
    """Return every sample, by a module's name, but for those that are modules of one crate."""
    return {
        name.removesuffix(".dsl").replace("/", "_"): compiled(name).model
        for name in GOOD
        if not name.startswith("imports/")
    }


@cache
def models() -> dict[str, Model]:
    """Return the samples and every program of the rule book that compiles."""
    found = {**samples(), "awkward": model_of(AWKWARD)}
    for name, text in programs():
        compilation = compile(Source(f"{name}.dsl", text), Options())
        if not compilation.failed and compilation.model.declarations and not text.count("import "):
            found[name.replace("-", "_")] = compilation.model
    return found


@cache
def random_models(seed: int, files: int, each: int) -> dict[str, Model]:
    """Return *files* models of about *each* random declarations, by a module's name."""
    return {
        f"random{number}": model_of(texts(random_declarations(seed + number, each))[0])
        for number in range(files)
    }


def crate(modules: Mapping[str, str], *, no_std: bool = False, more: str = "") -> dict[str, str]:
    """Return the files of a crate that has *modules*, with *more* after them in lib.rs."""
    first = "#![no_std]\n" if no_std else ""
    listed = "".join(f"pub mod {name};\n" for name in modules)
    files = {f"src/{name}.rs": text for name, text in modules.items()}
    return {"src/lib.rs": f"{first}{ATTRIBUTES}{listed}{more}", **files}
