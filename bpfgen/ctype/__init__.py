"""The vocabulary of C types: what they are, what is inside them, their sizes, how they compare."""
