"""Which names may be used where."""

from collections.abc import Iterable, Mapping

from engine.bundle import Fact, Parameter
from engine.expressions.scope import Scope
from engine.expressions.tree import Name
from engine.terms import FactSource

ALWAYS_KNOWN = (FactSource.ENGINE,)


def name_of(fact: Fact) -> Name:
    """Return what a scope says of *fact*: known if the engine supplies it or it starts with a value."""
    known = (
        fact.origin in ALWAYS_KNOWN
        or fact.initially is not None
        or fact.name.startswith("suppressed.")
        or fact.name == "new_person"
    )
    return Name(
        fact.name,
        fact.type,
        frozenset(fact.values),
        fact.origin,
        can_be_unknown=not known,
        discloses=fact.discloses,
        spoken=fact.spoken,
        span=fact.span,
    )


def parameter_name(parameter: Parameter) -> Name:
    """Return what a scope says of *parameter*; it is known wherever its rule applies."""
    return Name(parameter.name, parameter.type, can_be_unknown=False, span=parameter.span)


def bundle_scope(facts: Iterable[Fact], parameters: Iterable[Parameter]) -> Scope:
    """Return the names that every document sees: facts, and parameters by their qualified names."""
    names = {fact.name: name_of(fact) for fact in facts}
    names |= {parameter.name: parameter_name(parameter) for parameter in parameters}
    return Scope(names)


def own_parameters(policy: str, parameters: Mapping[str, Parameter]) -> dict[str, Name]:
    """Return the parameters of *policy* under their bare names."""
    start = f"{policy}."
    return {
        name.removeprefix(start): parameter_name(parameter)
        for name, parameter in parameters.items()
        if name.startswith(start) and "." not in name.removeprefix(start)
    }
