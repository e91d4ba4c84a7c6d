"""Ways of damaging types: members, scalars, enums, pointers, tags."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.verify import patch
from tests.verify.damages import damage

if TYPE_CHECKING:
    from tests.verify.patch import Patch


@damage("verify-value-type", "member `bytes` of `struct flow` is emitted as `octets`")
def _member_renamed(p: Patch) -> None:
    words, at = p.element(p.find(patch.STRUCT, "flow"), "bytes")
    words[at] = p.string("octets")


@damage("verify-value-type", "member `bytes`", "declared at bit 64 and emitted at bit 128")
def _member_moved(p: Patch) -> None:
    words, at = p.element(p.find(patch.STRUCT, "flow"), "bytes")
    words[at + 2] += 64


@damage("verify-value-type", "member `version`", "declared 3 bits wide and emitted 4 bits wide")
def _bit_field_widened(p: Patch) -> None:
    words, at = p.element(p.find(patch.STRUCT, "flow"), "version")
    words[at + 2] += 1 << 24


@damage("verify-value-type", "member `mode`", "declared 5 bits wide and emitted as no bit-field")
def _bit_field_made_ordinary(p: Patch) -> None:
    words, at = p.element(p.find(patch.STRUCT, "flow"), "mode")
    words[at + 2] &= 0xFFFFFF


@damage("verify-value-type", "member `mode`", "declared at bit 131 and emitted at bit 130")
def _bit_field_moved(p: Patch) -> None:
    words, at = p.element(p.find(patch.STRUCT, "flow"), "mode")
    words[at + 2] -= 1


@damage("verify-value-type", "member `live`", "declared and not emitted")
def _member_removed(p: Patch) -> None:
    flow = p.find(patch.STRUCT, "flow")
    p.remove(flow, p.element(flow, "live")[1])


@damage("verify-key-type", "member `extra` of `struct flow_key` is emitted and not declared")
def _member_added(p: Patch) -> None:
    words = p.types[p.find(patch.STRUCT, "flow_key")]
    words += [p.string("extra"), p.find(patch.TYPEDEF, "__be16"), 96]
    words[1] += 1


@damage("verify-key-type", "`daddr`", "another order of members")
def _members_reordered(p: Patch) -> None:
    words = p.types[p.find(patch.STRUCT, "flow_key")]
    words[3:9] = [*words[6:9], *words[3:6]]


@damage("verify-key-type", "`struct flow_key` is declared with 12 bytes and emitted with 16")
def _struct_grown(p: Patch) -> None:
    p.types[p.find(patch.STRUCT, "flow_key")][2] = 16


@damage("verify-key-type", "declared as `struct flow_key` and emitted as `union flow_key`")
def _struct_made_union(p: Patch) -> None:
    p.set_kind(p.find(patch.STRUCT, "flow_key"), patch.UNION)


@damage("verify-value-type", "`either`", "as `union either` and emitted as `struct either`")
def _union_made_struct(p: Patch) -> None:
    p.set_kind(p.find(patch.UNION, "either"), patch.STRUCT)


@damage("verify-key-type", "as `struct flow_key` and emitted as `struct floe_key`")
def _struct_renamed(p: Patch) -> None:
    p.rename(p.find(patch.STRUCT, "flow_key"), "floe_key")


@damage(
    "verify-value-type", "member `v4` of the union of the anonymous member at bit 640", "bit 32"
)
def _anonymous_union_member_moved(p: Patch) -> None:
    words, at = p.element(p.find(patch.STRUCT, "flow"), "")
    union, at = p.element(words[at + 1], "v4")
    union[at + 2] = 32


@damage("verify-value-type", "`struct bpf_list_head` is declared with 16 bytes and emitted with 24")
def _kernel_struct_grown(p: Patch) -> None:
    p.types[p.find(patch.STRUCT, "bpf_list_head")][2] = 24


@damage("verify-value-type", "member `lock`", "`struct bpf_spin_lock`", "`struct bpf_spin_block`")
def _kernel_struct_renamed(p: Patch) -> None:
    p.rename(p.find(patch.STRUCT, "bpf_spin_lock"), "bpf_spin_block")


@damage("verify-value-type", "`int`", "declared signed and emitted unsigned")
def _signedness_lost(p: Patch) -> None:
    p.types[p.find(patch.INT, "int")][3] &= 0xFEFFFFFF


@damage("verify-value-type", "`_Bool`", "declared as a truth value and emitted unsigned")
def _bool_lost(p: Patch) -> None:
    p.types[p.find(patch.INT, "_Bool")][3] &= 0xFBFFFFFF


@damage("verify-value-type", "`unsigned int`", "declared with 4 bytes and emitted with 8")
def _integer_grown(p: Patch) -> None:
    words, at = p.element(p.find(patch.STRUCT, "flow"), "version")
    wide = list(p.types[words[at + 1]])
    wide[2], wide[3] = 8, 64
    words[at + 1] = p.add(*wide)


@damage("verify-value-type", "`double`", "declared with 8 bytes and emitted with 4")
def _float_shrunk(p: Patch) -> None:
    p.types[p.find(patch.FLOAT, "double")][2] = 4


@damage("verify-value-type", "member `live`", "`volatile int`", "emitted as `volatile char`")
def _other_scalar(p: Patch) -> None:
    words, at = p.element(p.find(patch.STRUCT, "flow"), "live")
    p.types[words[at + 1]][2] = p.find(patch.INT, "char")


@damage("verify-value-type", "enumerator `DROP` of `enum verdict` is declared as 4", "as 5")
def _enumerator_changed(p: Patch) -> None:
    words, at = p.element(p.find(patch.ENUM, "verdict"), "DROP")
    words[at + 1] = 5


@damage("verify-value-type", "enumerator `DROP` of `enum verdict` is emitted as `DRIP`")
def _enumerator_renamed(p: Patch) -> None:
    words, at = p.element(p.find(patch.ENUM, "verdict"), "DROP")
    words[at] = p.string("DRIP")


@damage("verify-value-type", "enumerator `PASS` of `enum verdict` is declared and not emitted")
def _enumerator_removed(p: Patch) -> None:
    verdict = p.find(patch.ENUM, "verdict")
    p.remove(verdict, p.element(verdict, "PASS")[1])


@damage(
    "verify-value-type", "`enum verdict` is emitted with enumerator `LATE`, which isn't declared"
)
def _enumerator_added(p: Patch) -> None:
    words = p.types[p.find(patch.ENUM, "verdict")]
    words += [p.string("LATE"), 5]
    words[1] += 1


@damage("verify-value-type", "`enum verdict` is declared with 1 byte and emitted with 4")
def _enum_base_lost(p: Patch) -> None:
    p.types[p.find(patch.ENUM, "verdict")][2] = 4


@damage("verify-value-type", "`enum direction` is declared signed and emitted unsigned")
def _enum_sign_lost(p: Patch) -> None:
    p.types[p.find(patch.ENUM, "direction")][1] &= 0x7FFFFFFF


@damage("verify-value-type", "enumerator `HUGE`", "as 9223372036854775808 and emitted as 0")
def _wide_enumerator_cut(p: Patch) -> None:
    words, at = p.element(p.find(patch.ENUM64, "huge"), "HUGE")
    words[at + 2] = 0


@damage("verify-value-type", "member `name`", "declared with 16 elements and emitted with 15")
def _array_shortened(p: Patch) -> None:
    words, at = p.element(p.find(patch.STRUCT, "flow"), "name")
    p.types[words[at + 1]][5] = 15


@damage("verify-value-type", "member `label`", "as `const char *` and emitted as `char *`")
def _const_lost(p: Patch) -> None:
    words, at = p.element(p.find(patch.STRUCT, "flow"), "label")
    words[at + 1] = p.add(0, patch.PTR << 24, p.find(patch.INT, "char"))


@damage("verify-value-type", "member `live`", "as `volatile int` and emitted as `int`")
def _volatile_lost(p: Patch) -> None:
    words, at = p.element(p.find(patch.STRUCT, "flow"), "live")
    words[at + 1] = p.find(patch.INT, "int")


@damage("verify-value-type", "member `live`", "as `volatile int` and emitted as `const int`")
def _other_qualifier(p: Patch) -> None:
    words, at = p.element(p.find(patch.STRUCT, "flow"), "live")
    p.set_kind(words[at + 1], patch.CONST)


@damage("verify-value-type", "member `next`", "`struct flow *` and emitted as `struct item *`")
def _pointer_to_another(p: Patch) -> None:
    words, at = p.element(p.find(patch.STRUCT, "flow"), "next")
    words[at + 1] = p.add(0, patch.PTR << 24, p.find(patch.STRUCT, "item"))


@damage("verify-value-type", "member `label`", "`const char *` and emitted as `const char`")
def _pointer_lost(p: Patch) -> None:
    words, at = p.element(p.find(patch.STRUCT, "flow"), "label")
    words[at + 1] = p.types[words[at + 1]][2]


@damage(
    "verify-value-type",
    "`callback`",
    "(*)(struct flow *, const char *)`",
    "`int (*)(struct flow *)`",
)
def _parameter_lost(p: Patch) -> None:
    words, at = p.element(p.find(patch.STRUCT, "flow"), "callback")
    prototype = p.types[words[at + 1]][2]
    p.remove(prototype, len(p.types[prototype]) - 2)


@damage("verify-value-type", "`callback`", "as `int (*)(", "emitted as `char (*)(")
def _return_type_changed(p: Patch) -> None:
    words, at = p.element(p.find(patch.STRUCT, "flow"), "callback")
    p.types[p.types[words[at + 1]][2]][2] = p.find(patch.INT, "char")


@damage("verify-value-type", "member `packets`", "as `counter_t` and emitted as `counter_u`")
def _typedef_renamed(p: Patch) -> None:
    p.rename(p.find(patch.TYPEDEF, "counter_t"), "counter_u")


@damage("verify-value-type", "member `packets`", "as `counter_t` and emitted as `__u32`")
def _typedef_lost(p: Patch) -> None:
    words, at = p.element(p.find(patch.STRUCT, "flow"), "packets")
    words[at + 1] = p.find(patch.TYPEDEF, "__u32")


@damage("verify-value-type", "`counter_t`", "as `__u32` and emitted as `__u64`")
def _typedef_of_another(p: Patch) -> None:
    p.types[p.find(patch.TYPEDEF, "counter_t")][2] = p.find(patch.TYPEDEF, "__u64")


@damage("verify-key-type", "`__be32`", "as `unsigned int` and emitted as `int`")
def _kernel_typedef_of_another(p: Patch) -> None:
    p.types[p.find(patch.TYPEDEF, "__be32")][2] = p.find(patch.INT, "int")


@damage("verify-value-type", "`held`", '`btf_type_tag("kptr")` and emitted without it')
def _type_tag_lost(p: Patch) -> None:
    words, at = p.element(p.find(patch.STRUCT, "flow"), "held")
    words[at + 1] = p.add(0, patch.PTR << 24, p.find(patch.STRUCT, "held"))


@damage("verify-value-type", "`held`", 'emitted with `btf_type_tag("kptr_untrusted")`')
def _type_tag_changed(p: Patch) -> None:
    p.rename(p.find(patch.TYPE_TAG, "kptr"), "kptr_untrusted")


@damage("verify-value-type", "member `next`", 'emitted with `btf_type_tag("kptr")`')
def _type_tag_added(p: Patch) -> None:
    words, at = p.element(p.find(patch.STRUCT, "flow"), "next")
    tag = p.add(p.string("kptr"), patch.TYPE_TAG << 24, p.find(patch.STRUCT, "flow"))
    words[at + 1] = p.add(0, patch.PTR << 24, tag)


@damage("verify-value-type", "member `id`", "decl tag `user id`, which isn't emitted")
def _decl_tag_lost(p: Patch) -> None:
    tag = p.find(patch.DECL_TAG, "user id")
    p.types[tag][2] = p.find(patch.STRUCT, "item")
    p.types[tag][3] = 1


@damage("verify-value-type", "member `items`", "`contains:item:mode`, which isn't declared")
def _decl_tag_changed(p: Patch) -> None:
    p.rename(p.find(patch.DECL_TAG, "contains:item:node"), "contains:item:mode")


@damage("verify-value-type", "member `flag`", "emitted with the decl tag `user id`")
def _decl_tag_moved(p: Patch) -> None:
    p.types[p.find(patch.DECL_TAG, "user id")][3] += 1


@damage("verify-forward", "`struct item` is declared with a body", "member `items`")
def _listed_struct_degraded(p: Patch) -> None:
    item = p.find(patch.STRUCT, "item")
    p.types[item] = [p.types[item][0], patch.FWD << 24, 0]


@damage("verify-forward", "`struct held` is declared with a body", "member `held`")
def _kptr_target_lost(p: Patch) -> None:
    p.rename(p.find(patch.STRUCT, "held"), "withheld")


@damage("verify-type", "member `payload` of `struct item` is emitted as `load`")
def _listed_struct_changed(p: Patch) -> None:
    words, at = p.element(p.find(patch.STRUCT, "item"), "payload")
    words[at] = p.string("load")


@damage("verify-type", "`counter_t` is declared with the decl tag `counts`, which isn't emitted")
def _typedef_tag_lost(p: Patch) -> None:
    p.types[p.find(patch.DECL_TAG, "counts")][2] = p.find(patch.TYPEDEF, "__u64")


@damage("verify-btf", "(ARRAY) has elements of integers of 31 bits")
def _integer_narrowed(p: Patch) -> None:
    words = p.types[p.find(patch.INT, "int")]
    words[3] = words[3] & 0xFFFFFF00 | 31


@damage("verify-btf", "(CONST) has the name `flow`, and such types have none")
def _qualifier_named(p: Patch) -> None:
    words, at = p.element(p.find(patch.STRUCT, "flow"), "label")
    p.rename(p.types[words[at + 1]][2], "flow")


@damage("verify-btf", "(TYPEDEF) has kind_flag set, which means nothing there")
def _typedef_flagged(p: Patch) -> None:
    p.types[p.find(patch.TYPEDEF, "counter_t")][1] |= 1 << 31
