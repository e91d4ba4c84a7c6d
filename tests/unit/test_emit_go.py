"""Go: names as bpf2go makes them, and what is said where one can't be had."""

from __future__ import annotations

import pytest

from bpfgen.compiler import compile
from bpfgen.emit import BACKENDS, OutputRefused
from bpfgen.emit.go.comments import doc
from bpfgen.emit.go.naming import exported, joined, quoted
from bpfgen.emit.go.options import GoOptions, default_package, map_import_fault, package_fault
from bpfgen.emit.go.package import Package
from bpfgen.emit.go.types import declare
from bpfgen.emit.user_space.types import FOREIGN, Number, Structure, UserMember
from bpfgen.emit.user_space.view import view_of
from bpfgen.text.source import Source


def go_of(text: str, name: str = "maps.dsl", **settings: tuple[str, ...]) -> str:
    """Return the file of Go for the source *text*, which has no errors."""
    compilation = compile(Source(name, text))
    assert not compilation.failed, compilation.diagnostics
    given = {option.replace("_", "-"): values for option, values in settings.items()}
    return BACKENDS["go"].emit(compilation.model, given)[0].text


def refusal_of(text: str) -> list[str]:
    """Return the messages with which Go is refused for the source *text*."""
    with pytest.raises(OutputRefused) as refused:
        go_of(text)
    assert {d.code for d in refused.value.diagnostics} == {"output-name"}
    return [diagnostic.message for diagnostic in refused.value.diagnostics]


@pytest.mark.parametrize(
    ("name", "in_go"),
    [
        # What TestIdentifier of cilium/ebpf expects (internal/output_test.go).
        (".rodata", "Rodata"),
        ("_foo_bar_", "FooBar"),
        ("ipv6_test", "Ipv6Test"),
        ("FOO_BAR", "FOO_BAR"),
        ("FOO_", "FOO_"),
        ("FOO__BAR", "FOO__BAR"),
        ("FOO___BAR", "FOO___BAR"),
        ("_FOO__BAR", "FOO__BAR"),
        ("__FOO__BAR", "FOO__BAR"),
        # What follows from its rules.
        ("a_b", "A_b"),
        ("foo_", "Foo"),
        ("foo__bar", "FooBar"),
        ("foo_3_", "Foo3"),
        ("foo_3a", "Foo3a"),
        ("_", ""),
    ],
)
def test_names_are_those_of_bpf2go(name: str, in_go: str) -> None:
    """An underscore goes, and the letter after it becomes a capital, except after a capital."""
    assert exported(name) == in_go


def test_a_name_begins_with_a_letter() -> None:
    """A digit comes first in no name of Go."""
    assert joined("_1st") == "X1st"
    assert joined("flow", "_1st") == "Flow1st"


def test_names_that_become_one() -> None:
    """Members, types and constants whose names differ in underscores alone; both are named."""
    assert refusal_of("struct s { __u32 x, _x; }; map m: hash<__u32, s>[1];") == [
        "`_x` of `struct s` and `x` of `struct s` would both be `X` in Go"
    ]
    assert refusal_of("struct ab_c { int x; }; struct abC { int x; };") == [
        "`struct abC` and `struct ab_c` would both be `AbC` in Go"
    ]
    (message,) = refusal_of("const flow_map_name = 1; map flow: hash<int, int>[1];")
    assert message.startswith("the map `flow` and the constant `flow_map_name` would")


def test_a_name_without_letters() -> None:
    """Nothing of it is left in Go."""
    (message,) = refusal_of("struct s { __u32 __; }; map m: hash<__u32, s>[1];")
    assert message == (
        "`__` of `struct s` has no name in Go, where `__` would be without its underscores"
    )


def test_members_that_nobody_can_rename() -> None:
    """Those of C headers get underscores, as in the kernel's struct net_device_stats."""
    view = view_of(compile(Source("maps.dsl", "const N = 1;")).model)
    package = Package(view, GoOptions("maps"))
    long = Number("integer", 8, signed=False)
    is_union = True
    members = (UserMember("rx", long, 0), UserMember("__rx", long, 0), UserMember("_", long, 0))
    text = declare(package, Structure(("stats",), "", is_union, 8, 8, members, FOREIGN))
    assert not [d for scope in package.scopes for d in scope.diagnostics]
    for method in ("Rx", "SetRx", "Rx_", "SetRx_", "X", "SetX"):
        assert f"func (v *Stats) {method}(" in text


def test_an_accessor_gives_way() -> None:
    """A member has the name; the accessor gets an underscore."""
    text = go_of("struct s { bool on; __u8 on_bool; __u8 set_on_bool; __u8 pad; };")
    assert "func (v *S) OnBool_() bool" in text
    assert "func (v *S) SetOnBool_(value bool)" in text


def test_elements_of_too_many_dimensions() -> None:
    """They have no methods, and what those would have imported is not imported."""
    text = go_of("struct s { char few[1][1][2]; };")
    assert "func (v *S) FewText(i, j int) string" in text
    text = go_of(f"struct s {{ char many{'[1]' * 8}; bool more{'[1]' * 8}; }};")
    assert "func" not in text
    assert '"bytes"' not in text


def test_values_that_two_enumerators_share() -> None:
    """String names the first: a switch of Go has no value twice."""
    text = go_of("enum e { A = 1, B = 1, C = 2 };")
    assert text.count("case ") == 2
    assert "EB E = 1" in text


def test_packages() -> None:
    """An identifier, no keyword, not the blank one."""
    assert package_fault("maps") is None
    for wrong, better in (("func", "func_"), ("_", "maps"), ("a-b", "a_b"), ("1a", "maps_1a")):
        fault = package_fault(wrong)
        assert fault is not None
        assert fault[1] == f"--go-package {better}"
    assert default_package("flow-maps.bpf") == "flow_maps_bpf"
    assert default_package("type") == "type_"
    assert "\npackage stdin\n" in go_of("const N = 1;", "<stdin>")


def test_imported_files() -> None:
    """An import path of Go, and no more than that."""
    assert map_import_fault("common.dsl=example.com/agent/common") is None
    for wrong in ("common.dsl", "=a", "a=", 'a.dsl=x"y', "a.dsl=x y", "a.dsl=/x", "a.dsl=x//y"):
        assert map_import_fault(wrong) is not None


def test_strings() -> None:
    """Whatever a name of a map in an object has, it ends no string."""
    assert quoted('a"\n\\b') == '"a\\"\\U0000000a\\\\b"'
    assert quoted("\udcff") == '"\\xff"'


def test_comments_are_paragraphs() -> None:
    """Nothing in a doc comment is a heading, a link or a line of its own to gofmt."""
    text = "First.\n\n\nTitle Like\n\n# x\n[a]: http://b\n  - item\u202e\r``q''"
    assert doc(text, "S is struct s.") == [
        "S is struct s.",
        "",
        "First.",
        "",
        "Title Like",
        "(# x)",
        "[a] : http://b",
        "- item<U+202E> “q”",
    ]


def test_one_clash_of_maps_is_one_error() -> None:
    """Whatever is made of their names; it has the places of both."""
    text = "map flows: hash<__u32, __u64>[4];\nmap Flows: hash<__u32, __u64>[4];\n"
    for accessors in ((), ("",)):
        with pytest.raises(OutputRefused) as refused:
            go_of(text, accessors=accessors)
        (said,) = refused.value.diagnostics
        assert said.message.startswith("the map `Flows` and the map `flows` would both be")
        assert said.span is not None
        assert len(said.labels) == 1
