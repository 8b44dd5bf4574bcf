"""What a process remembers: the last things, for a while."""

from engine.records.recent import LONGEST, MOST, Recent


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_what_was_put_last_is_remembered_for_a_while() -> None:
    clock = Clock()
    recent: Recent[str] = Recent(clock)
    recent.put("a", "one")
    recent.put("a", "two")
    assert recent.get("a") == "two"
    assert recent.get("b") is None
    clock.now = LONGEST + 1
    assert recent.get("a") is None


def test_what_goes_on_is_remembered_longer() -> None:
    clock = Clock()
    recent: Recent[int] = Recent(clock)
    recent.put("old", 1)
    recent.put("young", 1)
    clock.now = LONGEST - 1
    recent.put("young", 2)
    clock.now = LONGEST + 1
    assert (recent.get("old"), recent.get("young")) == (None, 2)


def test_no_more_than_so_many_are_remembered() -> None:
    recent: Recent[int] = Recent(Clock())
    for number in range(MOST + 1):
        recent.put(str(number), number)
    assert (recent.get("0"), recent.get("1"), recent.get(str(MOST))) == (None, 1, MOST)


def test_what_is_dropped_is_forgotten() -> None:
    recent: Recent[int] = Recent(Clock())
    recent.put("a", 1)
    recent.drop("a")
    recent.drop("b")
    assert recent.get("a") is None
