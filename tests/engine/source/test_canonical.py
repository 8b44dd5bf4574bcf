"""The digest changes with what is said, and with nothing else."""

from pathlib import PurePosixPath

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from engine.source.canonical import canonical, digest, document_digest
from engine.source.documents import Document
from engine.source.read import read_texts
from engine.source.syntax import parse

PROMPTS = """\
callwright: 1
kind: prompts
id: p.en
version: 1.0.0
title: What is said
locale: en-US
prompts:
  hello: Hello, may I speak with you?
  goodbye: {text: Goodbye., discloses: [debt, payment]}
"""


def document(text: str, path: str = "flows/p.yaml") -> Document:
    """Return the one document that *text* is."""
    sources = read_texts({PurePosixPath(path): text})
    assert sources.findings == ()
    return sources.documents[0]


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("# a comment\n\n" + PROMPTS, id="comments"),
        pytest.param(
            PROMPTS.replace("title: What is said\nlocale: en-US\n", "locale: en-US\ntitle: What is said\n"), id="order"
        ),
        pytest.param(
            PROMPTS.replace("Hello, may I speak with you?", "'Hello, may I speak with you?'"), id="single quotes"
        ),
        pytest.param(
            PROMPTS.replace("Hello, may I speak with you?", '"Hello, may I \\\n    speak with you?"'), id="double"
        ),
        pytest.param(
            PROMPTS.replace("Hello, may I speak with you?", ">-\n    Hello, may I\n    speak with you?"), id="folded"
        ),
        pytest.param(PROMPTS.replace("\n", "\r\n"), id="line ends"),
        pytest.param(
            PROMPTS.replace(
                "{text: Goodbye., discloses: [debt, payment]}",
                "\n    discloses:\n    - debt\n    - payment\n    text: Goodbye.",
            ),
            id="blocks",
        ),
    ],
)
def test_how_it_is_written_does_not_count(text: str) -> None:
    assert digest([document(text)]) == digest([document(PROMPTS)])
    assert document_digest(document(text)) == document_digest(document(PROMPTS))


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(PROMPTS.replace("Hello", "Hullo"), id="a word"),
        pytest.param(PROMPTS.replace("[debt, payment]", "[payment, debt]"), id="the order of a list"),
        pytest.param(PROMPTS.replace("1.0.0", "1.0.1"), id="the version"),
        pytest.param(PROMPTS.replace("hello:", "hallo:"), id="a name"),
    ],
)
def test_what_it_says_counts(text: str) -> None:
    assert digest([document(text)]) != digest([document(PROMPTS)])


def test_the_owner_counts_and_the_rest_of_the_path_does_not() -> None:
    designers, elsewhere, compliance = (
        document(PROMPTS, p) for p in ("flows/p.yaml", "flows/a/b.yaml", "policies/p.yaml")
    )
    assert digest([designers]) == digest([elsewhere])
    assert digest([designers]) != digest([compliance])


def test_documents_count_in_any_order_and_scenarios_not_at_all() -> None:
    one, two = document(PROMPTS), document(PROMPTS.replace("p.en", "q.en"))
    scenario = document(
        "callwright: 1\nkind: scenario\nid: s\nversion: 1.0.0\ntitle: t\n"
        "dial: [{at: 2026-03-10T14:00:00Z, allowed: true}]\n",
        "scenarios/s.yaml",
    )
    assert digest([one, two]) == digest([two, scenario, one]) != digest([one])


TREES = st.recursive(
    st.text(alphabet="abé \"'", max_size=5),
    lambda below: st.one_of(
        st.lists(below, max_size=3), st.dictionaries(st.text("abc", min_size=1), below, max_size=3)
    ),
    max_leaves=10,
)


def reverse(tree: object) -> object:
    """Return *tree* with every mapping's keys the other way round."""
    if isinstance(tree, dict):
        return {key: reverse(tree[key]) for key in reversed(tree)}
    return [reverse(item) for item in tree] if isinstance(tree, list) else tree


@given(TREES)
def test_the_order_of_keys_and_the_style_never_count(tree: object) -> None:
    path = PurePosixPath("x")
    forms = [
        yaml.safe_dump({"a": tree}, default_style='"', allow_unicode=True, sort_keys=False),
        yaml.safe_dump(
            {"a": reverse(tree)}, default_style="'", allow_unicode=True, sort_keys=False, default_flow_style=True
        ),
    ]
    roots = [parse(form, path).root for form in forms]
    assert None not in roots
    assert canonical(roots[0]) == canonical(roots[1])  # type: ignore[arg-type]
