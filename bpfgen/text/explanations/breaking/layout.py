"""What the codes `break-layout-…` mean; the examples are OLD and NEW."""

from __future__ import annotations

from bpfgen.text.explanation import Explanation

_WAYS = """\
No loader compares types, so a pinned map is taken up and its old entries are read with the new
type; and whatever was built with the old one reads new entries with that. Give the map another
name, convert its entries before new programs run, or make room beforehand: members called
`reserved…` or `pad…` may become others at any time.
"""

_VERDICTS = "struct flow { __u64 bytes; enum verdict last; __u8 pad[4]; };"

_MAP = "map flows: hash<__u64, flow>[1024];\n"


def _page(meaning: str, old: str, new: str, right: str = "", rest: str = _MAP) -> Explanation:
    """Return the page of one rule; *rest* follows each of the examples."""
    sides = [f"{side.strip()}\n{rest}" if side else "" for side in (old, new, right)]
    return Explanation(f"{meaning.strip()}\n\n{_WAYS}", sides[1], sides[2], sides[0])


EXPLANATIONS: dict[str, Explanation] = {
    "break-layout-offset": _page(
        """
A member stands at other bytes than before: one was inserted in front of it, members have changed
places, or `packed` or `aligned` moved it. What else moved for the same reason is reported with the
first one.
""",
        "struct flow { __u64 packets; __u64 bytes; };",
        "struct flow { __u64 drops; __u64 packets; __u64 bytes; };",
    ),
    "break-layout-width": _page(
        """
A number has more bits than before, or fewer. Widening one is no exception: the machine may have its
highest byte first, and in a key or an array the next bytes are another's.
""",
        "struct flow { __u32 packets; __u32 reserved; };",
        "struct flow { __u64 packets; };",
        "struct flow { __u32 packets; __u32 more_packets; };",
    ),
    "break-layout-sign": _page(
        """
An integer was signed and isn't any more, or the other way round. A `char` is a byte, whatever its
sign; an enum has the sign that its enumerators ask for.
""",
        "struct flow { __u64 bytes; __u32 offset; __u32 reserved; };",
        "struct flow { __u64 bytes; __s32 offset; __u32 reserved; };",
    ),
    "break-layout-byte-order": _page(
        """
A number says another order of its bytes, by `__be16` to `__be64` or `__le16` to `__le64`, through
typedefs, too. Plain integers are in the machine's order.
""",
        "struct flow { __be32 source; __u32 packets; };",
        "struct flow { __u32 source; __u32 packets; };",
    ),
    "break-layout-kind": _page(
        """
The bytes are another kind of thing: an integer became a floating number or a truth value, an array
of bytes a number. An integer may become an enum of its size or a pointer, and a struct may be taken
apart, as long as each number stays where it was.
""",
        "struct flow { __u64 bytes; __u32 share; __u32 reserved; };",
        "struct flow { __u64 bytes; float share; __u32 reserved; };",
        "struct flow { __u64 bytes; __u32 share; float rate; };",
    ),
    "break-layout-array": _page(
        """
An array has more elements than before, or fewer, or is divided in another way. It may grow into
bytes that were `reserved…`.
""",
        "struct flow { __u32 hops[2]; __u64 bytes; };",
        "struct flow { __u32 hops[4]; __u64 bytes; };",
    ),
    "break-layout-union": _page(
        """
Two members that had bytes of their own share them now, or the other way round.
""",
        "struct flow { __u32 v4; __u32 zone; };",
        "struct flow { union { __u32 v4; __u32 zone; }; __u32 reserved; };",
    ),
    "break-layout-enumerator": _page(
        """
An enumerator has another value, so that what was stored under the old one is taken for something
else. New enumerators are no break as long as the others keep their values; one that only counts the
others, as `VERDICT_MAX` or `NR_VERDICTS`, may move.
""",
        f"enum verdict {{ FLOW_PASS, FLOW_DROP }};\n{_VERDICTS}",
        f"enum verdict {{ FLOW_PASS, FLOW_MARK, FLOW_DROP }};\n{_VERDICTS}",
        f"enum verdict {{ FLOW_PASS, FLOW_DROP, FLOW_MARK }};\n{_VERDICTS}",
    ),
    "break-layout-enumerator-gone": _page(
        """
A value of an enum has no name any more, and may be stored all the same. Another name for the same
value is no break.
""",
        f"enum verdict {{ FLOW_PASS, FLOW_DROP }};\n{_VERDICTS}",
        f"enum verdict {{ FLOW_PASS }};\n{_VERDICTS}",
    ),
    "break-layout-gone": _page(
        """
A member isn't there any more, or is called `reserved…` or `pad…` now. Another name for a member at
the same place and of the same type is no break.
""",
        "struct flow { __u64 packets; __u64 bytes; };",
        "struct flow { __u64 packets; __u64 reserved; };",
    ),
    "break-layout-padding": _page(
        """
A new member lies in bytes that were padding: in old entries they hold zero or anything, and old
programs don't write them. Say which bytes are free while they are: `__u8 reserved[4];`.
""",
        "struct flow { __u64 bytes; __u32 packets; };",
        "struct flow { __u64 bytes; __u32 packets; __u32 drops; };",
    ),
    "break-layout-size": _page(
        """
A type has another size, and its members are where they were: some were added at its end, or padding
was. Where only sizes are known, they are compared.
""",
        "struct flow { __u64 packets; };",
        "struct flow { __u64 packets; __u64 bytes; };",
    ),
    "break-layout-form": _page(
        """
User space has what is in the map in another form: a value for each CPU in place of one, values
without keys, records in place of values. Programs that read the map have to be changed.
""",
        "map flows: hash<__u64, __u64>[1024];",
        "map flows: percpu_hash<__u64, __u64>[1024];",
        rest="",
    ),
    "break-layout-special-field": _page(
        """
A member that the kernel looks after (`bpf_spin_lock`, `bpf_timer`, a pointer with `__kptr` and the
like) is new, gone, or another one. A map keeps the fields that it was made with: the kernel refuses
programs that use others in it.
""",
        "struct flow { __u64 bytes; __u8 reserved[16]; };",
        "struct flow { __u64 bytes; struct bpf_timer timer; };",
    ),
}
