"""Shapes that several resources share."""

from typing import Any

from marshmallow import RAISE, Schema, fields, post_load

from engine.records.parties import Parties
from server.fields import Many, Moment, Shown, Text, Written, many, ref

UUID = {"type": "string", "format": "uuid"}
FREE = {"type": ["boolean", "integer", "string", "array", "null"]}


class Shape(Schema):
    """A shape in which nothing unknown stands."""

    class Meta:
        """How strict it is."""

        unknown = RAISE


def described(text: str, **more: Any) -> dict[str, Any]:
    """Return the metadata of a field."""
    return {"description": text, **more}


def ident(text: str, **given: Any) -> Shown:
    """Return a field for the id of a call, job, attempt or suppression, in an answer."""
    return Shown(UUID, metadata=described(text), **given)


def words(text: str, **given: Any) -> fields.String:
    """Return a field for a text, in an answer."""
    return fields.String(metadata=described(text), required=True, **given)


def listed(text: str, inner: Any = None) -> fields.List[Any]:
    """Return a field for a list, in an answer."""
    return fields.List(inner or fields.String(), metadata=described(text), required=True)


class PartiesSchema(Shape):
    """Whom a call concerns, by the host's own references."""

    account = ref(required=True, metadata=described("The account."))
    person = ref(required=True, metadata=described("The consumer."))
    number = Text(
        least=10,
        most=16,
        pattern=r"\+[1-9][0-9]{9,14}|[2-9][0-9]{9}",
        required=True,
        metadata=described("The number to be dialled: E.164, or ten US digits."),
    )
    debts: Many = many(ref(), 20, load_default=list, metadata=described("The debts that the call would be about."))
    household = Text(load_default="", metadata=described("Whose contacts count together, where that is known."))

    @post_load
    def as_parties(self, data: dict[str, Any], **_: Any) -> Parties:
        """Return what the engine works with."""
        return Parties(data["account"], data["person"], data["number"], tuple(data["debts"]), data["household"])


PARTIES_EXAMPLE = {
    "account": "acct-1001",
    "person": "person-501",
    "number": "+15125550143",
    "debts": ["debt-9001"],
}


def parties(**given: Any) -> fields.Nested:
    """Return a field for the parties of a call."""
    given.setdefault("metadata", described("Whom the call concerns."))
    return fields.Nested(PartiesSchema(), **given)


def locale(**given: Any) -> Text:
    """Return a field for a language, as ``en-US``."""
    return Text(most=20, pattern=r"(?:[a-z]{2,3}(?:-[A-Z]{2})?)?", load_default="", **given)


def zones() -> Many:
    """Return a field for time zones."""
    zone = Text(least=1, most=64, pattern=r"[A-Za-z][A-Za-z0-9_+\-]*(?:/[A-Za-z0-9_+\-]+){0,2}")
    return many(zone, 12, load_default=list, metadata=described("IANA zones; empty lets the number and the facts say."))


def campaign(**given: Any) -> Text:
    """Return a field for a campaign's name."""
    return Text(most=64, pattern=r"[A-Za-z0-9_.\-]*", metadata=described("A name to list and measure by."), **given)


class PageSchema(Shape):
    """Which part of a list."""

    before = Text(
        most=36,
        pattern=r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}",
        load_default="",
        metadata=described("The `next` of the page before."),
    )
    limit = Written(1, 200, load_default=50, metadata=described("How many, at most."))


def next_of(page: Any, limit: int) -> str | None:
    """Return the cursor of the page after *page*, or None when there is none."""
    return page[-1].id if len(page) >= limit else None


def cursor() -> fields.String:
    """Return a field for the cursor of the next page."""
    return fields.String(allow_none=True, required=True, metadata=described("Ask for the next page with it; or null."))


class FiredSchema(Shape):
    """A rule that fired, and why."""

    rule = words("The rule.")
    effect = words("What it does, by its name in the language.")
    reason = words("Why, in words.")
    source = words("The law or policy it comes from.")
    severity = words("How grave a breach would be.")
    status = words("Whether the policy binds.")
    enforced = fields.Boolean(required=True, metadata=described("False: it would act, if the policy bound."))
    unknowns = fields.List(
        fields.String(),
        data_key="unknown",
        attribute="unknown",
        required=True,
        metadata=described("Facts whose being unknown made it act."),
    )
    place = words("File, line and column of the rule.")


class DecisionSchema(Shape):
    """The answer to one question put to the rules."""

    ask = words("The question.")
    subject = words("A prompt, an action, `end`, a debt, or nothing.")
    at = Moment(required=True, metadata=described("When it was asked."))
    outcome = words("allow, route_human or deny.")
    fired = fields.List(fields.Nested(FiredSchema()), required=True, metadata=described("Every rule that fired."))
    warnings = listed("What rules say with `warn`.")
    faults = listed("What went wrong in the asking; each denies.")


class DialSchema(DecisionSchema):
    """The answer to whether a call may be placed."""

    bundle = words("Digest of the bundle that was asked.")
    facts = fields.Dict(
        keys=fields.String(), values=Shown(FREE), required=True, metadata=described("Each fact that a rule read.")
    )
    next_allowed = Moment(
        allow_none=True, required=True, metadata=described("The first later instant at which it would be allowed.")
    )
    must_change = listed("What must change, where waiting does not help.")
    local_times = fields.Dict(
        keys=fields.String(), values=fields.String(), required=True, metadata=described("Local time by zone.")
    )


