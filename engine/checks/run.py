"""All checks over one bundle: findings and proofs."""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, replace
from datetime import date

from engine.bundle import CompiledBundle
from engine.checks.catalogue import CHECKS, Check
from engine.checks.context import UNDECIDED, Context
from engine.checks.memory import Memories
from engine.checks.prove.limits import Budget
from engine.checks.prove.proof import Proof, Verdict
from engine.checks.prove.prover import Prover
from engine.source.documents import Sources
from engine.source.finding import Finding, Level
from engine.source.syntax import parse
from engine.terms import Kind

PROVING = ("rule-can-be-broken", "could-not-prove", "only-barrier")
UNREAD = frozenset({"unreadable-file", "too-deep-or-large", "no-documents"})
"""Findings after which a file was not read to its end, whatever could be read of it."""


@dataclass(frozen=True, slots=True)
class Report:
    """What is wrong, and what is proved.

    Args:
        findings: By place.
        proofs: By flow and rule; none when the bundle does not compile.
        read: Whether every file was read to its end.
        hidden: How many errors that were left out keep the bundle from being checked any further.
        whole: Whether every check that was wanted was run: not where the bundle cannot be read or compiled.
    """

    findings: tuple[Finding, ...]
    proofs: tuple[Proof, ...] = ()
    read: bool = True
    hidden: int = 0
    whole: bool = True

    @property
    def unsure(self) -> bool:
        """Return whether something could not be checked."""
        return (
            not self.read
            or self.hidden > 0
            or any(proof.verdict is Verdict.COULD_NOT_CHECK for proof in self.proofs)
            or any(finding.rule == UNDECIDED for finding in self.findings)
        )

    def at_least(self, level: Level) -> tuple[Finding, ...]:
        """Return the findings as grave as *level* or graver."""
        order = (Level.ERROR, Level.WARNING, Level.NOTE)
        return tuple(f for f in self.findings if order.index(f.level) <= order.index(level))


def run(
    sources: Sources,
    bundle: CompiledBundle | None,
    found: Iterable[Finding],
    as_of: date,
    *,
    only: Collection[str] = (),
    skip: Collection[str] = (),
    budget: Budget | None = None,
    prove: Callable[[CompiledBundle, date, Budget], tuple[Proof, ...]] | None = None,
    memories: Memories | None = None,
) -> Report:
    """Check a bundle.

    Args:
        sources: Its files.
        bundle: It, compiled, or None where that failed.
        found: What reading and compiling found.
        as_of: The day as of which the law is read.
        only: Names or codes of the checks to report; all when empty.
        skip: Names or codes of the checks to leave out.
        budget: How far searches go.
        prove: What proves the rules; by default, they are proved anew.
        memories: What was found out before; by default nothing.
    """
    limits = budget or Budget()

    def wanted(name: str, code: str = "") -> bool:
        return (not only or name in only or code in only) and name not in skip and (not code or code not in skip)

    earlier = tuple(found)
    findings = [f for f in earlier if wanted(f.rule)]
    unread = _unread(sources, earlier)
    if bundle is None:
        errors = sum(f.level is Level.ERROR for f in earlier)
        hidden = 0 if any(f.level is Level.ERROR for f in findings) else errors
        return Report(_ordered(findings), (), not unread, hidden, whole=False)
    chosen = [check for check in CHECKS if wanted(check.name, check.code)]
    proofs: tuple[Proof, ...] = ()
    if any(check.name in PROVING for check in chosen):
        proofs = prove(bundle, as_of, limits) if prove else Prover(bundle, as_of, limits).prove()
    context = Context(sources, bundle, as_of, proofs, limits, memories or Memories())
    for check in chosen:
        findings += _of(check, context) if check.reads is None else _remembered(check, check.reads, context)
    hidden = 0 if any(finding in findings for finding in unread) else len(unread)
    return Report(_ordered(findings), proofs, not unread, hidden, whole=not unread)


def _unread(sources: Sources, found: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return the errors of files that were not read to their end: after a slip of syntax nothing is seen."""
    wrong = [f for f in found if f.level is Level.ERROR]
    paths = sorted({f.span.path for f in wrong if f.span.path in sources.texts})
    broken = {path for path in paths if parse(sources.texts[path], path).root is None}
    return tuple(
        f
        for f in wrong
        if f.rule in UNREAD or f.span.path in broken or (f.rule == "wrong-folder" and f.span.path not in paths)
    )


def _remembered(check: Check, reads: tuple[Kind, ...], context: Context) -> list[Finding]:
    """Return the findings of *check*; none where it found none in what it reads before."""
    key = context.digests.clean(check.name, reads, context.as_of, context.budget)
    if context.memories.found.read(key):
        return []
    found = _of(check, context)
    if not found and not any(proof.verdict is Verdict.BROKEN for proof in context.proofs):
        context.memories.found.write(key, True)
    return found


def _of(check: Check, context: Context) -> list[Finding]:
    found = []
    for finding in check.find(context):
        level = finding.level if finding.level is not Level.ERROR else check.level
        name = UNDECIDED if finding.rule == UNDECIDED else check.name
        found.append(replace(finding, rule=name, level=Level.ERROR if name == UNDECIDED else level))
    return found


def _ordered(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    held = {(f.span, f.rule, f.message): f for f in findings}
    return tuple(held[key] for key in sorted(held))
