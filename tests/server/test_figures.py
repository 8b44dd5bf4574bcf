"""Figures: counted from what was kept, by hand here."""

import pytest

from tests.server.running import ANSWERED, AT, FACTS, Running, people

EVERYTHING = {"campaign": "figures"}


def test_a_summary_counts_calls_and_what_became_of_them(server: Running) -> None:
    with server.client() as client:
        empty = client.get("/metrics/summary", campaign="nothing")
        assert empty["calls"] == 0
        assert empty["success"] == {"part": 0, "whole": 0, "value": None}
        assert empty["daily"] == []
        for number in range(3):
            said = client.begin(people(number), FACTS, campaign="figures", event=ANSWERED)
            if number:
                client.turn(said.call, 2, {"kind": "hung_up", "time": AT})
        whole = client.get("/metrics/summary", **EVERYTHING)
        assert whole["calls"] == 3
        assert whole["success"]["whole"] == 2
        assert sum(whole["dispositions"].values()) == 2
        assert [day["calls"] for day in whole["daily"]] == [3]
        assert set(whole["jobs"]) >= {"queued", "dead_letter", "review"}
        assert client.get("/metrics/summary", **EVERYTHING, flow="nowhere")["calls"] == 0
        assert client.get("/metrics/summary", **EVERYTHING, until="2020-01-01T00:00:00Z")["calls"] == 0
        bundle = said.whole["call_state"]["bundle"]
        assert client.get("/metrics/summary", **EVERYTHING, bundle=bundle)["calls"] == 3


@pytest.mark.parametrize("words", ["yes this is Alex", "kumquats on a hill"])
def test_the_report_on_understanding_keeps_no_words(server: Running, words: str) -> None:
    with server.client() as client:
        before = client.get("/nlu/report")
        said = client.begin(people(1), FACTS, event=ANSWERED)
        client.turn(said.call, 2, {"kind": "words", "text": words, "time": AT})
        after = client.get("/nlu/report")
    assert after["turns"] == before["turns"] + 1
    assert sum(after["histogram"]) <= after["turns"]
    assert "kumquat" not in str(after)
