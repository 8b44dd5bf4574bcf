"""Whether a job can be carried out at all: what was taken in once may no longer fit the bundle that is in force."""

from collections.abc import Iterator

from engine.bundle import CompiledBundle
from engine.records.job import Brief
from engine.runtime.dial import DialRequest
from engine.runtime.frame import checked_facts, host_facts
from engine.runtime.step import start


def misfits(bundle: CompiledBundle, brief: Brief, request: DialRequest) -> tuple[str, ...]:
    """Return why no call can be made of a job under *bundle*, in words without anything personal; () when one can.

    Args:
        bundle: What the call would run under.
        brief: The job.
        request: What is known of it and of its debts.
    """
    flow = brief.flow or (next(iter(bundle.flows)) if len(bundle.flows) == 1 else "")
    locale = brief.locale or bundle.locales[0]
    try:
        start(bundle, "", flow, locale, request.at, {}, brief.zones or None)
    except ValueError as wrong:
        return (str(wrong),)
    return tuple(dict.fromkeys(_of_facts(bundle, request)))


def _of_facts(bundle: CompiledBundle, request: DialRequest) -> Iterator[str]:
    for facts in (request.facts, *request.debts):
        for name, value in host_facts(bundle, facts).items():
            try:
                checked_facts(bundle, {name: value})
            except ValueError:
                kind = bundle.vocabulary.facts[name].type
                yield f"fact `{name}` does not fit: the bundle in force says that it is {kind}"
