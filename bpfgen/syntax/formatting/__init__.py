"""The formatter: tokens and what stands between them → the one text that means the same.

`gaps` says what the style wants before each token, in the words of `wanted`; `layout` makes it of
what was written there, `comments` included; `format` puts the tokens in between and looks whether
all are there. No model is needed, and no name is known: a file with any mistake but one of syntax
can be formatted.
"""
