"""Model -> object, without clang: the definitions, variables and slots that clang would write.

After `emit/`, whose decisions of what a definition holds it shares, and beside clang: what comes
out is read back and compared with the model by readers that share nothing with what is here.
"""
