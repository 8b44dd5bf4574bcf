"""Decisions, suppressions and bundles."""

from typing import Any

from marshmallow import fields

from engine.terms import Scope
from server.fields import Facts, Files, Moment, Shown, Text, many, name, one_of, ref
from server.schemas.common import (
    FREE,
    DialSchema,
    FiredSchema,
    PageSchema,
    Shape,
    cursor,
    described,
    ident,
    listed,
    parties,
    words,
    zones,
)

SCOPES = tuple(scope.value for scope in Scope)


class ContactSchema(Shape):
    """Something that happened between us and somebody."""

    kind = name(required=True, metadata=described("call, conversation, text, email, voicemail, consent …"))
    at = Moment(required=True)
    facts = Facts(load_default=dict)
    person = Text(load_default="")
    household = Text(load_default="")
    debt = Text(load_default="")
    account = Text(load_default="")
    number = Text(load_default="")


class StandingSchema(Shape):
    """A suppression taken to stand."""

    scope = one_of(*SCOPES, required=True)
    reason = name(required=True)


class DecideSchema(Shape):
    """A call that might be placed. Nothing is written down."""

    at = Moment(load_default=None, metadata=described("When it would be placed; now by default."))
    facts = Facts(load_default=dict, metadata=described("What the host knows, by the names of the vocabulary."))
    debts = many(Facts(), 20, load_default=list, metadata=described("For each debt, what differs from `facts`."))
    zones = zones()
    history = many(fields.Nested(ContactSchema()), 500, load_default=list, metadata=described("Earlier contacts."))
    suppressions = many(fields.Nested(StandingSchema()), 50, load_default=list)
    parties = parties(
        load_default=None,
        metadata=described("When given, what is on file of them (contacts, suppressions, facts) counts as well."),
    )


class ExplainedSchema(Shape):
    """A decision as it stands in the ledger, and why."""

    decision_id = fields.Integer(required=True)
    at = Moment(required=True)
    kind = words("What was decided.")
    outcome = words("What the answer was.")
    rules = listed("The rules that decided it.")
    bundle = words("Digest of the bundle that was asked, or nothing.")
    call_id = words("The call, or nothing.")
    attempt_id = words("The attempt, or nothing.")
    hash = words("The entry's hash in the chain.")
    explanation = listed("Why, why not and what would change it, in words.")
    fired = fields.List(fields.Nested(FiredSchema()), required=True)
    facts = fields.Dict(
        keys=fields.String(), values=Shown(FREE), required=True, metadata=described("Each fact that was read.")
    )
    sources = fields.Dict(keys=fields.String(), values=fields.String(), required=True)


class SuppressSchema(Shape):
    """No further calls, from now on."""

    scope = one_of(*SCOPES, required=True, metadata=described("What it covers."))
    subject = ref(required=True, metadata=described("The number, or the host's reference of person, debt or account."))
    reason = name(required=True, metadata=described("As `stop_calling`, `dnc`, `cease_contact` or `legal_hold`."))
    until = Moment(load_default=None, metadata=described("When it ends by itself; never by default."))


class SuppressedSchema(Shape):
    """The suppression that now stands."""

    suppression_id = ident("The suppression.", required=True)
    scope = one_of(*SCOPES, required=True)
    reason = words("Why.")


class SuppressionSchema(Shape):
    """A suppression as kept."""

    suppression_id = ident("The suppression.", required=True, attribute="id")
    scope = one_of(*SCOPES, required=True)
    subject = fields.String(required=True, allow_none=True, metadata=described("Null where no longer kept."))
    reason = words("Why.")
    since = Moment(required=True)
    until = Moment(required=True, allow_none=True)
    lifted = Moment(required=True, allow_none=True)
    rule = words("The rule that asked for it, or nothing.")
    call_id = words("The call in which it was asked for, or nothing.", attribute="call")


class SuppressionPageSchema(Shape):
    """Some suppressions, newest first."""

    suppressions = fields.List(fields.Nested(SuppressionSchema()), required=True)
    next = cursor()


class SuppressionFilterSchema(PageSchema):
    """Which suppressions."""

    reason = Text(most=64, pattern=r"(?:[A-Za-z][A-Za-z0-9_.\-]*)?", load_default="")


class FindingSchema(Shape):
    """Something wrong or noteworthy in a bundle, at a place."""

    level = words("error, warning or note.")
    rule = words("The name of the check.")
    message = words("What is wrong.")
    help = words("The mend, or nothing.")
    path = words("The file.")
    line = fields.Integer(required=True)
    column = fields.Integer(required=True)


class SubmitSchema(Shape):
    """A bundle's files."""

    files = Files(
        required=True, metadata=described("Each file's text by its path, as `flows/collections/flow.yaml`.")
    )


class ProofSchema(Shape):
    """What is known of one rule in one flow."""

    rule = words("The rule.")
    flow = words("The flow.")
    verdict = words("proved, broken or could_not_check.")
    reason = words("Why it could not be checked, or nothing.")
    call = listed("The shortest call that breaks it, line by line.")


class CheckedSchema(Shape):
    """What the checks found."""

    digest = fields.String(required=True, allow_none=True, metadata=described("Null where it does not compile."))
    stored = fields.Boolean(required=True, metadata=described("Whether it is kept as a draft that can be activated."))
    findings = fields.List(fields.Nested(FindingSchema()), required=True)
    proofs = fields.List(fields.Nested(ProofSchema()), required=True, metadata=described("What was proved or refuted."))


class BundleRowSchema(Shape):
    """A bundle as listed."""

    digest = words("What it is called by.")
    added = Moment(required=True)
    activated = Moment(required=True, allow_none=True)
    in_force = fields.Boolean(required=True, metadata=described("Whether new calls run under it."))


class BundleListSchema(Shape):
    """Every bundle, newest first."""

    bundles = fields.List(fields.Nested(BundleRowSchema()), required=True)


class FlowSchema(Shape):
    """A call flow."""

    id = words("Its name.")
    version = words("Its version.")
    title = words("What it is for.")
    states = listed("Its dialogue states.")


class DocumentSchema(Shape):
    """A document of a bundle."""

    kind = words("What it holds.")
    id = words("Its name.")
    version = words("Its version.")
    title = words("What it is for.")
    path = words("Its file.")
    digest = words("Digest of its content.")


class BundleSchema(Shape):
    """A bundle, with its flows and the report of its checks."""

    digest = words("What it is called by.")
    in_force = fields.Boolean(required=True)
    locales = listed("The languages it can speak.")
    flows = fields.List(fields.Nested(FlowSchema()), required=True)
    documents = fields.List(fields.Nested(DocumentSchema()), required=True)
    findings = fields.List(fields.Nested(FindingSchema()), required=True)
    proofs = fields.List(fields.Nested(ProofSchema()), required=True, metadata=described("What was proved or refuted."))


DECIDE, DIAL, EXPLAINED = DecideSchema(), DialSchema(), ExplainedSchema()
SUPPRESS, SUPPRESSED = SuppressSchema(), SuppressedSchema()
SUPPRESSIONS, SUPPRESSION_FILTER = SuppressionPageSchema(), SuppressionFilterSchema()
SUBMIT, CHECKED, BUNDLES, BUNDLE = SubmitSchema(), CheckedSchema(), BundleListSchema(), BundleSchema()

DECIDE_EXAMPLE: dict[str, Any] = {
    "at": "2026-03-10T14:00:00-05:00",
    "facts": {"party.zip": "78701", "account.balance": 24000, "voice.kind": "ai"},
    "history": [{"kind": "conversation", "at": "2026-03-09T15:00:00-05:00", "debt": "debt-9001"}],
}
SUPPRESS_EXAMPLE: dict[str, Any] = {"scope": "number", "subject": "+15125550143", "reason": "stop_calling"}
SUBMIT_EXAMPLE: dict[str, Any] = {
    "files": {"flows/call/flow.yaml": "callwright: 1\nkind: flow\nid: call\nversion: 1.0.0\ntitle: A call\n"}
}
