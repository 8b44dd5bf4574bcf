"""People whose every identifier is unlike anything else, and a search for them in raw bytes.

An identifier is searched for by the part that all of its kind share, in every form in which it may lie about: as it
is, in capitals, in UTF-16, in hexadecimal, in base64 at each of its three offsets, and, when it is made of digits, with
anything between them and in words; digits within longer ones, as of a hash, or of a moment are no find. The search
knows nothing of how what is kept is sealed.
"""

import base64
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from engine.records.parties import Parties
from tests.engine.outbound.campaign import FACTS

_WORDS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
SSN, CARD, PHONE = "07805", "492912345678", "512555"
#: What all identifiers of a kind have in common.
STEMS = ("ACCTcanary", "PERScanary", "DEBTcanary", "HOUSEcanary", "NAMEcanary", "LASTcanary", "WORDcanary")
DIGITS = (SSN, CARD, PHONE)
_MOMENT = re.compile(rb"\d\d:\d\d:\d\d\.\d{6}")


def person(n: int) -> tuple[Parties, dict[str, object]]:
    """Give the n-th canary, and what is known of it."""
    number = f"{PHONE}{n:04d}"
    parties = Parties(
        f"ACCTcanary{n:04d}", f"PERScanary{n:04d}", number, (f"DEBTcanary{n:04d}",), f"HOUSEcanary{n:04d}"
    )
    return parties, {**FACTS, "party.first_name": f"NAMEcanary{n:04d}", "account.places": frozenset({"US"})}


def lines(n: int) -> list[str]:
    """Give what a canary tells in a call: everything, in the n-th manner of speaking."""
    ssn, card = f"{SSN}{n % 10000:04d}", f"{CARD}{n % 10000:04d}"
    match n % 3:
        case 0:
            ssn, card = f"{ssn[:3]}-{ssn[3:5]}-{ssn[5:]}", " ".join(card[i : i + 4] for i in range(0, 16, 4))
        case 1:
            ssn, card = spoken(ssn), spoken(card)
    return [
        "yes this is she",
        f"my social is {ssn}",
        f"take it off my card {card}",
        f"this is LASTcanary{n:04d} and my number is {spoken(PHONE)}",
        f"WORDcanary{n:04d} and stop calling me",
    ]


def spoken(digits: str) -> str:
    """Give digits in words."""
    return " ".join(_WORDS[int(digit)] for digit in digits)


def patterns() -> dict[str, re.Pattern[bytes]]:
    """Give, by what they look for, patterns of which none may be found."""
    found = {stem: _any(_forms(stem)) for stem in STEMS}
    for digits in DIGITS:
        whole = [*(digit.encode() for digit in digits), *[b"[0-9]"] * 4]
        apart = b"[^0-9A-Za-z]{0,2}".join(whole)
        wide = b"[^0-9A-Za-z]{0,3}".join(digit + rb"\x00" for digit in whole)
        words = rb"[^0-9A-Za-z]{1,4}".join(rb"\x00?".join(map(_byte, _WORDS[int(digit)])) for digit in digits[:6])
        coded = _any(form for form in _forms(digits) if digits.encode() not in form and b"\0" not in form)
        alone = rb"(?<![0-9A-Fa-f])1?(?:" + apart + rb")(?![0-9A-Fa-f])"
        found[digits] = re.compile(b"|".join((alone, wide, b"(?i:" + words + b")", coded.pattern)))
    return found


def _byte(letter: str) -> bytes:
    return letter.encode()


def _forms(text: str) -> Iterator[bytes]:
    for one in dict.fromkeys((text, text.lower(), text.upper())):
        plain = one.encode()
        yield from (plain, one.encode("utf-16-le"), plain.hex().encode(), plain.hex().upper().encode())
        for offset in range(3):
            whole = base64.b64encode(bytes(offset) + plain)
            start, left = -(-offset * 8 // 6), (offset + len(plain)) * 8 // 6
            yield whole[start:left]
            yield whole[start:left].replace(b"+", b"-").replace(b"/", b"_")


def _any(forms: Iterable[bytes]) -> re.Pattern[bytes]:
    return re.compile(b"|".join(re.escape(form) for form in dict.fromkeys(forms) if len(form) >= 6))


def search(places: Iterable[tuple[str, bytes]]) -> tuple[list[str], int]:
    """Return where something was found, and how many bytes were searched."""
    wanted, found, searched = patterns(), [], 0
    for place, data in places:
        searched += len(data)
        data = _MOMENT.sub(b"hh:mm:ss.ffffff", data)
        for name, pattern in wanted.items():
            hit = pattern.search(data)
            if hit is not None:
                found.append(f"{place} holds {name}: {hit[0][:60]!r} at {hit.start()}")
    return found, searched


def files(folder: Path, pattern: str = "**/*") -> Iterator[tuple[str, bytes]]:
    """Give every file under a folder."""
    for path in sorted(folder.glob(pattern)):
        if path.is_file():
            yield str(path.relative_to(folder)), path.read_bytes()
