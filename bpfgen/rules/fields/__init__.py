"""What the kernel asks of special fields: locks, timers, lists, trees, pointers to its objects."""
