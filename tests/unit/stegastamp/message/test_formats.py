"""Messages: bit for bit those of the original's bchlib, corrected up to t errors, and nothing read where there is nothing."""

import json
import threading
import unicodedata
import uuid
from dataclasses import replace
from math import comb

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from stegastamp.message.bch import BCH
from stegastamp.message.formats import FORMATS, Decoded, DoesNotFit, formats_for
from stegastamp.message.texts import BLANK, UNSEEN
from tests.places import GOLDEN

VECTORS = json.loads((GOLDEN / "stegastamp" / "bch.json").read_text())
TEXT7, TEXT5, TEXT4, UUIDS = (FORMATS[name] for name in ("text7", "text5", "text4", "uuid"))
CODES = {"text": TEXT7.code, "uuid": UUIDS.code}
UUID = uuid.UUID("6f1c2b1e-5a3d-4e8f-9b7a-0123456789ab")
SEEN = some.characters(codec="utf-8", exclude_categories=("Cc", *UNSEEN, "Zs", "Mn"), exclude_characters="".join(BLANK))
TEXTS = some.tuples(SEEN, some.text(SEEN | some.just(" "), max_size=6)).map("".join)


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


def test_text7_is_the_originals_layout_of_100_bits():
    bits = TEXT7.encode("Stega!!")
    assert bits.shape == (100,) and bits.dtype == np.uint8
    data, ecc = b"Stega!!", bytes.fromhex("88a9fb4e40")
    np.testing.assert_array_equal(bits, np.concatenate([bits_of(data + ecc), np.zeros(4, np.uint8)]))
    assert not bits[-9:].any()


def test_shorter_texts_have_stronger_codes():
    sizes = {name: (form.bits, form.code.data_bits, form.code.correctable, form.code.word_bits) for name, form in FORMATS.items()}
    assert sizes == {"text7": (100, 56, 5, 91), "text5": (100, 40, 8, 96), "text4": (100, 32, 10, 95), "uuid": (256, 128, 18, 252)}


@pytest.mark.parametrize("text", ["a", "hello", "Stega!!", " x", "Grüße", "日本", "a b c d", "❤\ufe0f"])
def test_text_comes_back(text):
    assert TEXT7.decode_hard(TEXT7.encode(text)) == Decoded(text, corrected=0)


@settings(max_examples=60)
@given(some.sampled_from([TEXT7, TEXT5, TEXT4]), TEXTS, some.data())
def test_any_text_that_fits_survives_as_many_errors_as_the_code_corrects(form, text, data):
    positions = data.draw(some.sets(some.integers(0, form.code.word_bits - 1), max_size=form.code.correctable))
    while len(text.encode()) > form.code.data_bits // 8:
        text = text[:-1]
    text = text.rstrip(" ")
    assert form.decode_hard(flip(form.encode(text), positions)) == Decoded(text, corrected=len(positions))


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "the message is empty"),
        (" ", "nothing that can be seen"),
        ("\u3000\u00a0", "nothing that can be seen"),
        ("\ufe0f", "nothing that can be seen"),
        ("\u200b", r"invisible character U\+200B"),
        ("Hi\u200b", r"invisible character U\+200B"),
        ("\ufeffHi", r"invisible character U\+FEFF"),
        ("a\u202eb", r"invisible character U\+202E"),
        ("\u2028", r"invisible character U\+2028"),
        ("\u3164", r"invisible character U\+3164"),
        ("\ue000", r"invisible character U\+E000"),
    ],
)
def test_what_nobody_would_see_is_refused(text, reason):
    with pytest.raises(DoesNotFit, match=reason) as caught:
        TEXT7.encode(text)
    assert str(caught.value).isprintable()


def test_six_errors_never_pass_as_the_text():
    draw = np.random.default_rng(0)
    bits = TEXT7.encode("Stega!!")
    found = [TEXT7.decode_hard(flip(bits, draw.choice(91, 6, replace=False))) for _ in range(100)]
    assert all(one is None or one.message != "Stega!!" for one in found)
    assert found.count(None) >= 95


@pytest.mark.parametrize("position", range(91, 100))
def test_each_of_the_nine_zeros_is_checked(position):
    bits = flip(TEXT7.encode("hello"), [position])
    assert TEXT7.decode_hard(bits) is None
    assert TEXT7.decode_hard(bits, known_errors=1) == Decoded("hello", corrected=0, known_errors=1)


def test_more_wrong_zeros_than_allowed_are_refused():
    assert TEXT7.decode_hard(flip(TEXT7.encode("hello"), [92, 99]), known_errors=1) is None


def test_bytes_that_are_no_text_are_refused():
    for data in (b"\xff" * 7, b"ab\xc3    ", bytes(7), b"a\nb    "):
        word = TEXT7.code.encode(bits_of(data))
        assert TEXT7.decode_hard(np.concatenate([word, np.zeros(9, np.uint8)])) is None


@pytest.mark.parametrize("value", [0, 1])
@pytest.mark.parametrize("form", FORMATS.values(), ids=list(FORMATS))
def test_a_decoder_stuck_at_one_value_says_nothing(form, value):
    assert form.decode_hard(np.full(form.bits, value)) is None


def test_a_word_of_one_format_is_none_of_another():
    """Without offsets, every word of text5 that ends in five zeros would be one of text7."""
    for said, taken in ((a, b) for a in (TEXT7, TEXT5, TEXT4) for b in (TEXT7, TEXT5, TEXT4) if a is not b):
        assert all(taken.decode_hard(said.encode(f"{n:04}"), known_errors=100) is None for n in range(50))
    bare = replace(TEXT5, offset=bytes(100))
    assert any(TEXT7.code.decode(bare.encode(f"{n:05}")[:91]) is not None for n in range(200))


def test_the_offsets_never_change():
    """They are part of every stamp that was ever printed."""
    assert {name: np.packbits(np.frombuffer(form.offset, np.uint8)).tobytes().hex() for name, form in FORMATS.items()} == OFFSETS


OFFSETS = {
    "text7": "00000000000000000000000000",
    "text5": "97fdbda2790dd0db39023c1a20",
    "text4": "40cd346650cf5a91bb6648b810",
    "uuid": "522edc7e999289d9f3d3c8c2267f634dc151c494bc3b15e6da2132e1949b0a91",
}


def test_booleans_are_bits():
    assert TEXT7.decode_hard(TEXT7.encode("hello") > 0).message == "hello"
    assert UUIDS.decode_hard(UUIDS.encode(UUID) > 0).message == UUID


@pytest.mark.parametrize(
    ("text", "form", "complaint"),
    [
        ("12345678", TEXT7, "8 bytes in UTF-8; at most 7 fit"),
        ("日本語", TEXT7, "9 bytes in UTF-8; at most 7 fit"),
        ("123456", TEXT5, "6 bytes in UTF-8; at most 5 fit"),
        ("12345", TEXT4, "5 bytes in UTF-8; at most 4 fit"),
        ("\udc80", TEXT7, "cannot be encoded as UTF-8"),
        ("a\0", TEXT7, "control characters"),
        ("a ", TEXT7, "ends in a space"),
        (UUID, TEXT7, "takes a text"),
        ("a", UUIDS, "is no UUID"),
        (7, UUIDS, "is no UUID"),
    ],
)
def test_what_cannot_be_said_is_refused_in_one_line(text, form, complaint):
    with pytest.raises(ValueError, match=complaint) as caught:
        form.encode(text)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("bits", "name", "complaint"),
    [
        (32, "", "32 bits carry raw bits only"),
        (64, "text7", "64 bits carry raw bits only"),
        (100, "uuid", "uuid takes 256 bits, the network carries 100: text7, text5, text4"),
        (256, "text5", "text5 takes 100 bits, the network carries 256: uuid"),
        (100, "text9", "unknown format 'text9'; formats: text7, text5, text4, uuid"),
    ],
)
def test_formats_that_do_not_fit_are_refused_in_one_line(bits, name, complaint):
    with pytest.raises(ValueError, match=complaint) as caught:
        formats_for(bits, name)
    assert "\n" not in str(caught.value)


def test_formats_go_by_size_or_by_name():
    assert formats_for(100) == (TEXT7, TEXT5, TEXT4)
    assert formats_for(256) == (UUIDS,)
    assert formats_for(100, "text4") == (TEXT4,)
    for bits in (100, 256):
        assert sum(form.share for form in formats_for(bits)) <= 1


@pytest.mark.parametrize(
    ("bits", "complaint"),
    [
        (np.zeros(256), "shape"),
        (np.zeros((1, 100)), "shape"),
        (np.linspace(-3, 3, 100), "logits"),
        (np.full(100, np.nan), "logits"),
    ],
)
def test_what_are_no_bits_is_refused_in_one_line(bits, complaint):
    with pytest.raises(ValueError, match=complaint) as caught:
        TEXT7.decode_hard(bits)
    assert "\n" not in str(caught.value)


@settings(max_examples=40)
@given(some.uuids(), some.sets(some.integers(0, 251), max_size=18))
def test_a_uuid_survives_eighteen_errors(value, positions):
    found = UUIDS.decode_hard(flip(UUIDS.encode(value), positions))
    assert found == Decoded(value, corrected=len(positions))


def test_a_uuid_takes_all_256_bits():
    bits = UUIDS.encode(str(UUID))
    assert bits.shape == (256,) and bits.dtype == np.uint8
    offset = np.frombuffer(UUIDS.offset, np.uint8)
    np.testing.assert_array_equal(bits[:128] ^ offset[:128], bits_of(UUID.bytes))
    np.testing.assert_array_equal(bits[-4:], [0, 0, 0, 1])


def test_a_uuid_of_another_version_or_with_too_many_errors_is_refused():
    bits = UUIDS.encode(UUID)
    assert UUIDS.decode_hard(flip(bits, [254])) is None
    assert UUIDS.decode_hard(flip(bits, range(0, 190, 10))) is None


@pytest.mark.parametrize("form", FORMATS.values(), ids=list(FORMATS))
def test_the_generator_makes_the_words(form):
    data = np.random.default_rng(0).integers(0, 2, (5, form.code.data_bits), dtype=np.uint8)
    for row in data:
        expected = np.pad(form.code.encode(row), (0, form.bits - form.code.word_bits))
        np.testing.assert_array_equal(row @ form.generator & 1, expected)


def test_messages_are_counted_as_they_are_taken():
    """Two bytes, all of them: what is no text is not counted."""
    form = replace(TEXT4, code=BCH(polynomial=137, correctable=1, data_bits=16), offset=bytes(100))
    taken = 0
    for number in range(2**16):
        data = number.to_bytes(2)
        try:
            taken += not any(unicodedata.category(character) == "Cc" for character in data.decode())
        except UnicodeDecodeError:
            continue
    assert form.messages == taken == 95**2 + 1888
    # The longer ones by the texts of one byte less and one character of 1, 2, 3 or 4 bytes at the end.
    assert TEXT4.messages == 95**4 + 3 * 95**2 * 1888 + 1888**2 + 2 * 95 * 61440 + 2**20
    assert UUIDS.messages == 2**128


def test_false_accepts_are_as_rare_as_counted():
    # By hand: the words within five bits of a code word, over all words of 91 bits.
    by_hand = sum(comb(91, errors) for errors in range(6)) * 2**56 / 2**91
    assert TEXT7.false_accept_probability(known_errors=9) == pytest.approx(by_hand)
    assert by_hand == pytest.approx(1.43e-3, rel=5e-3)
    assert TEXT7.false_accept_probability() == pytest.approx(2.8e-6, rel=5e-3)
    assert UUIDS.code.false_accept_probability < 1e-9


def test_false_accepts_of_a_small_code_are_as_counted_by_trying_every_word():
    code = BCH(polynomial=0b10011, correctable=2, data_bits=3)
    words = (np.arange(2**code.word_bits)[:, None] >> np.arange(code.word_bits)[::-1] & 1).astype(np.uint8)
    accepted = sum(code.decode(word) is not None for word in words)
    assert accepted / len(words) == code.false_accept_probability


def test_two_codes_can_be_used_by_two_threads():
    text_bits, uuid_bits = flip(TEXT7.encode("hello"), [3, 50]), flip(UUIDS.encode(UUID), [3, 200])
    wrong = []

    def read_texts():
        wrong.extend(1 for _ in range(60) if TEXT7.decode_hard(text_bits) != Decoded("hello", 2))

    def read_uuids():
        wrong.extend(1 for _ in range(20) if UUIDS.decode_hard(uuid_bits) != Decoded(UUID, 2))

    threads = [threading.Thread(target=function) for function in (read_texts, read_uuids)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong
