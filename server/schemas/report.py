"""Figures."""

from marshmallow import fields

from server.fields import Moment, Shown, Text
from server.schemas.common import Shape, campaign, described

RATE = {
    "type": ["object", "null"],
    "properties": {
        "part": {"type": "integer"},
        "whole": {"type": "integer"},
        "value": {"type": ["number", "null"]},
    },
}


class SummaryFilterSchema(Shape):
    """Which calls."""

    campaign = campaign(load_default="")
    flow = Text(most=64, pattern=r"[A-Za-z0-9_.\-]*", load_default="", metadata=described("One call flow."))
    bundle = Text(
        most=64,
        pattern=r"(?:[0-9a-f]{64})?",
        load_default="",
        metadata=described("One version of the flows and rules, by its digest."),
    )
    since = Moment(load_default=None, metadata=described("From here on."))
    until = Moment(load_default=None, metadata=described("Up to here."))


class DaySchema(Shape):
    """One day, in UTC."""

    day = fields.String(required=True)
    calls = fields.Integer(required=True)
    right_party = fields.Integer(required=True)
    promises = fields.Integer(required=True)


def counts(text: str) -> fields.Dict:
    """Return a field for counts by name."""
    return fields.Dict(
        keys=fields.String(), values=fields.Integer(), required=True, metadata=described(text)
    )


def rate(text: str) -> Shown:
    """Return a field for a part of a whole."""
    return Shown(RATE, required=True, metadata=described(text))


class SummarySchema(Shape):
    """What happened, with every rate's numerator and denominator."""

    attempts = fields.Integer(required=True, metadata=described("Calls signalled to the network."))
    calls = fields.Integer(required=True, metadata=described("Calls conducted."))
    success = rate("Calls that ended in success by the vocabulary / calls that ended.")
    right_party = rate("Calls with the right person / calls.")
    promise = rate("Calls with a promise / calls with the right person.")
    median_seconds_to_promise = fields.Integer(required=True, allow_none=True)
    mean_seconds_to_promise = fields.Float(required=True, allow_none=True)
    daily = fields.List(fields.Nested(DaySchema()), required=True, metadata=described("Day by day, oldest first."))
    blocked = counts("Dials that were denied, by rule.")
    prevented = counts("Turns in which a rule held back what was planned, by rule.")
    dispositions = counts("Calls by how they ended.")
    jobs = counts("Jobs by state, at this moment.")


class HeardFilterSchema(Shape):
    """Since when."""

    since = Moment(load_default=None, metadata=described("From here on."))


class IntentSchema(Shape):
    """How well one intent is understood."""

    intent = fields.String(required=True)
    heard = fields.Integer(required=True, metadata=described("How often it was the best reading."))
    accepted = fields.Integer(required=True, metadata=described("How often it was acted on."))
    low = fields.Integer(required=True, metadata=described("How often it was the best reading with a score under 0.6."))
    actions = counts("What the agent did in those turns.")


class HeardSchema(Shape):
    """What was understood in stored calls. No text of theirs is kept."""

    turns = fields.Integer(required=True, metadata=described("Turns with words."))
    not_understood = fields.Integer(required=True, metadata=described("Turns in which no intent was accepted."))
    histogram = fields.List(
        fields.Integer(), required=True, metadata=described("Best scores by tenths: 0.0 to 0.1, … 0.9 to 1.0.")
    )
    intents = fields.List(fields.Nested(IntentSchema()), required=True)
    outcomes = counts("How these calls ended.")


SUMMARY, SUMMARY_FILTER = SummarySchema(), SummaryFilterSchema()
HEARD, HEARD_FILTER = HeardSchema(), HeardFilterSchema()
