"""Text to tree: the grammar's tables, the lexer, the parser, the syntax tree."""
