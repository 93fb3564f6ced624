"""Frames as they are encoded: planes of Y, Cb and Cr, to which a mark is added without a detour through RGB."""

from __future__ import annotations

import cv2
import numpy as np

from stegastamp.films import pyav as av
from stegastamp.films.upright import has_alpha, pixels
from stegastamp.pictures.crops import resize

# By FFmpeg's numbers: ranges, and colour spaces with what red and blue weigh in their luma. The rest is taken for BT.601, as FFmpeg does.
_FULL, _LIMITED, _BT709, _BT2020 = 2, 1, 1, (9, 10)
_WEIGHTS = {_BT709: (0.2126, 0.0722), **dict.fromkeys(_BT2020, (0.2627, 0.0593))}
_BT601 = (0.299, 0.114)


def working_format(frame: av.VideoFrame) -> str:
    """The format in which a frame is stamped and encoded: chroma as coarse as in the film, 8 or 10 bits.

    Odd sizes have no half chroma, and RGB becomes 4:2:0, which every player shows, where its size allows.
    """
    form = frame.format
    # By how much smaller chroma is, of a frame of 64 x 64.
    across, down = (64 // max(1, size) for size in (form.chroma_width(64), form.chroma_height(64)))
    if _is_rgb(form) or len(form.components) < 3 or across > 2 or down > across:
        across, down = 2, 2
    if frame.width % across or frame.height % down:
        across, down = 1, 1
    deep = max(component.bits for component in form.components) > 8
    return {(2, 2): "yuv420p", (2, 1): "yuv422p", (1, 1): "yuv444p"}[across, down] + ("10le" if deep else "")


def converted(frame: av.VideoFrame) -> av.VideoFrame:
    """A frame in its `working_format`, with the tags of its colours, on white where it is transparent; itself where it is in it already."""
    wanted, name = working_format(frame), frame.format.name
    if name == wanted:
        return frame
    if has_alpha(frame):
        frame = _opaque(frame)
    if _is_rgb(frame.format):
        made = frame.reformat(format=wanted, dst_colorspace=_BT709, dst_color_range=_LIMITED)
        return _tagged(made, _BT709, _BT709, _BT709, _LIMITED)
    kept = _FULL if name.startswith("yuvj") or frame.color_range == _FULL else _LIMITED
    made = frame.reformat(format=wanted, src_color_range=kept, dst_color_range=kept)
    return _tagged(made, frame.colorspace, frame.color_primaries, frame.color_trc, kept)


def from_pixels(array: np.ndarray, like: av.VideoFrame) -> av.VideoFrame:
    """Coded pixels (H, W, 3) uint8 RGB as a frame of the format and the colours of `like`, which is in its working format."""
    frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(array), format="rgb24")
    kept = like.color_range or _LIMITED
    made = frame.reformat(format=like.format.name, dst_colorspace=like.colorspace, dst_color_range=kept)
    return _tagged(made, like.colorspace, like.color_primaries, like.color_trc, like.color_range)


def marked(frame: av.VideoFrame, residual: np.ndarray) -> tuple[av.VideoFrame, float]:
    """A frame in its working format with a residual added, and the mean squared difference of its luma on a scale of 0 to 1.

    residual: (h, w, 3) float32 of any size, RGB in [-1, 1] as the frame is coded; each plane gets its part of it, resized.
    """
    red, blue = _WEIGHTS.get(frame.colorspace, _BT601)
    luma = residual @ np.float32([red, 1 - red - blue, blue])
    full = frame.color_range == _FULL
    parts = (luma, (residual[..., 2] - luma) / (2 - 2 * blue), (residual[..., 0] - luma) / (2 - 2 * red))
    deep = frame.format.components[0].bits > 8
    largest = 1023 if deep else 255
    made = av.VideoFrame(frame.width, frame.height, frame.format.name)
    _tagged(made, frame.colorspace, frame.color_primaries, frame.color_trc, frame.color_range)
    errors = []
    for number, part in enumerate(parts):
        before, after = (_plane(each.planes[number], deep) for each in (frame, made))
        scale = largest if full else (219, 224, 224)[number] * (4 if deep else 1)
        sum_ = cv2.add(before, resize(part * np.float32(scale), before.shape), dtype=cv2.CV_16U if deep else cv2.CV_8U)
        after[:] = np.minimum(sum_, largest) if deep else sum_
        if number == 0:
            errors.append(cv2.norm(before, after, cv2.NORM_L2SQR) / before.size / scale**2)
    return made, errors[0]


def _plane(plane, deep):
    kind = np.dtype(np.uint16 if deep else np.uint8)
    lines = np.frombuffer(plane, kind).reshape(-1, plane.line_size // kind.itemsize)
    return lines[: plane.height, : plane.width]


def _tagged(frame, space, primaries, transfer, range_):
    frame.colorspace, frame.color_primaries, frame.color_trc, frame.color_range = space, primaries, transfer, range_
    return frame


def _is_rgb(form):
    return form.is_rgb or form.has_palette


def _opaque(frame):
    """A frame with transparency as what is seen of it; one that is opaque all over keeps its planes."""
    if frame.to_ndarray(format="rgba")[..., 3].min() == 255:
        return frame
    return av.VideoFrame.from_ndarray(pixels(frame), format="rgb24")
