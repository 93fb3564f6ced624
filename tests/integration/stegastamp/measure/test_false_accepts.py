import json

import numpy as np
import pytest

from longrun import UserError
from stegastamp.measure import false_accepts
from stegastamp.message.formats import NoCode, named
from stegastamp.network import stamp
from tests.fixtures.grid_stamper import GridStamper


class Flips(GridStamper):
    """Reads coin flips out of every image."""

    def logits(self, images):
        return np.random.default_rng(int(images.sum())).normal(size=(len(images), 100))


class Saying(GridStamper):
    """Reads the same text out of every image."""

    def logits(self, images):
        return np.tile(2.0 * named("text7").encode("Hello") - 1, (len(images), 1))


def judged(monkeypatch, photos_folder, stamper, count):
    monkeypatch.setattr(stamp, "load", lambda path, *_: stamper)
    return false_accepts.judge_unmarked("somewhere", images=str(photos_folder), count=count)


def test_coin_flips_pass_as_often_as_is_printed(monkeypatch, photos_folder, capsys):
    found = judged(monkeypatch, photos_folder, Flips(), 800)
    # 1.1 of 800 words are within the code's reach, with or without a text in them; none has nine zeros too.
    low, high = found["intervals"]["accepted_text7_code_alone"]
    assert low < named("text7").code.false_accept_probability == found["floors"]["accepted_text7_code_alone"] < high
    assert found["metrics"]["accepted_text7_hard"] == found["metrics"]["accepted_text7_soft"] == 0.0
    # The union bound is one: soft decision accepts at most as often as its limit says.
    assert found["intervals"]["accepted_text7_soft_at_0.001"][0] < 1e-3
    assert found["floors"]["accepted_text7_hard"] == named("text7").false_accept_probability()
    printed = capsys.readouterr().out
    assert "800 random crops of 12 photos without a stamp" in printed
    assert f"| text7_hard | 0 | {800 * named('text7').false_accept_probability():.2g} | 2.80e-06 |" in printed


def test_a_reader_that_sees_messages_everywhere_is_found_out(monkeypatch, photos_folder):
    found = judged(monkeypatch, photos_folder, Saying(), 30)
    assert found["metrics"]["accepted_text7_hard"] == 1.0
    assert found["intervals"]["accepted_text7_hard"][0] > found["floors"]["accepted_text7_hard"]


def test_json_is_one_object(monkeypatch, photos_folder, capsys):
    monkeypatch.setattr(stamp, "load", lambda path, *_: Saying())
    found = false_accepts.judge_unmarked("somewhere", images=str(photos_folder), count=3, json=True)
    assert json.loads(capsys.readouterr().out) == json.loads(json.dumps(found))


def test_crops_repeat_and_come_from_every_photo(photos_folder):
    photos = false_accepts.folder_photos(photos_folder, 40)
    first, again = (np.concatenate(list(false_accepts.unmarked_crops(photos, 40, 300))) for _ in range(2))
    assert first.shape == (300, 40, 40, 3) and np.array_equal(first, again)
    assert len(np.unique(first.reshape(300, -1), axis=0)) == 300


def test_nothing_to_count_is_refused(monkeypatch, photos_folder):
    with pytest.raises(NoCode, match="8 bits carry raw bits only"):
        false_accepts.checks(8)
    with pytest.raises(UserError, match="at least one crop"):
        judged(monkeypatch, photos_folder, Flips(), 0)
