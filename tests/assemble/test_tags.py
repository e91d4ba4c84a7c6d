"""Tags of types stand where clang has them: between a pointer and what it points to, alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.assemble import sources
from tests.assemble.proof import prove
from tests.tools import newest

if TYPE_CHECKING:
    from pathlib import Path

TAG = '__attribute__((btf_type_tag("x")))'

TAGGED = f"""
struct s {{ int a; }};
typedef int {TAG} number;
typedef int *pointer;
struct v {{
    int *{TAG} own;
    number held, *behind;
    int {TAG} elements[3];
    int {TAG} *pointers[3];
    int {TAG} (*array)[3];
    const int {TAG} *first;
    int {TAG} volatile *second;
    int *const {TAG} *third;
    pointer {TAG} *fourth;
    const struct s {TAG} *fifth;
    struct v {TAG} *sixth;
    int (*call)(int *{TAG} own, int {TAG} *behind);
}};
map m: hash<__u32, v>[1];
map n: hash<int *{TAG}, int {TAG} *>[1];
map o: ringbuf<int {TAG} *>[4096];
"""


def test_tags_stand_behind_pointers(tmp_path: Path) -> None:
    """Of members, elements, typedefs, parameters and keys themselves clang drops them."""
    proof = prove(list(sources.of_text("tagged.dsl", TAGGED)), newest(), "bpfel", tmp_path)
    assert (proof.told, proof.refused, proof.compared) == ([], [], 1)
