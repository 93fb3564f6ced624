"""Messages: bit for bit those of the original's bchlib, corrected up to t errors, and nothing read where there is nothing."""

import json
import threading
import uuid
from math import comb
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from stegastamp import message
from stegastamp.bch import BCH

VECTORS = json.loads((Path(__file__).parent / "golden" / "bch.json").read_text())
CODES = {"text": message.TEXT_CODE, "uuid": message.UUID_CODE}
UUID = uuid.UUID("6f1c2b1e-5a3d-4e8f-9b7a-0123456789ab")


def bits_of(data: bytes) -> np.ndarray:
    return np.unpackbits(np.frombuffer(data, np.uint8))


def flip(bits: np.ndarray, positions) -> np.ndarray:
    flipped = bits.copy()
    flipped[list(positions)] ^= 1
    return flipped


@pytest.mark.parametrize("name", CODES)
def test_parity_is_that_of_bchlib(name):
    code = CODES[name]
    assert code.parity_bits == VECTORS[name]["parity_bits"]
    assert len(VECTORS[name]["encoded"]) >= 8
    for vector in VECTORS[name]["encoded"]:
        data, parity = bits_of(bytes.fromhex(vector["data"])), bits_of(bytes.fromhex(vector["parity"]))
        np.testing.assert_array_equal(code.encode(data), np.concatenate([data, parity[: code.parity_bits]]))
        assert not parity[code.parity_bits :].any()


@pytest.mark.parametrize("name", CODES)
def test_corrections_and_refusals_are_those_of_bchlib(name):
    code = CODES[name]
    seen = set()
    for vector in VECTORS[name]["words"]:
        found = code.decode(np.uint8(list(vector["received"])))
        seen.add(vector["errors"])
        if vector["errors"] < 0:
            assert found is None
        else:
            word, corrected = found
            assert "".join(map(str, word)) == vector["corrected"]
            assert corrected == vector["errors"]
    assert seen == {-1, *range(code.correctable + 1)}


def test_text_is_the_originals_layout_of_100_bits():
    bits = message.encode_text("Stega!!")
    assert bits.shape == (100,) and bits.dtype == np.uint8
    data, ecc = b"Stega!!", bytes.fromhex("88a9fb4e40")
    np.testing.assert_array_equal(bits, np.concatenate([bits_of(data + ecc), np.zeros(4, np.uint8)]))
    assert not bits[-9:].any()


@pytest.mark.parametrize("text", ["", "a", "hello", "Stega!!", " x", "Grüße", "日本", "a b c d"])
def test_text_comes_back(text):
    assert message.decode_text(message.encode_text(text)) == message.Decoded(text, corrected=0)


@settings(max_examples=40)
@given(some.text(some.characters(codec="utf-8", exclude_categories=("Cc",)), max_size=7), some.sets(some.integers(0, 90), max_size=5))
def test_any_text_that_fits_survives_five_errors(text, positions):
    while len(text.encode()) > 7:
        text = text[:-1]
    text = text.rstrip(" ")
    found = message.decode_text(flip(message.encode_text(text), positions))
    assert found == message.Decoded(text, corrected=len(positions))


def test_six_errors_never_pass_as_the_text():
    draw = np.random.default_rng(0)
    bits = message.encode_text("Stega!!")
    found = [message.decode_text(flip(bits, draw.choice(91, 6, replace=False))) for _ in range(100)]
    assert all(one is None or one.text != "Stega!!" for one in found)
    assert found.count(None) >= 95


@pytest.mark.parametrize("position", range(91, 100))
def test_each_of_the_nine_zeros_is_checked(position):
    bits = flip(message.encode_text("hello"), [position])
    assert message.decode_text(bits) is None
    assert message.decode_text(bits, zero_errors=1) == message.Decoded("hello", corrected=0, zero_errors=1)


def test_more_wrong_zeros_than_allowed_are_refused():
    assert message.decode_text(flip(message.encode_text("hello"), [92, 99]), zero_errors=1) is None


def test_bytes_that_are_no_text_are_refused():
    for data in (b"\xff" * 7, b"ab\xc3    ", bytes(7), b"a\nb    "):
        word = message.TEXT_CODE.encode(bits_of(data))
        assert message.decode_text(np.concatenate([word, np.zeros(9, np.uint8)])) is None


@pytest.mark.parametrize("value", [0, 1])
def test_a_decoder_stuck_at_one_value_says_nothing(value):
    assert message.decode_text(np.full(100, value)) is None
    assert message.decode_uuid(np.full(256, value)) is None


def test_booleans_are_bits():
    assert message.decode_text(message.encode_text("hello") > 0).text == "hello"
    assert message.decode_uuid(message.encode_uuid(UUID) > 0).uuid == UUID


@pytest.mark.parametrize(
    ("text", "bits", "complaint"),
    [
        ("12345678", 100, "8 bytes in UTF-8; at most 7 fit"),
        ("日本語", 100, "9 bytes in UTF-8; at most 7 fit"),
        ("\udc80", 100, "cannot be encoded as UTF-8"),
        ("a\0", 100, "control characters"),
        ("a ", 100, "ends in a space"),
        ("a", 32, "32 bits carry raw bits only"),
        ("a", 8, "8 bits carry raw bits only"),
        ("a", 64, "64 bits carry raw bits only"),
        ("a", 256, "256 bits carry a UUID"),
    ],
)
def test_what_cannot_be_said_is_refused_in_one_line(text, bits, complaint):
    with pytest.raises(ValueError, match=complaint) as caught:
        message.encode_text(text, bits)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("bits", "complaint"),
    [
        (np.zeros(32), "32 bits carry raw bits only"),
        (np.zeros(256), "carry a UUID"),
        (np.zeros((1, 100)), "shape"),
        (np.linspace(-3, 3, 100), "logits"),
        (np.full(100, np.nan), "logits"),
    ],
)
def test_what_are_no_bits_is_refused_in_one_line(bits, complaint):
    with pytest.raises(ValueError, match=complaint) as caught:
        message.decode_text(bits)
    assert "\n" not in str(caught.value)


@settings(max_examples=40)
@given(some.uuids(), some.sets(some.integers(0, 251), max_size=18))
def test_a_uuid_survives_eighteen_errors(value, positions):
    found = message.decode_uuid(flip(message.encode_uuid(value), positions))
    assert found == message.DecodedUuid(value, corrected=len(positions))


def test_a_uuid_takes_all_256_bits():
    bits = message.encode_uuid(UUID)
    assert bits.shape == (256,) and bits.dtype == np.uint8
    np.testing.assert_array_equal(bits[:128], bits_of(UUID.bytes))
    np.testing.assert_array_equal(bits[-4:], [0, 0, 0, 1])


def test_a_uuid_of_another_version_or_with_too_many_errors_is_refused():
    bits = message.encode_uuid(UUID)
    assert message.decode_uuid(flip(bits, [254])) is None
    assert message.decode_uuid(flip(bits, range(0, 190, 10))) is None
    with pytest.raises(ValueError, match="shape"):
        message.decode_uuid(bits[:100])


def test_false_accepts_are_as_rare_as_counted():
    # By hand: the words within five bits of a code word, over all words of 91 bits.
    by_hand = sum(comb(91, errors) for errors in range(6)) * 2**56 / 2**91
    assert message.false_accept_probability(zero_errors=9) == pytest.approx(by_hand)
    assert by_hand == pytest.approx(1.43e-3, rel=5e-3)
    assert message.false_accept_probability() == pytest.approx(2.8e-6, rel=5e-3)
    assert message.UUID_CODE.false_accept_probability < 1e-9


def test_false_accepts_of_a_small_code_are_as_counted_by_trying_every_word():
    code = BCH(polynomial=0b10011, correctable=2, data_bits=3)
    words = (np.arange(2**code.word_bits)[:, None] >> np.arange(code.word_bits)[::-1] & 1).astype(np.uint8)
    accepted = sum(code.decode(word) is not None for word in words)
    assert accepted / len(words) == code.false_accept_probability


def test_two_codes_can_be_used_by_two_threads():
    text_bits, uuid_bits = flip(message.encode_text("hello"), [3, 50]), flip(message.encode_uuid(UUID), [3, 200])
    wrong = []

    def read_texts():
        wrong.extend(1 for _ in range(60) if message.decode_text(text_bits) != message.Decoded("hello", 2))

    def read_uuids():
        wrong.extend(1 for _ in range(20) if message.decode_uuid(uuid_bits) != message.DecodedUuid(UUID, 2))

    threads = [threading.Thread(target=function) for function in (read_texts, read_uuids)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong
