"""The tests of running maps, on other kernels: each boots in a virtual machine.

`make kernels` does it. The machine is qemu's; its root is this machine's, which it may only read,
so that it has the same Python, compilers and tools, and this checkout. What it writes is in its
memory, but for the results.
"""
