"""The Rust module: types with C's layout, constants, facts of maps, typed access on request."""
