"""With a key: messages that others can neither read nor forge, as far as that can be drawn; and bits that stay what they are."""

import uuid
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from longrun.errors import UserError
from stegastamp.message.acceptance import FALSE_ACCEPT, read
from stegastamp.message.bch import BCH
from stegastamp.message.formats import FORMATS, DoesNotFit, formats_for, formats_with
from stegastamp.message.key import Key
from stegastamp.message.seal import Seal

MINE, THEIRS = Key(b"sixteen bytes or more"), Key(b"sixteen bytes or more.")
SAID = {"text7": "Köl", "text5": "ab", "uuid": uuid.UUID(int=2**99 + 7)}
WRITTEN = {
    "text7": "aaba68534bc072cbf05fd08820",
    "text5": "c87856c10ad20bb75ed78820d0",
    "uuid": "725b7d0d0f8f9c3fb95b28c315a192e82ab5ecd504cd75588a3106d97c3dfbce",
}


def logits_of(word, noise=0.3, seed=0):
    return 2.0 * word - 1 + noise * np.random.default_rng(seed).standard_normal(len(word))


@pytest.mark.parametrize("name", SAID)
def test_with_the_key_a_message_is_read_through_noise(name):
    form = formats_with(MINE)[name]
    word = form.encode(SAID[name])
    logits = logits_of(word, 0.5)
    found = read(logits[None], formats_for(form.bits, key=MINE))
    assert (found.message, found.format, found.bits) == (SAID[name], name, form.bits)
    assert 0 < found.corrected == ((logits > 0) != word).sum() and found.false_accept_probability <= FALSE_ACCEPT
    flipped = word.copy()
    flipped[np.random.default_rng(1).choice(form.bits, form.code.correctable, replace=False)] ^= 1
    assert form.decode_hard(flipped).message == SAID[name]


@pytest.mark.parametrize("name", SAID)
def test_without_it_or_with_another_nothing_is_read(name):
    bits = FORMATS[name].bits
    sealed, plain = (logits_of(form.encode(SAID[name]))[None] for form in (formats_with(MINE)[name], FORMATS[name]))
    for key in (None, THEIRS):
        assert read(sealed, formats_for(bits, key=key)) is None
    for key in (MINE, THEIRS):
        assert read(plain, formats_for(bits, key=key)) is None
    assert read(plain, formats_for(bits)).message == SAID[name]


def test_what_fits_with_a_key():
    forms = formats_with(MINE)
    assert {name: (form.capacity, form.seal.tag_bits) for name, form in forms.items()} == {
        **{"text7": ("4 bytes of UTF-8", 32), "text5": ("2 bytes of UTF-8", 28), "uuid": ("a UUID", 32)}
    }
    assert all(form.code.word_bits <= form.bits == FORMATS[name].bits for name, form in forms.items())
    assert [form.name for form in formats_for(100, key=MINE)] == ["text7", "text5"]
    with pytest.raises(DoesNotFit, match="5 bytes in UTF-8; at most 4 fit"):
        forms["text7"].encode("Hello")
    with pytest.raises(UserError, match="^text4 has no room for the tag of a key; with a key there are text7, text5, uuid$"):
        formats_for(100, "text4", MINE)
    with pytest.raises(UserError, match="^unknown format 'text9'"):
        formats_for(100, "text9", MINE)
    with pytest.raises(UserError, match="^uuid takes 256 bits, the network carries 100: text7, text5$"):
        formats_for(100, "uuid", MINE)


@settings(max_examples=8)
@given(some.binary(min_size=16, max_size=40).filter(lambda secret: len(set(secret.rstrip(b"\r\n"))) > 1 and len(secret.rstrip()) >= 16))
def test_whatever_the_key_its_formats_are_codes_of_their_own(secret):
    for name, form in formats_with(Key(secret)).items():
        assert sorted(form.seal.order) == list(range(form.bits)) and set(form.offset) <= {0, 1}
        word = form.encode(SAID[name])
        assert form.message(word) == SAID[name] and form.decode_hard(word).message == SAID[name]
        data = form.seal.close(b"xy" if name == "text5" else SAID[name].bytes if name == "uuid" else b"Koel")
        np.testing.assert_array_equal(data @ form.generator & 1 ^ np.frombuffer(form.offset, np.uint8), form._stamp(_word_of(form, data)))


def _word_of(form, data):
    return np.pad(form.code.encode(data), (0, form.bits - form.code.word_bits))


@pytest.mark.parametrize("name", SAID)
def test_bits_with_a_key_stay_what_they_were(name):
    """As first written; another layout would lose every stamp that there is."""
    bits = formats_with(Key(bytes(range(16))))[name].encode(SAID[name])
    assert np.packbits(bits).tobytes().hex() == WRITTEN[name]


def test_one_bit_of_a_message_changes_half_of_the_bits():
    form = formats_with(MINE)["text7"]
    changes = [(form.encode(f"{number:03}a") != form.encode(f"{number:03}b")).mean() for number in range(100)]
    assert 0.45 < np.mean(changes) < 0.55


@pytest.mark.parametrize("tag_bits", [0, 4, 8])
def test_a_guessed_tag_is_right_as_often_as_chance(tag_bits):
    """Data that somebody without the key has made, in 4,000 draws."""
    seal, draw = Seal(MINE, "text7", tag_bits, 100), np.random.default_rng(0)
    opened = sum(seal.open(draw.integers(0, 2, tag_bits + 32, np.uint8)) is not None for _ in range(4000))
    expected = 4000 / 2**tag_bits
    assert abs(opened - expected) <= 4 * (expected * (1 - 2.0**-tag_bits)) ** 0.5


@pytest.mark.parametrize("tag_bits", [0, 2])
@pytest.mark.parametrize("spread", ["normal", "equal"])
def test_noise_is_accepted_no_more_often_than_promised(tag_bits, spread):
    """At a limit of 30 %, two tries and a short tag, since with the real one no draw is ever accepted."""
    form = replace(formats_with(MINE)["text7"], code=BCH(137, 5, 32 + tag_bits), seal=Seal(MINE, "text7", tag_bits, 100))
    form, draw, count, limit = replace(form, offset=form.seal.flips), np.random.default_rng(2), 100, 0.3
    size = np.abs(draw.standard_normal((count, 2, 100))) if spread == "normal" else np.ones((count, 2, 100))
    accepted = sum(read(case, [form], limit=limit) is not None for case in draw.choice((-1, 1), size.shape) * size)
    assert accepted <= count * limit + 3 * (count * limit * (1 - limit)) ** 0.5
    if spread == "normal" and not tag_bits:
        assert accepted >= 2


def test_with_the_real_tag_noise_and_other_keys_say_nothing_at_any_limit():
    draw, forms = np.random.default_rng(3), formats_for(100, key=MINE)
    theirs = formats_with(THEIRS)["text7"]
    cases = [draw.standard_normal((2, 100)) for _ in range(50)] + [logits_of(theirs.encode(f"{i:04}"))[None] for i in range(50)]
    assert [read(case, forms, limit=1.0) for case in cases] == [None] * 100


def test_a_seal_shows_nothing_of_its_key():
    form = formats_with(MINE)["text7"]
    assert repr(MINE) == "Key(...)" and repr(form.seal) == "Seal(32 bits)"
    assert "_key" not in repr(form) and len(repr(form)) < 1000
