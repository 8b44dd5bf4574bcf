"""Made-up people to rehearse a campaign with: seeded, of many places, some of whom may not be called."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random

from engine.expressions.tree import Value
from engine.records.parties import Parties

#: Area code, ZIP code, places and time zone that agree with one another.
_PLACES = (
    ("212", "10001", ("NY", "NYC"), "America/New_York"),
    ("518", "12207", ("NY",), "America/New_York"),
    ("617", "02108", ("MA",), "America/New_York"),
    ("202", "20001", ("DC",), "America/New_York"),
    ("404", "30303", ("GA",), "America/New_York"),
    ("305", "33130", ("FL",), "America/New_York"),
    ("312", "60601", ("IL",), "America/Chicago"),
    ("512", "78701", ("TX",), "America/Chicago"),
    ("612", "55401", ("MN",), "America/Chicago"),
    ("303", "80202", ("CO",), "America/Denver"),
    ("602", "85003", ("AZ",), "America/Phoenix"),
    ("206", "98101", ("WA",), "America/Los_Angeles"),
    ("213", "90012", ("CA",), "America/Los_Angeles"),
    ("808", "96813", ("HI",), "Pacific/Honolulu"),
)
_FIRST = ("Alex", "Ana", "Bo", "Chris", "Dana", "Eli", "Fay", "Gus", "Hana", "Ines", "Jo", "Kim", "Lee", "Mia", "Noor")
_LAST = ("Adams", "Brown", "Cruz", "Diaz", "Evans", "Fox", "Garcia", "Hill", "Ito", "Jones", "Khan", "Lopez", "Moore")
_CREDITORS = ("First Example Bank", "Example Card Services", "Sample Medical Group")
_FLAGS = ("attorney", "bankruptcy", "written_dispute", "military", "deceased")


@dataclass(frozen=True, slots=True)
class Person:
    """A made-up person.

    Args:
        parties: How the host names them.
        facts: What the host tells of them.
        known: What the records know of their number.
        zone: Where they truly are.
    """

    parties: Parties
    facts: Mapping[str, Value] = field(repr=False)
    known: Mapping[str, Value] = field(repr=False)
    zone: str


def people(count: int, seed: int, today: date) -> tuple[Person, ...]:
    """Return *count* people; the same seed gives the same."""
    return tuple(_person(n, Random(f"{seed}|{n}"), today) for n in range(count))


def _person(n: int, random: Random, today: date) -> Person:
    area, zip_code, places, zone = random.choice(_PLACES)
    number = f"{area}{200 + n // 10000 % 700}{n % 10000:04d}"
    ids = {"account.id": f"A{n:06d}", "person.id": f"P{n:06d}", "household.id": f"H{n:06d}", "debt.id": f"D{n:06d}"}
    parties = Parties(ids["account.id"], ids["person.id"], number, (ids["debt.id"],), ids["household.id"])
    flags = frozenset({random.choice(_FLAGS)}) if random.random() < 0.05 else frozenset()
    facts: dict[str, Value] = {
        **{name: value for name, value in ids.items() if name != "debt.id"},
        "agent.name": "Robin",
        "agency.name": "Northwind Services",
        "agency.name_is_neutral": True,
        "agency.contact_person": "Pat Jones",
        "agency.callback_number": "8005550100",
        "voice.kind": "ai",
        "party.first_name": random.choice(_FIRST),
        "party.last_name": random.choice(_LAST),
        "party.zip": zip_code,
        "party.dob": date(random.randint(1945, 2004), random.randint(1, 12), random.randint(1, 28)).toordinal(),
        "party.ssn4": f"{random.randint(0, 9999):04d}",
        "party.house_number": str(random.randint(1, 999)),
        "party.location_known": random.random() < 0.9,
        "account.places": frozenset({"US", *places}),
        "account.balance": random.randint(50, 5000) * 100,
        "account.flags": flags,
        "account.in_disaster_area": random.random() < 0.01,
        "debt.creditor": random.choice(_CREDITORS),
        "debt.collector": "third_party",
        "debt.kind": "consumer",
        "debt.time_barred": False,
        "debt.validation_sent": True,
        "debt.validation_ends_on": (today - timedelta(days=60)).toordinal(),
        "number.kind": random.choice(("mobile", "mobile", "mobile", "landline")),
        "number.line": "ordinary",
        "number.work_forbidden": False,
    }
    known: dict[str, Value] = {
        "consent.number": "express" if random.random() < 0.95 else "none_given",
        "reassigned.answer": "no" if random.random() < 0.98 else "yes",
        "reassigned.checked_on": (today - timedelta(days=random.randint(1, 10))).toordinal(),
    }
    return Person(parties, facts, known, zone)
