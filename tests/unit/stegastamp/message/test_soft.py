"""Soft decision: the nearest word as an exhaustive search finds it, and a chance that is counted, not estimated."""

from itertools import product
from math import comb

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from longrun import UserError
from stegastamp.message import soft
from stegastamp.message.bch import BCH
from stegastamp.message.formats import FORMATS

SMALL = BCH(polynomial=0b10011, correctable=2, data_bits=7)
GENERATOR = np.stack([SMALL.encode(row) for row in np.eye(7, dtype=np.uint8)])
OFFSET = np.uint8([1, 0, 1, 1, 0, 0, 0, 1, 0, 1, 0, 0, 1, 1, 1])
WORDS = (np.uint8(list(product((0, 1), repeat=7))) @ GENERATOR & 1) ^ OFFSET


def nearest(logits, **options):
    return soft.candidates(GENERATOR, OFFSET, logits > 0, soft.reliabilities(logits), **options)


@pytest.mark.parametrize("order", [2, 3])
def test_the_nearest_words_are_those_of_an_exhaustive_search(order):
    draw = np.random.default_rng(order)
    same = 0
    for _ in range(200):
        logits = draw.standard_normal(15)
        contradicted = ((logits > 0) != WORDS) @ soft.reliabilities(logits)
        [best, *_] = nearest(logits, order=order)
        assert any((best.word == word).all() for word in WORDS)
        assert best.disagreement == int(((logits > 0) != best.word) @ soft.reliabilities(logits))
        same += best.disagreement == contradicted.min()
    # On pure noise the search is not complete: two changes of seven bits miss a word now and then, three hardly ever.
    assert same >= (190 if order == 2 else 199)


def test_candidates_are_different_and_the_best_comes_first():
    found = nearest(np.random.default_rng(0).standard_normal(15), keep=6)
    assert len({one.word.tobytes() for one in found}) == 6
    assert len(nearest(np.ones(15), order=1, keep=100)) == 1 + 7
    assert len({one.word.tobytes() for one in nearest(np.ones(15), keep=100)}) == 1 + 7 + 21
    assert len({one.word.tobytes() for one in nearest(np.ones(15), order=3, keep=100)}) == 1 + 7 + 21 + 35
    assert [one.disagreement for one in found] == sorted(one.disagreement for one in found)


@settings(max_examples=30)
@given(some.integers(0, 2**32), some.sampled_from(list(FORMATS.values())), some.data())
def test_errors_in_unreliable_bits_do_not_matter_however_many(seed, form, data):
    """Hard decision fails at t + 1 errors; here twice t are wrong, each less sure than any right bit."""
    draw = np.random.default_rng(seed)
    word = draw.integers(0, 2, form.code.data_bits, dtype=np.uint8) @ form.generator & 1 ^ np.frombuffer(form.offset, np.uint8)
    logits = (2.0 * word - 1) * draw.uniform(1, 2, form.bits)
    wrong = draw.choice(form.bits, 2 * form.code.correctable, replace=False)
    logits[wrong] *= -0.05
    [best, *_] = soft.candidates(form.generator, np.frombuffer(form.offset, np.uint8), logits > 0, soft.reliabilities(logits))
    assert (best.word == word).all()


def test_soft_decision_reads_what_hard_decision_cannot():
    form, draw = FORMATS["text7"], np.random.default_rng(0)
    word = form.encode("Stega!!")
    logits = 2.0 * word - 1 + 0.68 * draw.standard_normal((60, 100))
    offset = np.frombuffer(form.offset, np.uint8)
    best = [soft.candidates(form.generator, offset, row > 0, soft.reliabilities(row))[0].word for row in logits]
    by_soft = sum((one == word).all() for one in best)
    by_hard = sum(found is not None for found in (form.decode_hard(row > 0, known_errors=9) for row in logits))
    assert by_soft >= 55 and by_hard <= 30


def test_the_chance_is_counted():
    weights = np.array([3, 1, 4, 1, 5, 9, 2, 6])
    sums = [np.dot(weights, flips) for flips in product((0, 1), repeat=8)]
    for limit in range(sum(weights) + 1):
        assert soft.chance(weights, limit) == np.mean([one <= limit for one in sums])


def test_with_equal_reliabilities_the_chance_is_that_of_hard_decision():
    """The spheres of a code do not overlap, so the union bound is exact: messages times chance is what the code's algebra counts."""
    code = FORMATS["text7"].code
    ball = sum(comb(91, errors) for errors in range(6)) / 2**91
    assert soft.chance(np.full(91, 64), 5 * 64) == pytest.approx(ball, rel=1e-12)
    assert 2.0**56 * soft.chance(np.full(91, 64), 5 * 64) == pytest.approx(code.false_accept_probability, rel=1e-12)


def test_the_chance_matches_a_simulation():
    draw = np.random.default_rng(0)
    weights = soft.reliabilities(draw.standard_normal(100))
    limit = int(0.4 * weights.sum())
    contradicted = (draw.integers(0, 2, (20_000, 100)) @ weights) <= limit
    assert contradicted.mean() == pytest.approx(soft.chance(weights, limit), abs=4 * contradicted.std() / 20_000**0.5)


def test_reliabilities_have_a_scale_of_their_own():
    logits = np.random.default_rng(0).standard_normal(100)
    weights = soft.reliabilities(logits)
    assert weights.dtype == np.int64 and weights.mean() == pytest.approx(64, abs=1)
    assert (soft.reliabilities(1000 * logits) == weights).all()
    assert soft.reliabilities(np.append(logits, 1e9)).max() == 255
    assert not soft.reliabilities(np.zeros(5)).any()
    # Nothing is sure: everything is as near, and certainty that it is so.
    assert soft.chance(np.zeros(5, np.int64), 0) == 1


@pytest.mark.parametrize("logits", [np.full(100, np.nan), np.append(np.zeros(99), np.inf)])
def test_what_is_no_number_is_a_persons_error(logits):
    """The weights that were named are those of a training that failed."""
    with pytest.raises(soft.NotFinite, match="soft decision needs finite logits") as caught:
        soft.reliabilities(logits)
    assert "\n" not in str(caught.value)


def test_another_shape_is_a_bug():
    with pytest.raises(ValueError, match="soft decision needs logits of shape") as caught:
        soft.reliabilities(np.zeros((1, 100)))
    assert not isinstance(caught.value, UserError)


def test_an_unknown_order_is_refused():
    with pytest.raises(ValueError, match="order is 1, 2 or 3, not 4"):
        nearest(np.ones(15), order=4)
