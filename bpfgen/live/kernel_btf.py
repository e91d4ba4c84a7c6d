"""The kernel's own BTF, and that of its modules, by id: what a struct_ops map is of.

A module's continues vmlinux's, types and strings alike.

Source: kernel/bpf/btf.c, btf_get_info_by_fd; kernel/bpf/bpf_struct_ops.c.
"""

from __future__ import annotations

from bpfgen.btf.kernel import joined
from bpfgen.live.fingerprint import btf_of
from bpfgen.record import TYPE_CHECKING

if TYPE_CHECKING:
    from bpfgen.live.syscall import Bpf

VMLINUX = "/sys/kernel/btf/vmlinux"


def btf_of_kernel(bpf: Bpf, btf_id: int) -> bytes:
    """Return the BTF of the module *btf_id*, after that of the kernel; of the kernel alone for 0.

    Raises:
        OSError: There is none, or one may not read it.
        FormatError: The two don't continue each other.
    """
    with open(VMLINUX, "rb") as file:
        kernel = file.read()
    if not btf_id:
        return kernel
    data = btf_of(bpf, btf_id)
    return kernel if data == kernel else joined(kernel, data)  # that of the kernel has an id, too
