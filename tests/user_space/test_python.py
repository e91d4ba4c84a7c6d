"""Generated Python on the Pythons it is for: bytes are read and written as C has them."""

from __future__ import annotations

import ast
import builtins
import importlib.util
import json
import re
import subprocess
import sys
import tokenize
from io import BytesIO
from random import Random
from typing import TYPE_CHECKING, Any

import pytest

from bpfgen.compiler import Options, compile, emit_files
from bpfgen.emit import BACKENDS
from bpfgen.emit.python.names import BUILTINS, KEYWORDS, MODULES, OWN_NAMES
from bpfgen.emit.user_space.docs import visible
from bpfgen.emit.user_space.types import CHARACTER, Number
from bpfgen.live import class_of
from bpfgen.text.source import Source
from tests.compiled import command
from tests.samples import GOOD, compiled
from tests.tools import CHECKOUT, newest
from tests.user_space import witness
from tests.user_space.pythons import BIG_ENDIAN, OLDEST, OWN, PYTHONS, python
from tests.user_space.random_types import PRELUDE, random_declarations, texts
from tests.user_space.test_view_proof import viewed

if TYPE_CHECKING:
    from pathlib import Path
    from types import ModuleType

    from tests.user_space.witness import Leaf

SEED = 4
COUNT = 250

READER = """
import ctypes, json, sys

modules, cases = json.load(sys.stdin)
classes = []
for text in modules:
    names = {"__name__": "proof"}
    exec(compile(text, "proof.py", "exec", dont_inherit=True), names)
    classes.append(names)
count = wrong = 0
for module, name, member, indices, rows in cases:
    cls = classes[module][name]
    for data, value in rows:
        data = bytes.fromhex(data)
        read = cls.from_bytes(data if getattr(cls, "_flexible_", False) else data + b"tail")
        written = cls()
        found = read
        for index in [member, *indices]:
            found = found[index] if isinstance(index, int) else getattr(found, index)
        if isinstance(found, ctypes.Array):  # a number that ctypes hasn't
            found = int.from_bytes(bytes(found), sys.byteorder)
        if indices:
            array = getattr(written, member)
            for index in indices[:-1]:
                array = array[index]
            if isinstance(array[indices[-1]], ctypes.Array):
                size = ctypes.sizeof(array[indices[-1]])
                raw = (value % (1 << 8 * size)).to_bytes(size, sys.byteorder)
                array[indices[-1]][:] = list(raw)
                if value < 0:
                    found -= 1 << 8 * size
            else:
                array[indices[-1]] = value
        else:
            setattr(written, member, value)
        count += 1
        if found != value or bytes(read) != data or bytes(written) != data:
            wrong += 1
            print(name, member, indices, data.hex(), value, found, bytes(written).hex())
print(count, wrong)
"""
"""Reads each value from the bytes that C has for it, and writes it into bytes to be C's."""


def generated(source: str, **settings: tuple[str, ...]) -> str:
    """Return the module that *source* comes to."""
    compilation = compile(Source("proof.dsl", source))
    assert not compilation.failed, [d for d in compilation.diagnostics if d.severity == "error"]
    (file,) = emit_files(compilation, form="python", settings=settings)
    return file.text


def loaded(text: str, folder: Path, name: str = "maps") -> ModuleType:
    """Return *text* as an imported module."""
    path = folder / f"{name}.py"
    path.write_text(text, encoding="utf-8", errors="surrogateescape")
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def cases_of(
    source: str, seed: int, target: str, folder: Path
) -> list[tuple[int, str, str, tuple[int, ...], list[tuple[str, int | float]]]]:
    """Return what C has for values in the members of the types of *source*.

    Members are named as Python has them, and so are the classes.
    """
    from bpfgen.emit.python.names import MEMBER_NAMES, MODULE_NAMES, python_name

    subjects = witness.subjects_of(viewed(source), seed)
    clang = [*command(newest()), "-target", target]
    elf = witness.compiled(clang, PRELUDE + source + witness.witness_text(subjects), folder)
    cases = []
    for subject, facts in zip(subjects, witness.facts_of(elf, subjects), strict=True):
        name = python_name("_".join(subject.type.words), MODULE_NAMES)
        for leaf, contents in zip(subject.leaves, facts.contents, strict=True):
            member = python_name(leaf.member.name, MEMBER_NAMES)
            rows = [
                (content.hex(), _as_read(leaf, value))
                for content, value in zip(contents, leaf.values, strict=True)
            ]
            cases.append((0, name, member, leaf.indices, rows))
    return cases


def _as_read(leaf: Leaf, value: int | float) -> int | float:  # noqa: PYI041 -- they are told apart
    """Return what a program reads: the bytes of a text have no sign."""
    is_text = leaf.indices and isinstance(leaf.type, Number) and leaf.type.kind == CHARACTER
    return value % 256 if is_text else value


@pytest.mark.parametrize("name", PYTHONS)
def test_members_are_read_and_written_as_in_c(name: str, tmp_path: Path) -> None:
    """Every value that clang puts into a member is read, and written to the same bytes."""
    big = name == BIG_ENDIAN
    count = COUNT // 4 if big else COUNT
    source, _ = texts(random_declarations(SEED, count))
    cases = cases_of(source, SEED, "bpfeb" if big else "bpfel", tmp_path)
    payload = json.dumps([[generated(source)], cases])
    *wrong, last = python(name, "-c", READER, text=payload).stdout.splitlines()
    assert not wrong, "\n".join(wrong[:10])
    values, differences = map(int, last.split())
    assert values > 8 * count
    assert differences == 0


TRICKY = r'''
/// "starts and ends with a quote"
const str = 5;
/// bytes """ here \
enum e { A = -1, mro, name, value, B = 0x7fffffff, _missing_, real, class, e__x, _e__x };
/// Reordering: RLO here.
enum big { HUGE = 0xffffffffffffffff };
struct flow { int flow; struct { int x; } inner, arr[3]; };
struct shadows {
    __u32 bytes, property, _bool, ctypes, typing, self, _self, cls, __pad, _fields_, from_buffer;
    __u32 from_bytes, None, print, builtins; enum e e; char bytes_text[4]; bool flag, _flag;
    bool value, setter : 1;
};
struct _bits { __u32 a : 3; };
struct _Structure { __u32 : 32; };
struct _text { char a[3]; enum e _enumerator : 2; } __attribute__((packed));
struct uses {
    struct flow flow; struct flow many[2][3]; enum e e : 5; enum big big; int comm_text;
    char comm[4]; bool property : 1;
};
typedef __u8 mac_t[6];
typedef struct uses uses;
typedef struct uses uses_t;
typedef enum e e_t;
struct list {
    mac_t mac; e_t et; uses_t u; struct shadows *p; void (*fn)(int); long l; unsigned long ul;
    long double ld; __le64 le; __be64 be[2]; signed char sc[3]; unsigned char uc; char c;
    _Bool flags[4]; __int128 wide[2]; struct {} empty; struct { int a[0]; } zero;
};
union un { __u32 a : 3; __u32 b : 9; struct { __u8 x, y; __u16 z : 4, w : 12; }; __u64 all[2]; };
struct packed_al {
    __u8 a; union un u; struct { __u8 k; __be32 v; } __attribute__((packed)) entries[3];
} __attribute__((packed, aligned(4)));
struct flex { __u32 n; struct { __u16 a, b; } items[]; };
struct text_at_the_end { __u16 n; char text[]; };
struct own_names { struct _bits a; struct _Structure b; struct _text c; };
union filled { __u8 a[5]; __u32 b; };
struct overlaid { __u32 n; union { __u8 raw[16]; struct { __u32 len; char text[12]; }; }; };
map key: hash<flow, list>[4];
map m2: hash<__u8[16], packed_al>[4];
map a_name_of_more_than_15_bytes: percpu_hash<uses, shadows>[4];
map rb: ringbuf<flex>[64 KiB];
map en: hash<enum e, bool>[4];
map i128: hash<unsigned __int128, union un>[4];
map q: queue<overlaid>[4];
map sums: queue<__int128>[4];
map texts: ringbuf<text_at_the_end>[64 KiB];
map s: sk_storage<int, overlaid> { map_flags = BPF_F_NO_PREALLOC; };
map filled: hash<__u32, union filled>[1];
map later: hash<__u32, own_names>[runtime];
'''
"""Names that Python, ctypes and enum have themselves, and types that ctypes has not."""


@pytest.fixture(scope="module")
def modules(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Modules of all sorts, below one directory: samples, programs of the rule book, random types.

    Each has typed access, too.
    """
    folder = tmp_path_factory.mktemp("modules")
    settings: dict[str, tuple[str, ...]] = {"accessors": ("",)}
    texts_by_name = {"tricky": generated(TRICKY.replace("RLO", "\u202e"), **settings)}
    for sample in GOOD:
        (file,) = BACKENDS["python"].emit(compiled(sample).model, settings)
        texts_by_name[f"sample_{sample.removesuffix('.dsl').replace('/', '_')}"] = file.text
    for path in sorted((CHECKOUT / "tests/rulebook").glob("*.dsl")):
        compilation = compile(Source(path.name, path.read_text(encoding="utf-8")), Options())
        if not compilation.failed:
            (file,) = emit_files(compilation, form="python", settings=settings)
            texts_by_name[f"rule_{path.stem}"] = file.text
    for seed in range(6):
        source, _ = texts(random_declarations(100 + seed, 60))
        texts_by_name[f"random_{seed}"] = generated(source)
    for name, text in texts_by_name.items():
        # What is imported lies beside it here, under the name of a sample.
        beside = text.replace("import common\n", "import sample_imports_common as common\n")
        (folder / f"{name}.py").write_text(beside, encoding="utf-8")
    (folder / "__init__.py").write_text("")
    return folder


IMPORTER = """
import importlib, os, sys
sys.path.insert(0, sys.argv[1])
sys.dont_write_bytecode = True
names = sorted(name[:-3] for name in os.listdir(sys.argv[1]) if name.endswith(".py"))
for name in names:
    importlib.import_module(name)
assert "bpfgen" not in sys.modules
print(len(names))
"""


@pytest.mark.parametrize("name", PYTHONS)
def test_modules_are_imported(name: str, modules: Path) -> None:
    """Each Python has every class where C has it, and bpfgen isn't asked for by an import."""
    assert int(python(name, "-c", IMPORTER, modules).stdout) > len(GOOD) + 8


def test_formatter_and_linter_are_content(modules: Path) -> None:
    """The formatter would change nothing; the linter's default rules, and more, find nothing."""
    ruff = [sys.executable, "-m", "ruff"]
    done = subprocess.run(
        [*ruff, "format", "--isolated", "--no-cache", "--diff", str(modules)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[:4000]
    chosen = "--extend-select=E,W,F,I,B,UP,C4,SIM,RET,PIE,PYI,RUF,PLE,PLW"
    kept = "--ignore=E501,E741,RUF001,RUF002,RUF003,RUF012"  # names, words, _fields_
    done = subprocess.run(
        [
            *ruff,
            *"check --isolated --no-cache --target-version=py39".split(),
            chosen,
            kept,
            modules,
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[:4000]


MYPY = "--strict --config-file= --no-incremental --cache-dir=/dev/null --python-version=3.11"


@pytest.mark.slow
def test_type_checker_is_content(modules: Path) -> None:
    """The strict type checker finds nothing, and a program's mistakes, it finds."""
    (modules / "program.py").write_text(PROGRAM)
    done = subprocess.run(
        [sys.executable, "-m", "mypy", *MYPY.split(), "-p", modules.name],
        cwd=modules.parent,
        env={"PATH": "/usr/bin:/bin", "MYPYPATH": f"{modules.parent}:{CHECKOUT}"},
        capture_output=True,
        text=True,
        check=False,
    )
    lines = [line for line in done.stdout.splitlines() if ": error: " in line]
    program = PROGRAM.splitlines()
    wrong = [line for line in lines if "program.py" not in line]
    assert not wrong, "\n".join(wrong[:20])
    places = {int(line.split(":")[1]) for line in lines}
    marked = {number for number, line in enumerate(program, 1) if line.endswith("# wrong")}
    assert places == marked, done.stdout


PROGRAM = """\
from . import sample_flows as flows
from . import tricky

key = tricky.flow(flow=1)
key.inner.x += 1
tricky.flow(flow="1")  # wrong
tricky.flow(flwo=1)  # wrong
tricky.flow(1)  # wrong
uses = tricky.uses(e=tricky.e.A, comm_text_="x", property=True)
uses.e = 7
e: tricky.e | int = uses.e
text: str = uses.comm  # wrong
with tricky.key_map.open("/sys/fs/bpf/key") as opened:
    value = opened[key]
    number: int = value.ul
    opened[1] = value  # wrong
    opened[key] = key  # wrong
    for each, found in opened.items():
        each.flow = found.l
with tricky.a_name_of_more_than_15_bytes_map.open(17) as per_cpu:
    total = sum(one.property for one in per_cpu[uses])
with tricky.rb_map.open("/sys/fs/bpf/rb") as records:
    for record in records.records(timeout=0):
        print(record.n, record.items)
entries: int = flows.flows_map.max_entries
tricky.later_map.max_entries  # wrong
flows.flows_map.max_entries = 5  # wrong
"""


def test_names_and_values_behave(tmp_path: Path) -> None:
    """Equality, hash, repr, text, enums, flexible arrays, unions; what is wrong is refused."""
    maps: Any = loaded(generated(TRICKY), tmp_path)
    flow = maps.flow(flow=-1, inner=maps.flow_inner(x=3))
    assert flow == maps.flow.from_bytes(bytes(flow) + b"more")
    assert {flow: 1}[maps.flow.from_buffer_copy(flow)] == 1
    assert flow != maps.flow()
    assert repr(maps.flow_inner(x=3)) == "flow_inner(x=3)"
    for wrong in (lambda: maps.flow(1), lambda: maps.flow(flwo=1), lambda: setattr(flow, "y", 1)):
        with pytest.raises((TypeError, AttributeError)):
            wrong()
    with pytest.raises(ValueError, match="Buffer size too small"):
        maps.flow.from_bytes(bytes(19))
    uses = maps.uses(comm_text_="é", e=maps.e.A, big=5)
    assert bytes(uses.comm) == "é".encode() + bytes(2)
    assert (uses.comm_text_, uses.e, uses.big) == ("é", maps.e.A, 5)
    assert isinstance(uses.e, maps.e)
    assert not isinstance(uses.big, maps.big)
    with pytest.raises(ValueError, match="5 bytes, and only 4 fit"):
        uses.comm_text_ = "abcde"
    uses.e = 33  # cut to 5 bits, as in C
    assert uses.e == 1
    shadows = maps.shadows(flag=True, _flag=False, self=1)
    assert (shadows.flag, shadows._flag, shadows.self, shadows._pad) == (True, False, 1, 0)
    assert maps.shadows.from_bytes(bytes([2]) * 80).flag is True
    assert maps.shadows(value=True, setter=True).value is True
    assert repr(maps.filled(a=(1,))) == "filled(a=b'\\x01\\x00\\x00\\x00\\x00', b=1)"
    given = (b"abcd", [97, 98, 99, 100], (97, 98, 99, 100), memoryview(b"abcd"))
    assert {maps.uses(comm=comm) for comm in given} == {maps.uses(comm_text_="abcd")}
    many = [[maps.flow(flow=3 * row + place) for place in range(3)] for row in range(2)]
    assert [flow.flow for row in maps.uses(many=many).many for flow in row] == [0, 1, 2, 3, 4, 5]
    wide = maps.list_(wide=[b"\1", bytes(15) + b"\2"], sc=[-1, 0, 1])
    assert list(map(bytes, wide.wide)) == [b"\1" + bytes(15), bytes(15) + b"\2"]
    assert list(wide.sc) == [-1, 0, 1]
    own = maps.own_names(a=maps._bits_(a=3), c=maps._text_(a_text="abc", _enumerator=maps.e.A))
    assert repr(own.b) == "_Structure_()"
    assert (own.a.a, own.c.a_text, own.c._enumerator) == (3, "abc", maps.e.A)
    flex = maps.flex.from_bytes(b"\2\0\0\0" + b"\1\0\2\0\3\0\4\0" + b"\5")
    assert [(item.a, item.b) for item in flex.items] == [(1, 2), (3, 4)]
    assert len(maps.flex().items) == 0
    flex.items[1].b = 9
    assert bytes(flex).endswith(b"\3\0\x09\0\5")
    with pytest.raises(ValueError, match="4 bytes or more"):
        maps.flex.from_bytes(b"123")
    assert maps.text_at_the_end.from_bytes(b"\0\0hello\0 there").text_text == "hello"
    overlaid = maps.overlaid(len=0x01020304)
    assert bytes(overlaid.raw)[:4] == (0x01020304).to_bytes(4, sys.byteorder)
    assert maps.list_(be=(1, 2)).be[1] == 2
    assert (maps.str_, maps.e_t, maps.uses_t) == (5, maps.e, maps.uses)
    assert maps.e.__doc__ == 'bytes """ here \\'
    assert maps.big.__doc__ is not None
    assert maps.big.__doc__.isprintable()
    assert [member.name for member in maps.e][1:5] == ["mro_", "name_", "value_", "B"]


def test_facts_of_a_map(tmp_path: Path) -> None:
    """Sizes, limits and types; what a loader decides isn't there."""
    maps: Any = loaded(generated(TRICKY), tmp_path)
    facts = maps.a_name_of_more_than_15_bytes_map
    assert (facts.kernel_name, facts.kind, facts.type) == ("a_name_of_more_", "percpu_hash", 5)
    assert (facts.key, facts.value, facts.stride) == (maps.uses, maps.shadows, 80)
    assert (maps.rb_map.record, maps.rb_map.max_entries) == (maps.flex, 65536)
    assert not hasattr(maps.later_map, "max_entries")
    assert not hasattr(maps.later_map, "open")
    (inner,) = (
        loaded(
            generated("map o: array_of_maps<__u32, hash<int, int>[8]>[2];"), tmp_path
        ).o_map.inner,
    )
    assert (inner.kind, inner.max_entries, inner.key_size) == ("hash", 8, 4)


PAYLOAD = "+ACIAIgAiAAo-PWNED = 1+AAoAIgAiACI-"
"""In UTF-7 the end of a docstring, a statement, and the start of another docstring."""


def first_lines(name: str, doc: str) -> tuple[str, bytes]:
    """Return the module made of a file called *name* with the comment *doc*, and its first two."""
    compilation = compile(Source(name, f"/// {doc}\n\n/// {PAYLOAD}\nconst N = 1;\n"))
    assert not compilation.failed
    text = emit_files(compilation, form="python")[0].text
    return text, b"\n".join(text.encode("utf-8", "surrogateescape").split(b"\n")[:2])


def test_no_name_of_a_file_is_an_encoding(tmp_path: Path) -> None:
    """A file called like PEP 263's `coding=…` would have Python run what its comment says."""
    text, _ = first_lines("coding=utf-7 .dsl", "Numbers.")
    assert not hasattr(loaded(text, tmp_path), "PWNED")
    acting = text.replace("coding =utf-7", "coding=utf-7")
    assert loaded(acting, tmp_path, "acting").PWNED == 1


def test_names_and_docs_set_nothing() -> None:
    """Whatever a name and a doc comment are made of, the first lines speak to readers alone."""
    pieces = ("coding", "file", ":", "=", " ", "-*-", "vim", "vi", "ex", "set", "\u200b", "\x0c")
    more = ("utf-7", "\t", "é", "\\", '"', "#", "<", "700", "CODING", "\udc80")
    random = Random(11)  # noqa: S311 -- the same names in every run
    names = ["coding: utf-16", "-*- coding: utf-7 -*-", "x vim: set fileencoding=utf-7 :"]
    names += ["".join(random.choices(pieces + more, k=random.randrange(1, 8))) for _ in range(400)]
    for name in names:
        doc = name.replace("\udc80", "")
        text, lines = first_lines(f"{name}.dsl", doc)
        assert not re.search(rb"coding[:=]", lines), lines
        opening = lines.partition(b"\n")[0]
        assert not re.search(rb"-\*-|\b([Vv]im?[<=>]?\d*|ex):", opening), lines
        assert tokenize.detect_encoding(BytesIO(text.encode()).readline)[0] == "utf-8"
        tree = ast.parse(text)
        assert " ".join((ast.get_docstring(tree) or "").split()) == " ".join(visible(doc).split())


def test_a_class_that_is_laid_out_otherwise_is_refused(tmp_path: Path) -> None:
    """An import fails with both layouts where ctypes has another one."""
    text = generated("struct s { __u8 a; __u32 b; }; map m: hash<int, s>[1];")
    with pytest.raises(ImportError, match=r"s isn't laid out here .*: 12 bytes.*there: 8 bytes"):
        loaded(text.replace("ctypes.c_uint8 * 3", "ctypes.c_uint8 * 4"), tmp_path)


@pytest.mark.parametrize("name", [OWN, OLDEST])
def test_imports_alone_in_a_package_and_elsewhere(name: str, tmp_path: Path) -> None:
    """Modules of imported files are beside, in the package, or where `--map-import` says."""
    compilation = compiled("imports/user.dsl")
    (common,) = BACKENDS["python"].emit(compiled("imports/common.dsl").model)
    (user,) = BACKENDS["python"].emit(compilation.model)
    (mapped,) = BACKENDS["python"].emit(
        compilation.model, {"map-import": ("common.dsl=package.common",)}
    )
    package = tmp_path / "package"
    package.mkdir()
    for folder in (tmp_path, package):
        (folder / "common.py").write_text(common.text)
        (folder / "user.py").write_text(user.text)
    (package / "__init__.py").write_text("")
    (tmp_path / "elsewhere.py").write_text(mapped.text)
    program = (
        "import sys; sys.dont_write_bytecode = True; sys.path.insert(0, sys.argv[1]);"
        "import common, user, package.user, package.common, elsewhere;"
        "assert user.tenants_before_map.key is common.tenant_id;"
        "assert package.user.tenants_before_map.key is package.common.tenant_id;"
        "assert elsewhere.tenants_before_map.key is package.common.tenant_id"
    )
    python(name, "-c", program, tmp_path)


def test_the_page_shows_what_happens(tmp_path: Path) -> None:
    """The program of docs/user-space.md prints what stands below it, on the oldest Python, too."""
    page = (CHECKOUT / "docs/user-space.md").read_text(encoding="utf-8")
    section = page.split("\n## Python\n")[1].split("\n## ")[0]
    blocks = re.findall(r"^```([\w ]*)\n(.*?)^```$", section, re.MULTILINE | re.DOTALL)
    (source, program, printed) = (text for _, text in blocks[:3])
    assert [language for language, _ in blocks[:3]] == ["dsl", "python", ""]
    (tmp_path / "maps.py").write_text(generated(source))
    (tmp_path / "program.py").write_text(program)
    for name in (OWN, OLDEST):
        assert python(name, "-B", tmp_path / "program.py").stdout == printed


def test_what_a_file_uses_itself_is_reserved() -> None:
    """No type of a source can stand in for a function, builtin or module that the file uses."""
    tree = ast.parse(generated(TRICKY, accessors=("",)))
    used = {
        node.id
        for node in ast.walk(tree)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)
    }
    defined = {node.name for node in tree.body if isinstance(node, (ast.FunctionDef, ast.ClassDef))}
    defined |= {name for name in used if re.fullmatch(r"_\w*[A-Z]", name)}  # type variables
    own = {name for name in defined if name.startswith("_")}
    assert own - {"_bits_", "_Structure_", "_text_"} == OWN_NAMES
    assert used & set(dir(builtins)) - defined <= BUILTINS | KEYWORDS
    imported = {
        alias.name.partition(".")[0]
        for node in ast.walk(tree)
        if isinstance(node, (ast.Import, ast.ImportFrom))
        for alias in node.names
    }
    assert imported <= MODULES


def test_each_kind_is_opened_by_its_class() -> None:
    """Typed access names the class that `bpfgen.live` has for a map of that kind."""
    (file,) = BACKENDS["python"].emit(compiled("kinds.dsl").model, {"accessors": ("",)})
    classes = file.text.split("@typing.final\n")[1:]
    for text in classes:
        (kind,) = re.findall(r'^    +kind: typing.Final = "(\w+)"$', text, re.MULTILINE)
        opened = re.findall(r"return bpfgen.live.(\w+).of\(", text)
        own = class_of(kind)
        assert opened == ([] if own is None else [own.__name__])
    assert len(classes) > 30


def test_a_program_over_the_golden_files(tmp_path: Path) -> None:
    """What programs rely on: names, arguments and what a member reads as, in files that are kept.

    Whoever has to change this program changes what users have written.
    """
    golden = CHECKOUT / "tests/golden/samples"
    flows, ringbuf, types, nested, user = (
        loaded((golden / f"{name}.py").read_text(), tmp_path, name.replace("/", "_"))
        for name in ("flows", "ringbuf", "types", "map_in_map", "imports/common")
    )
    key = flows.flow_key(saddr=0x7F000001, dport=443, protocol=6, pad=(1, 2, 3))
    assert bytes(key) == bytes([127, 0, 0, 1, 0, 0, 0, 0, 0, 0, 1, 187, 6, 1, 2, 3])
    record = flows.flow_record(verdict=flows.verdict.VERDICT_LIMIT, packets=2)
    assert (record.verdict, record.packets, bytes(record.lock)) == (4, 2, bytes(4))
    event = flows.flow_event.from_bytes(bytes(flows.flow_event(flow=key, kind=2)) + bytes(4))
    assert (event.kind, event.flow) == (flows.flow_event_kind.FLOW_REPLIED, key)
    assert flows.flow_config(enforce=True).enforce is True
    assert (flows.MAX_FLOWS, flows.FLOW_IDLE_NS) == (1 << 14, 30_000_000_000)
    facts = flows.flows_map
    assert (facts.name, facts.kind, facts.type, facts.pinned) == ("flows", "hash", 1, True)
    assert (facts.key, facts.value, facts.max_entries) == (
        flows.flow_key,
        flows.flow_record,
        flows.MAX_FLOWS,
    )
    assert facts.fingerprint >> 64 == 0
    seen = ringbuf.event(comm_text="init", header=ringbuf.event_header(pid=1))
    seen.exit.code = -1
    assert bytes(seen.path)[:4] == b"\xff" * 4
    assert (seen.comm_text, ringbuf.events_map.record) == ("init", ringbuf.event)
    bits = types.bits(version=4, length=5, big=(1 << 48) - 1, delta=-3, urgent=True)
    assert (bits.version, bits.big, bits.delta, bits.urgent) == (4, (1 << 48) - 1, -3, True)
    inner = types.nested(half_low=1, b=2, named=types.inner_named(low=3))
    assert (inner.b, inner.named.low, inner.address.v4) == (2, 3, 0)
    assert inner.whole.to_bytes(8, sys.byteorder)[:4] == (1).to_bytes(4, sys.byteorder)
    assert types.numbers(wide=-(1 << 100), network=1, f=0.5).wide == -(1 << 100)
    assert types.packed_header.checksum.offset == 5
    flexible = types.flexible.from_bytes(bytes(4) + 2 * (7).to_bytes(2, sys.byteorder))
    assert list(flexible.items) == [7, 7]
    assert any(hasattr(facts, "inner") for name, facts in vars(nested).items() if "_map" in name)
    assert user.tenant_id(number=1, generation=2) != user.tenant_id(number=1)
