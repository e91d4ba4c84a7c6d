"""What of an object's types is the kernel's: the prelude's, C's, or that of linux/bpf.h.

The prelude has the types that maps commonly use. Generated headers include linux/bpf.h, so that its
other types can't be declared again: a source gets them with `include <linux/bpf.h>`.

Source: include/uapi/linux/bpf.h of Linux 6.12.
"""

from __future__ import annotations

from bpfgen.ctype.c_numbers import c_integer
from bpfgen.ctype.identity import is_same_integer
from bpfgen.ctype.types import Composite, Int, underlying
from bpfgen.record import TYPE_CHECKING

if TYPE_CHECKING:
    from bpfgen.ctype.types import Type, Typedef
    from bpfgen.providers.prelude import Prelude

HEADER = "<linux/bpf.h>"

TAGS = frozenset(
    """
    __sk_buff bpf_addr_space_cast bpf_adj_room_mode bpf_attach_type bpf_attr bpf_btf_info
    bpf_cgroup_dev_ctx bpf_cgroup_iter_order bpf_cgroup_storage_key bpf_check_mtu_ret bpf_cmd
    bpf_cond_pseudo_jmp bpf_core_relo bpf_core_relo_kind bpf_cpumap_val bpf_devmap_val
    bpf_dynptr bpf_fib_lookup bpf_flow_keys bpf_func_id bpf_func_info bpf_hdr_start_off
    bpf_insn bpf_iter_link_info bpf_iter_num bpf_kfunc_flags bpf_line_info bpf_link_info
    bpf_link_type bpf_list_head bpf_list_node bpf_lpm_trie_key bpf_lpm_trie_key_hdr
    bpf_lpm_trie_key_u8 bpf_lwt_encap_mode bpf_map_info bpf_map_type bpf_perf_event_type
    bpf_perf_event_value bpf_pidns_info bpf_prog_info bpf_prog_type bpf_raw_tracepoint_args
    bpf_rb_node bpf_rb_root bpf_redir_neigh bpf_refcount bpf_ret_code bpf_sk_lookup bpf_sock
    bpf_sock_addr bpf_sock_ops bpf_sock_tuple bpf_sockopt bpf_spin_lock bpf_stack_build_id
    bpf_stack_build_id_status bpf_stats_type bpf_sysctl bpf_task_fd_type bpf_tcp_sock
    bpf_timer bpf_tunnel_key bpf_wq bpf_xdp_sock bpf_xfrm_state btf_ptr sk_action sk_msg_md
    sk_reuseport_md tcx_action_base xdp_action xdp_md
    """.split()
)
"""Tags of its structs, unions and enums; one name space."""


def composite(prelude: Prelude, type: Composite) -> Composite | None:
    """Return the prelude's declaration of *type*, or None; it is known by tag and size."""
    if type.tag is None:
        return None
    known = prelude.find_type(type.kind, type.tag)
    if isinstance(known, Composite) and known.size == type.size:
        return known
    return None


def typedef(prelude: Prelude, type: Typedef) -> Type | None:
    """Return the type of C or of the prelude that *type* is, or None."""
    bare = underlying(type)
    own = prelude.find_type("typedef", type.name)
    if isinstance(bare, Composite) and own is not None:
        known = underlying(own)
        return own if isinstance(known, Composite) and known.size == bare.size else None
    if not isinstance(bare, Int):
        return None
    emitted = c_integer(bare)
    if own is None or emitted is None:
        return None
    integer = underlying(own)
    return own if isinstance(integer, Int) and is_same_integer(integer, emitted) else None
