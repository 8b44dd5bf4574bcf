"""English phrases for days."""

from datetime import timedelta

from engine.nlu import day_meanings as means
from engine.nlu.day_meanings import Grammar, Meaning, month_after, month_end, next_weekday

_SURE_MONTHS = (
    "january|jan|february|feb|april|apr|june|jun|july|jul|august|aug|september|sept|sep|october|oct|november|nov|"
    "december|dec"
)
_MONTHS = f"{_SURE_MONTHS}|march|mar|may"
_WEEKDAYS = "monday|tuesday|wednesday|thursday|friday|saturday|sunday"
_NOT_DAYS = (
    "notice|time|call|letter|one|floor|grade|payment|chance|thing|person|reason|mortgage|job|wife|husband|party|"
    "place|grader|"
    "street|avenue|quarter|week|day|month|year|half|option|part|thought|hand|shift|try|amendment|degree|dollars|bucks|"
    r"people|guy|name|number|account|bill|phone|lady|company|percent|minutes|hours|days|weeks|months|years|step|two|\d"
)


def _english() -> Grammar:
    month = f"(?P<month>{_MONTHS})"
    short = "mon|tue|wed|thu|fri|sat|sun"
    shortened = f"(?<=on )(?:{short})|(?<=this )(?:{short})|(?<=next )(?:{short})"
    weekday = f"(?P<weekday>{_WEEKDAYS}|tues|weds|thurs|thur|{shortened})"
    year = r"(?: (?:of |in )?(?P<year>(?:19|20) ?\d\d|(?:19|20) 0 \d|\d\d(?!\d|th| dollars| bucks|[-/.:])))?"
    some = r"(?:\d{1,3}|an?|one|a couple of|a couple|a few|few)"
    number = f"(?P<n>{some})"
    units = "(?:business days?|days?|weeks?|months?|years?)"
    unit = "(?P<unit>business days?|days?|weeks?|months?|years?|fortnight)"
    end = "(?:the )?(?:very )?(?:end|last day|last) of"
    table: tuple[tuple[str, Meaning], ...] = (
        (r"(?P<y>(?:19|20)\d\d)[-/.](?P<m>\d{1,2})[-/.](?P<d>\d{1,2})", means.iso),
        (r"(?P<a>\d{1,2})[-/.](?P<b>\d{1,2})[-/.](?P<y>\d{4}|\d\d)", means.slashes),
        (r"(?P<a>\d{1,2})[-/](?P<b>\d{1,2}) (?P<y>(?:19|20)\d\d|\d\d(?! dollars| bucks| percent))", means.slashes),
        (r"(?P<a>\d{1,2})[-/](?P<b>\d{1,2})(?P<y>)", means.slashes),
        (rf"(?P<year>(?:19|20)\d\d) {month} (?P<day>\d{{1,2}})", means.month_day),
        (rf"(?P<day>\d{{1,2}}) (?P<month>{_SURE_MONTHS}){year}", means.month_day),
        (rf"(?:(?:{_WEEKDAYS}),? )?{month} (?:the )?(?P<day>\d{{1,2}})(?:th)?\b{year}", means.month_day),
        (rf"(?:(?:{_WEEKDAYS}),? )?(?:the )?(?P<day>\d{{1,2}})(?:th)?(?: day)? of {month}{year}", means.month_day),
        (rf"(?:the )?(?P<day>\d{{1,2}})th {month}{year}", means.month_day),
        (rf"{number} (?P<weekday>{_WEEKDAYS})s? (?:from now|later)", means.weekdays_ahead),
        (rf"(?:every|each|all|most) (?:other )?(?:(?:{_WEEKDAYS})s?|\d{{1,2}}th|day|week|month|"
         rf"\d+ weeks?)(?: and (?:the )?\d{{1,2}}th)?", means.no_day),
        (
            rf"(?:{_WEEKDAYS}) (?:through|thru|to) (?:{_WEEKDAYS})|between \w+ and (?:{_WEEKDAYS})|(?:{_WEEKDAYS})s",
            means.no_day,
        ),
        (
            rf"(?:the )?(?:1th|2th|last) (?:week|part|half) (?:of|in) (?:the |next |this )?(?:month|{_MONTHS})",
            means.no_day,
        ),
        (rf"(?:the )?(?:mid|middle|early|late|beginning|start) (?:of |in )?(?:the |next |this )?(?:month|week|"
         rf"{_MONTHS})", means.no_day),
        (
            rf"not (?:this )?{weekday} (?:but )?(?:the )?(?:next one|next 1|one after|1 after|following(?: one)?)",
            means.after_the_next,
        ),
        (rf"(?:the )?{weekday} after next", means.after_the_next),
        (rf"(?:the )?(?P<which>[1-5]th|last) {weekday} (?:of|in) (?P<of>(?:the|this|next|last|previous|following|"
         rf"coming) month|(?:next |this )?(?:{_MONTHS}))", means.nth_weekday),
        (rf"(?:[1-5]th|last) (?:{_WEEKDAYS}) of", means.no_day),
        (rf"[1-5]th (?:{_WEEKDAYS})", means.no_day),
        (
            rf"(?:in )?{some} {units}(?:,? (?:and )?{some} {units})+ (?:ago|back|earlier|later|from now|from today)",
            means.several_units,
        ),
        (rf"{some} {units} (?:from|after|before) (?:today|tomorrow|yesterday)", means.several_units),
        (rf"{number} weeks? (?:from|after) (?:this |next )?{weekday}", means.weeks_from_weekday),
        (r"in a week or (?:two|2)|a week or (?:two|2)", means.week_or_two),
        (rf"(?:in |within )?{number} {unit} (?:from now|away|later|hence)", means.ahead),
        (rf"{number} {unit} (?:ago|back|earlier)", means.back),
        (rf"(?:in|within) (?:the next |about |like |around )?{number} {unit}(?: 's)?(?: time)?", means.ahead),
        (r"(?:the )?day after tomorrow", means.in_days(2)),
        (r"(?:the )?day before yesterday", means.in_days(-2)),
        (r"tomorrow|(?:the )?next day", means.in_days(1)),
        (r"yesterday|last night", means.in_days(-1)),
        (r"today|tonight|right now|this (?:morning|afternoon|evening)|by close of business", means.in_days(0)),
        (rf"{weekday},? (?:the )?(?P<day>\d{{1,2}})th", means.weekday_and_day),
        (rf"{weekday} the (?P<day>\d{{1,2}})", means.weekday_and_day),
        (rf"{weekday} (?:of )?next week", means.weekday_of_next_week),
        (rf"next week (?:on )?{weekday}", means.weekday_of_next_week),
        (rf"{weekday} (?:in a week|week)", means.after_the_next),
        (rf"next {weekday}", means.weekday_called_next),
        (rf"(?:last|this past|past|previous) {weekday}", means.last_weekday),
        (rf"{end} (?:the|this) month|(?:by |at )?(?:the )?month 's end|month end|end of month", means.end_of_month(0)),
        (rf"{end} (?:the )?next month", means.end_of_month(1)),
        (rf"{end} {month}", means.end_of_named_month),
        (rf"{end} (?:the|this) week", means.week_end(0)),
        (rf"{end} next week", means.week_end(1)),
        (r"christmas eve", means.holiday(12, 24)),
        (r"christmas(?: day)?", means.holiday(12, 25)),
        (r"new years? (?:'s )?eve", means.holiday(12, 31)),
        (r"new years?(?: 's)? day|new years|new year 's", means.holiday(1, 1)),
        (r"thanksgiving(?: day)?", means.thanksgiving),
        (r"halloween", means.holiday(10, 31)),
        (r"valentines?(?: 's)? day", means.holiday(2, 14)),
        (rf"{weekday}", means.coming_weekday),
        (r"(?:the )?(?P<day>\d{1,2})th of (?:the )?(?:next|following|coming) month|"
         r"next month (?:on )?the (?P<later>\d{1,2})th", means.day_of_next_month),
        (
            r"(?:the )?(?P<day>\d{1,2})th of this month|this month (?:on )?the (?P<later>\d{1,2})th",
            means.day_of_this_month,
        ),
        (rf"(?:on |by |before |until |around |after |for |to )?the (?P<day>\d{{1,2}})th(?: of (?:the|every|"
         rf"each) month)?(?! (?:{_NOT_DAYS}))", means.day_of_month),
        (rf"(?:on|by|before|until|around|for) (?P<day>\d{{1,2}})th(?! (?:{_NOT_DAYS}))", means.day_of_month),
        (rf"(?:on|by|before|until|for) the (?P<day>\d{{1,2}})(?! (?:{_NOT_DAYS}|\w+day))", means.day_of_month),
        (r"on (?P<day>\d{1,2})(?= *$)", means.day_of_month),
        (r"^(?P<day>\d{1,2})th$", means.day_of_month),
        (r"next month", lambda p: (month_after(p.today, 1), month_end(month_after(p.today, 1)))),
        (
            r"next week",
            lambda p: (p.today + timedelta(7 - p.today.weekday()), p.today + timedelta(13 - p.today.weekday())),
        ),
        (r"(?:this|the) weekend", lambda p: tuple(next_weekday(p.today, day, today_counts=True) for day in (5, 6))),
    )  # fmt: skip
    return Grammar.of(
        table,
        r"\b(?:last|ago|already|was|were|sent|mailed|yesterday|went|came|had|met|previous)\b"
        r"|(?<!get )(?<!gets )(?<!getting )(?<!am )(?<!be )(?<!is )\bpaid\b",
        rf"(?:the )?(?:{number} )?(?P<unit>days?|weeks?|months?) (?P<way>after|before)",
    )


ENGLISH_DAYS = _english()
