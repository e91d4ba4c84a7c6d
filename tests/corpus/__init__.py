"""The kernel's BPF selftests as a corpus: some thousand objects that nobody wrote for bpfgen.

`make corpus` runs it. Nothing of the kernel is part of this project: the sources come from Debian's
package linux-source-6.12, and everything made of them stays in build/corpus.
"""
