import re
from types import SimpleNamespace

import numpy as np
import pytest

from stegastamp.__main__ import main
from stegastamp.measure import gain
from stegastamp.message.formats import FORMATS, formats_with
from stegastamp.message.key import Key
from stegastamp.pictures import codec
from tests.fixtures.grid_stamper import GridStamper


def test_noise_gives_the_bit_accuracy_that_was_asked_for():
    words = np.random.default_rng(0).integers(0, 2, (200, 100))
    logits = gain.noisy(words, 0.9, np.random.default_rng(1))
    assert ((logits > 0) == words).mean() == pytest.approx(0.9, abs=0.01)


@pytest.mark.parametrize("name", FORMATS)
def test_messages_fill_their_format(name):
    form, [message, other] = FORMATS[name], gain.messages_for(FORMATS[name], 2, np.random.default_rng(0))
    assert message != other and form.decode_hard(form.encode(message)).message == message
    assert len(str(message)) == {"text7": 7, "text5": 5, "text4": 4, "uuid": 36}[name]


def test_with_a_key_the_same_is_measured_of_what_it_makes():
    key = Key(b"sixteen bytes or more")
    form = formats_with(key)["text7"]
    messages = gain.messages_for(form, 20, np.random.default_rng(0))
    assert {len(message) for message in messages} == {4}
    logits = gain.noisy(np.stack([form.encode(one) for one in messages]), 0.95, np.random.default_rng(1))
    assert gain.success(form, messages, logits, key)[1] > 0.9
    assert gain.success(form, messages, logits)[1] == 0


def test_soft_decision_reads_more_than_hard_decision():
    rows = gain.simulated(FORMATS["text5"], 25)
    assert [accuracy for accuracy, *_ in rows] == list(gain.ACCURACIES)
    assert all(soft >= hard for _, hard, soft in rows)
    by_accuracy = {accuracy: (hard, soft) for accuracy, hard, soft in rows}
    assert by_accuracy[0.9][1] > by_accuracy[0.9][0] + 0.3
    assert by_accuracy[0.99] == (1.0, 1.0)
    assert gain.decibels(rows) > 1


def test_hard_decision_is_counted_as_the_code_decides():
    form = FORMATS["text5"]
    messages = gain.messages_for(form, 40, np.random.default_rng(0))
    logits = gain.noisy(np.stack([form.encode(one) for one in messages]), 0.91, np.random.default_rng(1))
    found = [form.decode_hard(row > 0, known_errors=form.bits) for row in logits]
    right = np.mean([one is not None and one.message == message for one, message in zip(found, messages, strict=True)])
    assert 0.2 < right < 0.9
    assert gain.success(form, messages, logits)[0] == right


def test_decibels_are_read_off_the_curves():
    """Bit accuracy .8413 is noise as strong as the signal, .9772 half of it: 6 dB between them."""
    rows = [(0.8413, 0.0, 1.0), (0.97725, 1.0, 1.0)]
    assert gain.decibels([(0.7, 0.0, 0.0), *rows]) == pytest.approx(0.9 * 6.021 + 0.1 * 5.606, abs=0.01)
    assert gain.decibels([(0.9, 0.0, 0.2), (0.95, 0.5, 0.8)]) is None
    assert gain.decibels([(0.9, 0.95, 1.0)]) is None


class Stamper(GridStamper):
    """Plain to see, also as a batch."""

    config = SimpleNamespace(data=SimpleNamespace(images="", held_out=""), mark=SimpleNamespace(sync=0.0))

    def stamp(self, covers, messages, strength=None):
        return np.stack([self.stamp_image(*pair) for pair in zip(covers, messages, strict=True)])


def test_the_command_prints_its_tables(monkeypatch, photos_folder, capsys):
    monkeypatch.setattr(gain, "ACCURACIES", (0.9, 0.99))
    monkeypatch.setattr(codec, "load", lambda checkpoint, key="": codec.Codec(Stamper()))
    assert main(["gain", "--trials", "2", "--count", "4", "--unmarked", "1", "--images", str(photos_folder)]) == 0
    printed = capsys.readouterr().out
    assert len(re.findall(r"^\| (text7|text5|text4|uuid) \|", printed, re.M)) == 4 + 3 * len(gain.REAL_ATTACKS)
    assert re.search(r"^\| text7 \| png \| (1\.0000|0\.9\d+) \| [01]\.\d+ \| 1\.000 \|$", printed, re.M)
    assert printed.endswith("0 of 1 crops without a stamp accepted\n")
