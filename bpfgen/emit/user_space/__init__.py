"""What user space is given of a model, whatever the language: the ground of go/, rust/, python/.

`view` says what an output declares, `storage` how the bytes of a struct are divided, `facts` what
is said of a map, `names` which names can be had.
"""
