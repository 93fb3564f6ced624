import numpy as np
import pytest

from stegastamp import message
from stegastamp.readers import readers, reads


@pytest.mark.parametrize("bits, name, wrong", [(100, "text7", 5), (256, "uuid", 18)])
def test_a_reader_reads_up_to_what_its_code_corrects(bits, name, wrong):
    (way,) = readers(bits)
    assert (way.format, way.name) == (name, "hard")
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
    (way,) = readers(100)
    draw = np.random.default_rng(1)
    for _ in range(40):
        errors = draw.random(100) < 0.05
        flips = draw.integers(0, 2, 100).astype(np.float32)
        logits = np.where((flips > 0.5) ^ errors, 1.0, -1.0)
        turned = reads(way, logits[None], flips[None], np.random.default_rng(2))[0]
        content, word = way.draw(np.random.default_rng(2))
        assert turned == (way.read(np.where((word == 1) ^ errors, 1.0, -1.0)) == content)


def test_probabilities_are_those_of_the_code():
    assert readers(100)[0].false_accept == message.false_accept_probability()
    assert readers(256)[0].false_accept == pytest.approx(message.UUID_CODE.false_accept_probability / 16)


def test_raw_bits_have_no_reader():
    assert readers(8) == ()


def test_texts_are_texts():
    (way,) = readers(100)
    drawn = {way.draw(np.random.default_rng(seed))[0] for seed in range(20)}
    assert len(drawn) == 20 and all(len(text) == 7 for text in drawn)
