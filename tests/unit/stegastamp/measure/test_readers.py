import numpy as np
import pytest

from stegastamp.measure.readers import draw_message, readers, reads
from stegastamp.message import acceptance as reading
from stegastamp.message.formats import named


@pytest.mark.parametrize("bits, name, wrong", [(100, "text7", 5), (256, "uuid", 18)])
def test_a_reader_reads_up_to_what_its_code_corrects(bits, name, wrong):
    way = readers(bits)[0]
    assert way.name == f"{name}_hard" and way.title == f"{name}, hard"
    draw = np.random.default_rng(0)
    flips = draw.integers(0, 2, (6, bits)).astype(np.float32)
    logits = (2 * flips - 1) * draw.uniform(0.1, 3, flips.shape)
    assert reads(way, logits, flips, draw).all()
    logits[:, :wrong] *= -1
    assert reads(way, logits, flips, draw).all()
    logits[3:, wrong] *= -1
    assert reads(way, logits, flips, draw).tolist() == [True] * 3 + [False] * 3


def test_judging_coin_flips_equals_sending_messages():
    """The same wrong bits, on coin flips with turned signs and on a message itself."""
    draw = np.random.default_rng(1)
    for way in readers(100):
        outcomes = []
        for _ in range(40):
            size = np.abs(draw.normal(1, 1, 100))
            errors = draw.random(100) < 0.08
            flips = draw.integers(0, 2, 100).astype(np.float32)
            logits = np.where((flips > 0.5) ^ errors, size, -size)
            turned = reads(way, logits[None], flips[None], np.random.default_rng(2))[0]
            message = draw_message(way.form, np.random.default_rng(2))
            as_sent = way.read(np.where((way.form.encode(message) == 1) ^ errors, size, -size)) == message
            assert turned == as_sent
            outcomes.append(turned)
        assert np.mean(outcomes) > 0, way.name


def test_soft_decision_reads_more():
    hard, soft, *_ = readers(100)
    draw = np.random.default_rng(4)
    flips = draw.integers(0, 2, (60, 100)).astype(np.float32)
    logits = 2 * flips - 1 + draw.normal(0, 0.65, flips.shape)
    shares = [reads(way, logits, flips, draw).mean() for way in (hard, soft)]
    assert shares[1] > shares[0] + 0.3


def test_probabilities_are_those_of_the_code():
    assert readers(100)[0].false_accept == named("text7").false_accept_probability() == pytest.approx(2.8e-6, rel=0.01)
    assert readers(256)[0].false_accept == named("uuid").false_accept_probability()
    assert {way.false_accept for way in (*readers(100)[1:], *readers(256)[1:])} == {reading.FALSE_ACCEPT}


def test_raw_bits_have_no_reader():
    assert readers(8) == ()


def test_texts_are_texts():
    for name, length in (("text7", 7), ("text5", 5)):
        drawn = {draw_message(named(name), np.random.default_rng(seed)) for seed in range(20)}
        assert len(drawn) == 20 and all(len(text) == length for text in drawn)
