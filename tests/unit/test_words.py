"""The words for the mistakes: there for each, short enough, no two alike, and never the answer."""

import inspect
import re

import pytest

from rnn_ref.conformance.mistakes.make import source
from rnn_ref.conformance.spec.bases import right
from rnn_ref.conformance.spec.catalogue import ENTRIES, MISTAKES, WORDS, of, words_in
from rnn_ref.conformance.spec.mistake import Words, form, mistake
from rnn_ref.conformance.targets import layouts

MADE = {(mistake.slug, function) for mistake in MISTAKES for function in mistake.functions}
CONVENTIONS = {*(f"layout-{name}" for name in layouts.LAYOUTS), "returns-pair"}
LONGEST = {"found": 90, "matters": 300, "look": 170, "right": 76, "wrong": 76}


def squeezed(text: str) -> str:
    return re.sub(r"\s+", "", text)


def test_every_slug_has_words_and_no_words_are_left_over() -> None:
    general = {key for key in WORDS if ":" not in key}
    assert general == {slug for slug, _ in MADE} | CONVENTIONS
    assert {tuple(key.split(":")) for key in WORDS if ":" in key} <= MADE


def test_words_of_a_later_family_for_a_known_slug_are_for_its_own_functions() -> None:
    own = WORDS["no-tanh"]._replace(found="another thing")
    found = words_in([*ENTRIES, mistake("no-tanh", own, form(("gru_forward",), ("a", "b")))])
    assert (found["no-tanh"], found["no-tanh:gru_forward"]) == (WORDS["no-tanh"], own)


def test_where_a_function_has_words_of_its_own_those_are_given() -> None:
    assert of("sign", "rnn_bptt") == WORDS["sign:rnn_bptt"] != of("sign", "cross_entropy") == WORDS["sign"]
    for slug in {key.partition(":")[0] for key in WORDS if ":" in key}:  # the general ones are somebody's
        assert WORDS[slug] in {of(name, function) for name, function in MADE if name == slug}
    with pytest.raises(KeyError, match="no-such"):
        of("no-such")


@pytest.mark.parametrize("key", WORDS)
def test_the_words_are_short_plain_and_whole_sentences(key: str) -> None:
    for field, text in WORDS[key]._asdict().items():
        assert 0 < len(text) <= LONGEST[field], field
        assert text.isascii(), field
        assert text == " ".join(text.split("\n")).strip()
        assert field in {"right", "wrong"} or "  " not in text
    words = WORDS[key]
    assert words.found[-1] not in ".:;?"  # what follows a colon
    assert words.matters.endswith(".")
    assert words.look.endswith((".", "?"))
    assert words.right != words.wrong


@pytest.mark.parametrize("field", ["found", "matters", "look"])
def test_no_two_are_alike(field: str) -> None:
    texts = [getattr(words, field) for words in set(WORDS.values())]
    assert len(set(texts)) == len(texts)


def test_no_two_mistakes_have_both_formulas_in_common() -> None:
    pairs = [(words.right, words.wrong) for words in set(WORDS.values())]
    assert len(set(pairs)) == len(pairs)


def lines_of(text: str) -> set[str]:
    """Return the lines of a function that say something, without their indentation."""
    return {squeezed(line) for line in text.splitlines() if len(squeezed(line)) > 6}


def gives_away(words: Words, slug: str, function: str) -> bool:
    """Whether ``look`` holds the formula, an edited piece of code as it should be, or a line that the mistake lost."""
    base = inspect.getsource(right(function))
    mine = [mistake for mistake in MISTAKES if mistake.slug == slug and function in mistake.functions]
    answers = {squeezed(part) for part in re.split(r" {3,}|,  ", words.right)}
    for made in mine:
        answers |= lines_of(base) - lines_of(source((made,), function))
        answers |= {squeezed(old) for old, _ in made.edits if len(squeezed(old)) > 6}
    return any(answer in squeezed(words.look) for answer in answers)


@pytest.mark.parametrize(("slug", "function"), sorted(MADE))
def test_where_to_look_is_not_the_answer(slug: str, function: str) -> None:
    assert not gives_away(of(slug, function), slug, function)


@pytest.mark.parametrize("told", ["Use dh_t = dh_states[t] + dh_next.", "Write dh_states[t]+dh_next.", "Try: {}."])
def test_an_answer_would_be_noticed(told: str) -> None:
    words = of("no-dh-next", "rnn_backward")
    assert gives_away(words._replace(look=told.format(words.right)), "no-dh-next", "rnn_backward")
