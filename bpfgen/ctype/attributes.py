"""Attributes of C's declarations: which say something here, which say nothing, which are refused.

One table for whoever reads C: the resolver, and the import of C, which leaves out what says
nothing. What isn't in it is refused, since it may change the layout of what it stands at. Included
C headers never come here: clang itself lays their types out.

Source: "Attributes in Clang", clang/include/clang/Basic/Attr.td; GCC's manual, "Common Type
Attributes" and "Common Variable Attributes" and those of x86. tests/conformance/test_attributes.py
holds each row against clang.
"""

from __future__ import annotations

UNDERSTOOD = frozenset(
    """
    packed aligned mode preserve_access_index btf_type_tag btf_decl_tag address_space
    """.split()
)
"""Those that the language has: they are in the layout, in BTF, or in the code that uses a type."""

WITHOUT_EFFECT = frozenset(
    """
    align_value annotate annotate_type argument_with_type_tag availability bounded
    capability counted_by counted_by_or_null deprecated designated_init diagnose_if
    enum_extensibility external_source_symbol flag_enum gcc_struct guarded_by guarded_var
    lockable lto_visibility_public may_alias maybe_unused no_randomize_layout nodebug noderef
    noescape nonstring nosanitize no_sanitize objc_nullability overloadable
    pointer_with_type_tag preferred_type preserve_static_offset pt_guarded_by pt_guarded_var
    randomize_layout retain scoped_lockable sized_by sized_by_or_null standalone_debug
    strict_flex_array transparent_union type_tag_for_datatype type_visibility unavailable
    uninitialized unsafe_buffer_usage unused used visibility warn_if_not_aligned warn_unused

    alloc_align alloc_size always_inline assume_aligned cold const error flatten format format_arg
    gnu_inline hot leaf malloc no_instrument_function noinline noinline_for_stack nonnull noreturn
    nothrow optnone pure returns_nonnull sentinel warn_unused_result warning
    """.split()
)
"""Those that change neither layout nor BTF: hints to compilers, and to who reads their warnings.

The second half is of functions, as pointers to them have it.
"""

REFUSED = {
    "vector_size": "BTF has no vectors: write an array, with `aligned` where that matters",
    "ext_vector_type": "BTF has no vectors: write an array, with `aligned` where that matters",
    "neon_vector_type": "BTF has no vectors: write an array, with `aligned` where that matters",
    "neon_polyvector_type": "BTF has no vectors: write an array, with `aligned` where that matters",
    "matrix_type": "BTF has no matrices: write an array of arrays",
    "ms_struct": "bit-fields would be laid out as Microsoft's compilers have it: write the members "
    "and the padding that you mean",
    "scalar_storage_order": "clang ignores it, and BTF can't say it: use `__be16` to `__be64` or "
    "`__le16` to `__le64`, and convert",
    "hardbool": "clang doesn't know it, and BTF can't say it: use an enum with a base type",
    "copy": "clang doesn't know it: write the attributes themselves",
}
"""Those that change the layout, or what bytes mean, in a way that has no place here; what to do."""
