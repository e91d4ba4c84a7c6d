"""The two sides of a comparison: which words are held against which, each opened as a source.

places     what a side is: a source of this machine, or one of a revision
operands   words of the command line -> pairs of places
"""
