import numpy as np
import pytest

from longrun import UserError
from stegastamp.films.opening import open_film
from stegastamp.films.reading import ALL, Sum, decode_film, survey
from stegastamp.message.acceptance import FALSE_ACCEPT
from stegastamp.message.formats import formats_for
from stegastamp.pictures.codec import Codec
from tests.fixtures.films import write_film

TEXT = formats_for(100)[0]
BITS = TEXT.encode("film")


def stamped(spread, grey, count, noise=0.0, strength=0.25, message=BITS):
    spread.strength = strength
    picture = spread.stamp_image(grey[:80, :80], message.astype(np.float32)).astype(np.float32)
    spread.strength = 0.25
    generator = np.random.default_rng(1)
    return [np.clip(picture + generator.normal(0, noise, picture.shape), 0, 255).astype(np.uint8) for _ in range(count)]


@pytest.fixture
def used(spread, monkeypatch):
    monkeypatch.setattr(Codec, "read_picture", lambda *_: None)
    return Codec(spread)


def test_the_sum_over_frames_says_what_no_frame_says():
    total, generator = Sum(100, formats_for(100)), np.random.default_rng(0)
    found = [total.add((2.0 * BITS - 1) * 0.5 + generator.normal(0, 1, 100)) for _ in range(64)]
    assert found[0] is None and [number for number, each in enumerate(found) if each][0] in (3, 7, 15)
    assert next(each for each in found if each).message == "film"


def test_the_tries_share_half_of_the_risk():
    """It is tried at 1, 2, 4, ... frames, and what is printed grows by what was tried before."""
    total, logits = Sum(100, formats_for(100)), (2.0 * BITS - 1)
    found = [total.add(logits) for _ in range(9)]
    assert [number + 1 for number, each in enumerate(found) if each] == [1, 2, 4, 8]
    odds = [each.false_accept_probability for each in found if each]
    assert np.array(odds) / odds[0] == pytest.approx([1, 3, 6, 10])
    assert odds[-1] < FALSE_ACCEPT


def test_a_film_is_read_and_no_more_of_it_than_is_needed(spread, grey, used, tmp_path):
    found = decode_film(write_film(tmp_path / "film.mp4", stamped(spread, grey, 20)), model=used)
    assert (found.reading.message, found.frames, found.damage) == ("film", 1, "")
    assert found.row() == {"frames": 1}


def test_a_weak_mark_in_noise_is_read_by_many_frames(spread, grey, used, tmp_path):
    path = write_film(tmp_path / "film.mkv", stamped(spread, grey, 40, noise=120, strength=0.03), "ffv1", "yuv444p")
    found = decode_film(path, model=used)
    assert found.reading.message == "film" and found.frames > 2


def test_a_film_without_a_message_is_read_to_its_end(spread, grey, used, tmp_path):
    found = decode_film(write_film(tmp_path / "film.mp4", [grey[:80, :80]] * (ALL + 5)), model=used)
    assert found.reading is None and found.frames == ALL + 5


def test_frames_are_read_as_photos_where_their_sum_says_nothing(spread, grey, tmp_path, monkeypatch):
    """A film that lies on its side: the sum knows upright frames only."""
    frames = [np.ascontiguousarray(np.rot90(frame)) for frame in stamped(spread, grey, 3)]
    codec, asked = Codec(spread), []
    read_picture = Codec.read_picture
    monkeypatch.setattr(Codec, "read_picture", lambda *words: asked.append(1) or read_picture(*words))
    found = decode_film(write_film(tmp_path / "film.mp4", frames), model=codec)
    assert (found.reading.message, found.reading.rotation, asked) == ("film", 270, [1])
    assert found.reading.false_accept_probability <= FALSE_ACCEPT


def test_what_is_no_film_is_refused(used, tmp_path):
    (tmp_path / "film.mp4").write_bytes(b"nothing")
    with pytest.raises(UserError, match=r"film.mp4 is no readable film"):
        decode_film(tmp_path / "film.mp4", model=used)


def test_a_survey_tells_which_seconds_can_be_read(spread, grey, used, tmp_path):
    frames = [*stamped(spread, grey, 25), *[grey[:80, :80]] * 25, *stamped(spread, grey, 5)]
    with open_film(write_film(tmp_path / "film.mp4", frames)) as film:
        found = survey(used, film, BITS, TEXT)
    assert (found.whole.message, found.wrong, found.read, found.pieces) == ("film", 0, 2, 3)
    with open_film(tmp_path / "film.mp4") as film:
        other = survey(used, film, TEXT.encode("other"), TEXT)
    assert other.whole is None and other.read == 0 and other.wrong > 0
