"""Tree to model: every name found, every type, constant and map worked out."""
