import av
import numpy as np
import pytest

from stegastamp.films.planes import converted, from_pixels, marked, working_format
from stegastamp.films.upright import pixels
from tests.fixtures.films import moving

FORMATS = {
    "yuv420p": "yuv420p",
    "yuvj420p": "yuv420p",
    "nv12": "yuv420p",
    "yuv422p": "yuv422p",
    "yuyv422": "yuv422p",
    "yuv444p": "yuv444p",
    "yuv411p": "yuv420p",
    "yuv440p": "yuv420p",
    "yuv420p10le": "yuv420p10le",
    "yuv422p12le": "yuv422p10le",
    "p010le": "yuv420p10le",
    "yuva444p12le": "yuv444p10le",
    "gray": "yuv420p",
    "gray16le": "yuv420p10le",
    "rgb24": "yuv420p",
    "bgra": "yuv420p",
    "gbrp10le": "yuv420p10le",
    "pal8": "yuv420p",
}


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_becomes_one_that_is_encoded(name):
    assert working_format(av.VideoFrame(64, 48, name)) == FORMATS[name]


def test_odd_sizes_keep_their_size():
    assert working_format(av.VideoFrame(63, 48, "yuv420p")) == "yuv444p"
    assert working_format(av.VideoFrame(64, 47, "yuv420p10le")) == "yuv444p10le"
    assert working_format(av.VideoFrame(64, 47, "yuv422p")) == "yuv422p"


def frame_of(picture, name, space=1, full=False):
    made = av.VideoFrame.from_ndarray(picture, format="rgb24")
    if name == "rgb24":
        return made
    made = made.reformat(format=name, dst_colorspace=space, dst_color_range=2 if full else 1)
    made.colorspace, made.color_range = space, 2 if full else 1
    return made


@pytest.mark.parametrize(
    ("name", "space", "full"), [("nv12", 1, False), ("yuv444p10le", 9, False), ("yuvj420p", 5, True), ("rgb24", 1, False)]
)
def test_a_frame_looks_the_same_in_its_working_format(name, space, full):
    picture = moving(1)[0]
    frame = frame_of(picture, name, space, full)
    made = converted(frame)
    assert np.abs(pixels(made).astype(int) - pixels(frame)).mean() < 4
    assert (made.colorspace, made.color_range) == (space, 2 if full else 1)
    assert converted(made) is made


def test_transparent_frames_are_encoded_as_they_are_seen():
    array = np.full((16, 16, 4), 100, np.uint8)
    array[..., 3] = [255] * 8 + [0] * 8
    seen = pixels(converted(av.VideoFrame.from_ndarray(array, format="rgba")))
    assert abs(int(seen[8, 3, 0]) - 100) <= 2 and seen[8, 12, 0] >= 253


@pytest.mark.parametrize("name", ["yuv420p", "yuv422p", "yuv444p", "yuv420p10le", "yuv444p10le"])
@pytest.mark.parametrize("space", [1, 6, 9])
@pytest.mark.parametrize("full", [False, True])
def test_a_mark_is_added_as_it_would_be_in_rgb(name, space, full):
    picture = np.uint8(70 + moving(1)[0] / 3)
    residual = np.zeros((12, 16, 3), np.float32) + np.float32([0.06, -0.04, 0.08])
    residual[:, 8:] *= -1
    frame = frame_of(picture, name, space, full)
    made, error = marked(frame, residual)
    difference = (pixels(made).astype(float) - pixels(frame)) / 255
    for part, sign in (((slice(4, -4), slice(4, 28)), 1), ((slice(4, -4), slice(36, -4)), -1)):
        assert difference[part].mean((0, 1)) == pytest.approx(sign * np.array([0.06, -0.04, 0.08]), abs=0.012)
    weights = {1: (0.2126, 0.0722), 6: (0.299, 0.114), 9: (0.2627, 0.0593)}[space]
    luma = 0.06 * weights[0] - 0.04 * (1 - sum(weights)) + 0.08 * weights[1]
    assert np.sqrt(error) == pytest.approx(abs(luma), abs=0.004)
    assert (made.format.name, made.colorspace, made.color_range) == (name, frame.colorspace, frame.color_range)


@pytest.mark.parametrize("name", ["yuv420p", "yuv420p10le"])
def test_a_mark_does_not_wrap_around(name):
    for level, residual in ((255, 0.5), (0, -0.5)):
        made, _ = marked(frame_of(np.full((16, 16, 3), level, np.uint8), name), np.full((4, 4, 3), residual, np.float32))
        assert np.abs(pixels(made).astype(int) - level).max() <= 1


def test_drawn_pixels_take_the_colours_of_the_film():
    picture = moving(1)[0]
    like = frame_of(picture, "yuv420p10le", 9)
    made = from_pixels(picture, like)
    assert made.format.name == "yuv420p10le" and made.colorspace == 9
    assert np.abs(pixels(made).astype(int) - picture).mean() < 3
