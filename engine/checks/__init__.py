"""Checks: what is wrong with a bundle that compiles, and what is proved of it.

One module a rule; its docstring is its manual page, whose two examples the
tests run. What the reader and the compiler find by themselves (shape, links,
types) is listed in :mod:`engine.checks.earlier`; what was left out, and why, in
:mod:`engine.checks.dropped`.
"""
