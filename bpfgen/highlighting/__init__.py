"""Colours for the language: one description of its contexts, three engines that go by it.

`contexts.py` says which tokens mean what, in regular expressions and a stack, as each of the
engines has them. `textmate.py` writes the grammar of VS Code's extension from it, `vim.py` the
syntax file of Vim, and `lexer.py` is the lexer of Pygments. Nothing here parses: a text that is
being typed has its colours all the same.
"""
