import av
import numpy as np
import pytest
from PIL import Image

from longrun import UserError
from stegastamp.films import opening
from stegastamp.films.opening import is_film, open_film
from stegastamp.films.upright import shown
from tests.fixtures.films import moving, write_film

CONTAINERS = {
    "film.mp4": {},
    "film.mov": {"sound": "aac"},
    "film.mkv": {"pixels": "yuv422p10le"},
    "film.webm": {"codec": "libvpx-vp9"},
    "film.ts": {"sound": "aac"},
    "film.avi": {"codec": "mpeg4"},
    "film.flv": {},
    "film.mpg": {"codec": "mpeg2video", "kind": "mpeg"},
    "film.nut": {"codec": "ffv1", "pixels": "yuv444p"},
    "clear.mov": {"codec": "qtrle", "pixels": "argb"},
}


def read(path):
    with open_film(path) as film:
        return [frame for frame in film.read()], film


@pytest.mark.parametrize("name", CONTAINERS)
def test_every_container_is_read_by_its_content(name, tmp_path):
    path = write_film(tmp_path / name, moving(5), **CONTAINERS[name]).rename(tmp_path / "film")
    assert is_film(path)
    frames, film = read(path)
    assert len(frames) == 5 and film.damage == ""
    for frame, picture in zip(frames, moving(5), strict=True):
        assert np.abs(shown(frame).astype(int) - picture).mean() < 6


@pytest.mark.parametrize("suffix", [".gif", ".png", ".webp", ".avif"])
def test_pictures_that_move_are_films(suffix, tmp_path):
    path, pictures = tmp_path / f"film{suffix}", [Image.fromarray(frame) for frame in moving(4)]
    pictures[0].save(path, save_all=True, append_images=pictures[1:], duration=120)
    assert is_film(path)
    frames, film = read(path)
    assert len(frames) == 4 and film.count in (0, 4)
    assert [float(frame.pts * frame.time_base) for frame in frames] == pytest.approx([0, 0.12, 0.24, 0.36])
    assert float(frames[-1].duration * film.time_base) == pytest.approx(0.12)
    assert np.abs(shown(frames[3]).astype(int) - moving(4)[3]).mean() < 12


@pytest.mark.parametrize("suffix", [".gif", ".png", ".webp", ".jpg", ".tif", ".bmp"])
def test_pictures_that_stand_still_are_none_whatever_they_are_called(suffix, tmp_path):
    path = tmp_path / "film.mp4"
    Image.fromarray(moving(1)[0]).save(tmp_path / f"still{suffix}")
    (tmp_path / f"still{suffix}").rename(path)
    assert not is_film(path)
    with pytest.raises(UserError, match=r"film.mp4 is no (readable )?film: it is a picture"), open_film(path):
        pass


@pytest.mark.parametrize("suffix", [".png", ".jpg", ".webp", ".tif", ".bmp"])
def test_a_photo_is_told_without_the_libraries_of_films(suffix, tmp_path, monkeypatch):
    monkeypatch.setattr(opening, "_opened", lambda *_: pytest.fail("FFmpeg was asked"))
    path = tmp_path / f"photo{suffix}"
    Image.fromarray(moving(1)[0]).save(path)
    assert not is_film(path)


@pytest.mark.parametrize(
    "content",
    [
        "ffconcat version 1.0\nfile real.mp4\n",
        "#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:1,\nreal.mp4\n#EXT-X-ENDLIST\n",
        '<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011"><BaseURL>real.mp4</BaseURL></MPD>',
        "v=0\nm=video 5004 RTP/AVP 96\na=rtpmap:96 H264/90000\n",
        "nothing but a text\n" * 50,
        "",
    ],
)
def test_what_names_other_files_and_what_is_none_is_refused(content, tmp_path):
    write_film(tmp_path / "real.mp4", moving(2))
    path = tmp_path / "list.mp4"
    path.write_text(content)
    assert is_film(path)  # By its name: the message speaks of a film.
    with pytest.raises(UserError) as refused, open_film(path):
        pass
    assert "list.mp4 is no readable film: " in str(refused.value) and "\n" not in str(refused.value)
    assert not is_film(path.rename(tmp_path / "list.txt"))


def test_sound_alone_is_no_film(tmp_path):
    path = tmp_path / "song.mp4"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("aac", rate=48000)
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 4800), np.float32), format="fltp", layout="mono")
        frame.sample_rate = 48000
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    assert is_film(path)
    with pytest.raises(UserError, match=r"song.mp4 is no film: it holds audio, but no moving picture"), open_film(path):
        pass


def test_what_is_missing_is_named(tmp_path):
    assert is_film(tmp_path / "film.mkv") and not is_film(tmp_path / "photo.jpg") and not is_film(tmp_path)
    with pytest.raises(FileNotFoundError, match=r"film .*film.mkv does not exist"), open_film(tmp_path / "film.mkv"):
        pass


def test_frames_that_are_too_large_are_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(opening, "PIXELS", 48 * 64 - 1)
    path = write_film(tmp_path / "film.mp4", moving(1))
    with pytest.raises(UserError, match=r"film.mp4 cannot be read: 64x48 are 0 megapixels; at most 0"), open_film(path):
        pass


@pytest.mark.parametrize("name", ["film.mp4", "film.mkv", "film.webm", "film.gif"])
def test_a_film_that_is_cut_off_is_read_up_to_there_and_says_so(name, tmp_path):
    path, noise = tmp_path / name, list(np.random.default_rng(0).integers(0, 255, (30, 48, 64, 3), dtype=np.uint8))
    if name == "film.gif":
        pictures = [Image.fromarray(frame) for frame in noise]
        pictures[0].save(path, save_all=True, append_images=pictures[1:])
    else:
        codec = "libvpx-vp9" if name == "film.webm" else "libx264"
        write_film(path, noise, codec, options={"movflags": "+faststart"} if name == "film.mp4" else {})
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    frames, film = read(path)
    assert 5 < len(frames) < 25
    assert film.damage == f"{path} is damaged: {len(frames)} frames could be read"


def test_damage_in_the_middle_is_passed_over(tmp_path):
    noise = list(np.random.default_rng(0).integers(0, 255, (30, 48, 64, 3), dtype=np.uint8))
    path = write_film(tmp_path / "film.mp4", noise)
    data = bytearray(path.read_bytes())
    data[len(data) // 2 : len(data) // 2 + 500] = b"\7" * 500
    path.write_bytes(data)
    frames, film = read(path)
    assert 20 < len(frames) < 30 and film.damage == f"{path} is damaged: {len(frames)} frames could be read"


def test_a_film_that_ends_before_its_header_is_refused(tmp_path):
    path = write_film(tmp_path / "film.mp4", moving(5))  # What says where the frames are comes last.
    path.write_bytes(path.read_bytes().split(b"moov")[0])
    with pytest.raises(UserError, match=r"film.mp4 is no readable film: it is damaged, or no film at all"), open_film(path):
        pass


def test_frames_are_of_one_size(tmp_path):
    """Two recordings of two sizes, one behind the other in a transport stream."""
    first, second = (write_film(tmp_path / f"{side}.ts", moving(3, side, side)) for side in (48, 64))
    path = tmp_path / "both.ts"
    path.write_bytes(first.read_bytes() + second.read_bytes())
    frames, _ = read(path)
    assert len(frames) >= 5 and {(frame.width, frame.height) for frame in frames} == {(48, 48)}


def test_nothing_of_the_libraries_is_printed(tmp_path, capfd):
    path = write_film(tmp_path / "film.mp4", moving(5), options={"movflags": "+faststart"})
    path.write_bytes(path.read_bytes()[:-300])
    capfd.readouterr()
    read(path)
    assert capfd.readouterr() == ("", "")
