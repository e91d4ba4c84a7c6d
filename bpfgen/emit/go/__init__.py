"""Go: types, constants and facts of maps as one file; typed access over cilium/ebpf."""
