from pathlib import Path

import av
import numpy as np
import pytest

from longrun import UserError
from stegastamp.films.opening import open_film
from stegastamp.films.planes import converted
from stegastamp.films.upright import matrix_of, pixels
from stegastamp.films.writing import CODINGS, FilmWriter, refuse
from tests.fixtures.films import frames_of, moving, sound_of, times_of, write_film

TIMES = [0, 40, 100, 110, 400, 401]
TURNED = (0, 1 << 16, 0, -(1 << 16), 0, 0, 0, 0, 1 << 30)


def copied(source: Path, target: Path, crf: int | None = None) -> FilmWriter:
    """A film whose frames are those of another."""
    with open_film(source) as film, FilmWriter(target, target, film, crf=crf) as writer:
        for item in film.read(writer.copied):
            if isinstance(item, av.Packet):
                writer.write(item)
            else:
                writer.write(converted(item), like=item)
        writer.close()
    return writer


@pytest.mark.parametrize("suffix", [".mp4", ".m4v", ".mov", ".mkv"])
def test_times_sound_rotation_and_texts_are_kept(suffix, tmp_path):
    source = write_film(tmp_path / "film.mp4", moving(6), sound="aac", times=TIMES, matrix=TURNED, texts={"title": "A film"})
    target = tmp_path / f"new{suffix}"
    writer = copied(source, target)
    # Matroska has no times below 0, and sound begins a little before: all of it is moved by that.
    offset = times_of(target)[0]
    assert [time - offset for time in times_of(target)] == pytest.approx([time / 1000 for time in TIMES], abs=0.0011)
    assert 0 <= offset < 0.03 and (suffix == ".mkv" or offset == 0)
    assert sound_of(target) == sound_of(source) and len(sound_of(target)) > 10
    assert matrix_of(frames_of(target)[0]) == TURNED
    with av.open(str(target)) as container:
        assert {key.lower(): text for key, text in container.metadata.items()}["title"] == "A film"
        assert container.streams.video[0].codec_context.name == "h264"
    assert writer.left_out == []
    for frame, before in zip(frames_of(target), frames_of(source), strict=True):
        assert np.abs(pixels(frame).astype(int) - pixels(before)).mean() < 4


def test_the_last_frame_lasts_as_long_as_it_did(tmp_path):
    source = write_film(tmp_path / "film.mkv", moving(3), times=[0, 40, 80])
    copied(source, tmp_path / "new.mp4")
    with av.open(str(tmp_path / "new.mp4")) as container:
        stream = container.streams.video[0]
        assert float(stream.duration * stream.time_base) == pytest.approx(0.12)


@pytest.mark.parametrize("colours", [(1, 1, 1, 1), (9, 9, 16, 1), (6, 6, 6, 2)])
def test_colours_are_tagged_as_they_were(colours, tmp_path):
    source = write_film(tmp_path / "film.mp4", moving(2), pixels="yuv420p10le", colours=colours)
    copied(source, tmp_path / "new.mkv")
    frame = frames_of(tmp_path / "new.mkv")[0]
    assert (frame.colorspace, frame.color_primaries, frame.color_trc, frame.color_range) == colours
    assert frame.format.name == "yuv420p10le"


def test_webm_is_vp9_with_its_sound(tmp_path):
    source = write_film(tmp_path / "film.mkv", moving(3), sound="libopus")
    copied(source, tmp_path / "new.webm")
    with av.open(str(tmp_path / "new.webm")) as container:
        assert [stream.codec_context.name for stream in container.streams] in (["vp9", "opus"], ["libvpx-vp9", "opus"])
    assert sound_of(tmp_path / "new.webm") == sound_of(source)


def test_sound_that_does_not_fit_is_refused(tmp_path):
    source = write_film(tmp_path / "film.mp4", moving(2), sound="aac")
    with open_film(source) as film, pytest.raises(UserError, match=r"\.webm cannot hold the sound of .*film.mp4 \(aac\)"):
        FilmWriter(tmp_path / "new.webm", tmp_path / "new.webm", film)


def test_a_transport_stream_becomes_a_film_with_its_sound(tmp_path):
    source = write_film(tmp_path / "film.ts", moving(4), sound="aac")
    copied(source, tmp_path / "new.mp4")
    assert len(frames_of(tmp_path / "new.mp4")) == 4 and len(sound_of(tmp_path / "new.mp4")) == len(sound_of(source))


def test_less_is_kept_of_a_film_at_a_larger_rate_factor(tmp_path):
    source = write_film(tmp_path / "film.mp4", list(np.random.default_rng(0).integers(0, 255, (5, 96, 96, 3), dtype=np.uint8)))
    for crf in (10, 40):
        copied(source, tmp_path / f"{crf}.mp4", crf)
    assert (tmp_path / "10.mp4").stat().st_size > 2 * (tmp_path / "40.mp4").stat().st_size


def test_frames_without_times_come_one_after_the_other(tmp_path):
    """A plain stream has no times of its own, and a broken one goes back."""
    source = write_film(tmp_path / "film.mkv", moving(4))
    with open_film(source) as film, FilmWriter(tmp_path / "new.mp4", tmp_path / "new.mp4", film) as writer:
        for item, time in zip(film.read(), (None, None, 10, 200), strict=True):
            item.pts = time
            writer.write(converted(item), like=item)
        writer.close()
    assert times_of(tmp_path / "new.mp4") == pytest.approx([0, 0.04, 0.041, 0.2], abs=0.0005)


def test_a_film_without_frames_is_no_film(tmp_path):
    target = tmp_path / "new.mp4"
    with open_film(write_film(tmp_path / "film.mp4", moving(1))) as film, pytest.raises(UserError, match="holds no frame"):
        FilmWriter(target, target, film).close()


def test_what_cannot_be_written_is_refused_before_the_work(tmp_path):
    (tmp_path / "there.mp4").touch()
    refuse(tmp_path / "there.mp4", 51, overwrite=True)
    for name, crf, line in (
        ("new.avi", None, "new.avi must end in .mp4, .m4v, .mov, .mkv, .webm"),
        ("new.mp4", 52, "--crf is 0 to 51 for .mp4, not 52"),
        ("new.webm", -1, "--crf is 0 to 63 for .webm, not -1"),
        ("there.mp4", None, "there.mp4 exists; --overwrite replaces it"),
    ):
        with pytest.raises(UserError, match=line):
            refuse(tmp_path / name, crf, overwrite=False)
    assert set(CODINGS) == {".mp4", ".m4v", ".mov", ".mkv", ".webm"}


def test_a_full_disk_is_one_line(tmp_path):
    source = write_film(tmp_path / "film.mp4", list(np.random.default_rng(0).integers(0, 255, (5, 96, 96, 3), dtype=np.uint8)))
    with pytest.raises(OSError, match=r"^cannot write new.mp4: ") as refused, open_film(source) as film:
        written = FilmWriter(Path("/dev/full"), Path("new.mp4"), film)
        with written as writer:
            for item in film.read():
                writer.write(converted(item), like=item)
            writer.close()
    assert "\n" not in str(refused.value)
