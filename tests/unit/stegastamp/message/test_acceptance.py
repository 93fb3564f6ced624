"""What is accepted, and how often nothing would have been."""

import uuid

import numpy as np
import pytest

from stegastamp.message import soft
from stegastamp.message.acceptance import FALSE_ACCEPT, read
from stegastamp.message.formats import FORMATS, formats_for

TEXTS = formats_for(100)


def logits_of(name, message, noise=0.3, seed=0):
    word = FORMATS[name].encode(message)
    return 2.0 * word - 1 + noise * np.random.default_rng(seed).standard_normal(len(word))


@pytest.mark.parametrize(("name", "message"), [("text7", "Stega!!"), ("text5", "Köln"), ("text4", "link"), ("uuid", uuid.UUID(int=2**77))])
def test_every_format_is_told_from_the_others(name, message):
    logits = logits_of(name, message, 0.6)
    found = read(logits[None], formats_for(len(logits)))
    assert (found.message, found.format, found.bits) == (message, name, len(logits))
    assert found.corrected == ((logits > 0) != FORMATS[name].encode(message)).sum()
    assert 0 < found.false_accept_probability <= FALSE_ACCEPT


def test_the_best_of_many_tries_is_taken():
    noise = np.random.default_rng(0).standard_normal((5, 100))
    tries = np.vstack([noise[:2], logits_of("text7", "hello", 0.7), noise[2:], logits_of("text7", "hello", 0.1)])
    assert read(tries, TEXTS).attempt == 6
    assert read(tries[:4], TEXTS).attempt == 2


def test_the_printed_probability_is_the_arithmetic():
    """One try, one format: messages times the chance. More tries share the risk, and so do more formats."""
    logits = logits_of("text5", "hello", 0.6)
    weights = soft.reliabilities(logits)
    contradicted = ((logits > 0) != FORMATS["text5"].encode("hello")) @ weights
    alone = soft.chance(weights, contradicted) * FORMATS["text5"].messages
    assert read(logits[None], [FORMATS["text5"]]).false_accept_probability == pytest.approx(alone)
    assert read(logits[None], TEXTS).false_accept_probability == pytest.approx(4 * alone)
    noise = np.random.default_rng(0).standard_normal((7, 100))
    among = np.vstack([logits, noise])
    assert read(among, TEXTS).false_accept_probability == pytest.approx(8 * 4 * alone)
    assert read(among, TEXTS, [0.5, *[0.01] * 7]).false_accept_probability == pytest.approx(2 * 4 * alone)


@pytest.mark.parametrize("spread", ["normal", "equal", "few are sure"])
def test_noise_is_accepted_no_more_often_than_promised(spread):
    """At a limit of 10 % and 2 tries of 3 formats, whatever the reliabilities; and not much less, or the bound would be worthless."""
    draw = np.random.default_rng(1)
    count, limit = 300, 0.1
    size = {
        "normal": np.abs(draw.standard_normal((count, 2, 100))),
        "equal": np.ones((count, 2, 100)),
        "few are sure": draw.exponential(1, (count, 2, 100)) ** 2,
    }[spread]
    signs = draw.choice((-1, 1), size.shape)
    accepted = sum(read(case, TEXTS, limit=limit) is not None for case in signs * size)
    assert accepted <= count * limit + 3 * (count * limit * (1 - limit)) ** 0.5
    if spread == "normal":
        assert accepted >= count * limit / 10


def test_a_decoder_stuck_at_one_pattern_says_nothing():
    for pattern in (np.ones(100), -np.ones(100), np.zeros(100), np.tile([1.0, -1.0], 50)):
        assert read(pattern[None], TEXTS) is None
    assert read(-np.ones((1, 256)), formats_for(256)) is None


def test_a_nearest_word_that_is_no_text_gives_way_to_the_next():
    """A text5 word of bytes that are no UTF-8 lies nearest, a text lies a little farther."""
    form = FORMATS["text5"]
    spoiled = np.unpackbits(np.frombuffer(b"\xffello", np.uint8)) @ form.generator & 1 ^ np.frombuffer(form.offset, np.uint8)
    wanted = form.encode("hello")
    apart = np.flatnonzero(spoiled != wanted)
    logits = 2.0 * wanted - 1
    logits[apart[: len(apart) // 2 + 1]] *= -0.1
    logits[apart[len(apart) // 2 + 1 :]] *= 0.1
    [best, *_] = soft.candidates(form.generator, np.frombuffer(form.offset, np.uint8), logits > 0, soft.reliabilities(logits))
    assert (best.word == spoiled).all()
    assert read(logits[None], [form]).message == "hello"


@pytest.mark.parametrize("shape", [(100,), (2, 99), (1, 256)])
def test_logits_that_do_not_fit_are_refused_in_one_line(shape):
    with pytest.raises(ValueError, match="logits must have shape") as caught:
        read(np.ones(shape), TEXTS)
    assert "\n" not in str(caught.value)
