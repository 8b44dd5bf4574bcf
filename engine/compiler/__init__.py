"""Documents to linked, lowered, digested bundles."""

from engine.compiler.link import Compiled, compile_bundle

__all__ = ["Compiled", "compile_bundle"]
