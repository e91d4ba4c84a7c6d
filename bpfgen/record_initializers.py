"""One `__init__` for each number of members, which :mod:`bpfgen.record` gives the members' names.

Beside the pipeline. They are written out here so that they lie compiled in this module's bytecode:
compiling them at every start would be a tenth of what a small run takes.
"""

# ruff: noqa: ANN001, ANN202, PLR0913, PLR0917 -- nobody calls these by their names
# mypy: ignore-errors

from __future__ import annotations


def _1(self, a):
    self.a = a


def _2(self, a, b):
    self.a = a
    self.b = b


def _3(self, a, b, c):
    self.a = a
    self.b = b
    self.c = c


def _4(self, a, b, c, d):
    self.a = a
    self.b = b
    self.c = c
    self.d = d


def _5(self, a, b, c, d, e):
    self.a = a
    self.b = b
    self.c = c
    self.d = d
    self.e = e


def _6(self, a, b, c, d, e, f):
    self.a = a
    self.b = b
    self.c = c
    self.d = d
    self.e = e
    self.f = f


def _7(self, a, b, c, d, e, f, g):
    self.a = a
    self.b = b
    self.c = c
    self.d = d
    self.e = e
    self.f = f
    self.g = g


def _8(self, a, b, c, d, e, f, g, h):
    self.a = a
    self.b = b
    self.c = c
    self.d = d
    self.e = e
    self.f = f
    self.g = g
    self.h = h


def _9(self, a, b, c, d, e, f, g, h, i):
    self.a = a
    self.b = b
    self.c = c
    self.d = d
    self.e = e
    self.f = f
    self.g = g
    self.h = h
    self.i = i


def _10(self, a, b, c, d, e, f, g, h, i, j):
    self.a = a
    self.b = b
    self.c = c
    self.d = d
    self.e = e
    self.f = f
    self.g = g
    self.h = h
    self.i = i
    self.j = j


def _11(self, a, b, c, d, e, f, g, h, i, j, k):
    self.a = a
    self.b = b
    self.c = c
    self.d = d
    self.e = e
    self.f = f
    self.g = g
    self.h = h
    self.i = i
    self.j = j
    self.k = k


def _12(self, a, b, c, d, e, f, g, h, i, j, k, m):
    self.a = a
    self.b = b
    self.c = c
    self.d = d
    self.e = e
    self.f = f
    self.g = g
    self.h = h
    self.i = i
    self.j = j
    self.k = k
    self.m = m


def _13(self, a, b, c, d, e, f, g, h, i, j, k, m, n):
    self.a = a
    self.b = b
    self.c = c
    self.d = d
    self.e = e
    self.f = f
    self.g = g
    self.h = h
    self.i = i
    self.j = j
    self.k = k
    self.m = m
    self.n = n


def _14(self, a, b, c, d, e, f, g, h, i, j, k, m, n, o):
    self.a = a
    self.b = b
    self.c = c
    self.d = d
    self.e = e
    self.f = f
    self.g = g
    self.h = h
    self.i = i
    self.j = j
    self.k = k
    self.m = m
    self.n = n
    self.o = o


def _15(self, a, b, c, d, e, f, g, h, i, j, k, m, n, o, p):
    self.a = a
    self.b = b
    self.c = c
    self.d = d
    self.e = e
    self.f = f
    self.g = g
    self.h = h
    self.i = i
    self.j = j
    self.k = k
    self.m = m
    self.n = n
    self.o = o
    self.p = p


def _16(self, a, b, c, d, e, f, g, h, i, j, k, m, n, o, p, q):
    self.a = a
    self.b = b
    self.c = c
    self.d = d
    self.e = e
    self.f = f
    self.g = g
    self.h = h
    self.i = i
    self.j = j
    self.k = k
    self.m = m
    self.n = n
    self.o = o
    self.p = p
    self.q = q


def _17(self, a, b, c, d, e, f, g, h, i, j, k, m, n, o, p, q, r):
    self.a = a
    self.b = b
    self.c = c
    self.d = d
    self.e = e
    self.f = f
    self.g = g
    self.h = h
    self.i = i
    self.j = j
    self.k = k
    self.m = m
    self.n = n
    self.o = o
    self.p = p
    self.q = q
    self.r = r


def _18(self, a, b, c, d, e, f, g, h, i, j, k, m, n, o, p, q, r, s):
    self.a = a
    self.b = b
    self.c = c
    self.d = d
    self.e = e
    self.f = f
    self.g = g
    self.h = h
    self.i = i
    self.j = j
    self.k = k
    self.m = m
    self.n = n
    self.o = o
    self.p = p
    self.q = q
    self.r = r
    self.s = s


def _19(self, a, b, c, d, e, f, g, h, i, j, k, m, n, o, p, q, r, s, t):
    self.a = a
    self.b = b
    self.c = c
    self.d = d
    self.e = e
    self.f = f
    self.g = g
    self.h = h
    self.i = i
    self.j = j
    self.k = k
    self.m = m
    self.n = n
    self.o = o
    self.p = p
    self.q = q
    self.r = r
    self.s = s
    self.t = t


def _20(self, a, b, c, d, e, f, g, h, i, j, k, m, n, o, p, q, r, s, t, u):
    self.a = a
    self.b = b
    self.c = c
    self.d = d
    self.e = e
    self.f = f
    self.g = g
    self.h = h
    self.i = i
    self.j = j
    self.k = k
    self.m = m
    self.n = n
    self.o = o
    self.p = p
    self.q = q
    self.r = r
    self.s = s
    self.t = t
    self.u = u


def _21(self, a, b, c, d, e, f, g, h, i, j, k, m, n, o, p, q, r, s, t, u, v):
    self.a = a
    self.b = b
    self.c = c
    self.d = d
    self.e = e
    self.f = f
    self.g = g
    self.h = h
    self.i = i
    self.j = j
    self.k = k
    self.m = m
    self.n = n
    self.o = o
    self.p = p
    self.q = q
    self.r = r
    self.s = s
    self.t = t
    self.u = u
    self.v = v


def _22(self, a, b, c, d, e, f, g, h, i, j, k, m, n, o, p, q, r, s, t, u, v, w):
    self.a = a
    self.b = b
    self.c = c
    self.d = d
    self.e = e
    self.f = f
    self.g = g
    self.h = h
    self.i = i
    self.j = j
    self.k = k
    self.m = m
    self.n = n
    self.o = o
    self.p = p
    self.q = q
    self.r = r
    self.s = s
    self.t = t
    self.u = u
    self.v = v
    self.w = w


INITIALIZERS = (
    _1,
    _2,
    _3,
    _4,
    _5,
    _6,
    _7,
    _8,
    _9,
    _10,
    _11,
    _12,
    _13,
    _14,
    _15,
    _16,
    _17,
    _18,
    _19,
    _20,
    _21,
    _22,
)
"""The functions by their number of members, less one."""
