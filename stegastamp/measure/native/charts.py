"""Charts and pictures as text that stands inside an HTML page: SVG, and images as data addresses."""

import base64
import html
from collections.abc import Mapping, Sequence

import cv2
import numpy as np

WIDTH, HEIGHT, LEFT, BOTTOM, TOP, RIGHT = 520, 280, 54, 44, 14, 30


def interval_bar(value: float, low: float, high: float, floor: float) -> str:
    """A score with its interval on a line from 0 to 1, and its floor as a tick."""

    def x(share):
        return 4 + 152 * share

    return (
        '<svg class="bar" viewBox="0 0 160 16" width="160" height="16" aria-hidden="true">'
        f'<line class="rail" x1="{x(0)}" x2="{x(1)}" y1="8" y2="8"/>'
        f'<line class="floor" x1="{x(floor):.1f}" x2="{x(floor):.1f}" y1="2" y2="14"/>'
        f'<line class="whisker" x1="{x(low):.1f}" x2="{x(high):.1f}" y1="8" y2="8"/>'
        f'<circle cx="{x(value):.1f}" cy="8" r="3.6"/></svg>'
    )


def line_chart(
    series: Mapping[str, tuple[Sequence[float], Sequence[float]]],
    *,
    x_ticks: Mapping[float, str],
    y_ticks: Mapping[float, str],
    x_title: str,
    y_title: str,
    bands: Mapping[str, tuple[Sequence[float], Sequence[float]]] | None = None,
    marks: Mapping[float, str] | None = None,
    floor: float | None = None,
) -> str:
    """Lines over a common axis, both axes linear from their first tick to their last.

    series: label -> (x, y). bands: label -> (low, high) around its line. marks: x -> label of a dashed upright. floor: a dashed level.
    """
    left, right = min(x_ticks), max(x_ticks)
    bottom, top = min(y_ticks), max(y_ticks)

    def x(value):
        return LEFT + (value - left) / (right - left) * (WIDTH - LEFT - RIGHT)

    def y(value):
        return HEIGHT - BOTTOM - (np.clip(value, bottom, top) - bottom) / (top - bottom) * (HEIGHT - BOTTOM - TOP)

    def points(pairs):
        return " ".join(f"{x(a):.1f},{y(b):.1f}" for a, b in pairs)

    parts = [f'<svg class="chart" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{html.escape(y_title)}">']
    for value, label in y_ticks.items():
        parts.append(f'<line class="grid" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y(value):.1f}" y2="{y(value):.1f}"/>')
        parts.append(f'<text x="{LEFT - 7}" y="{y(value) + 4:.1f}" text-anchor="end">{html.escape(label)}</text>')
    for value, label in x_ticks.items():
        for row, line in enumerate(label.split("\n")):
            parts.append(f'<text x="{x(value):.1f}" y="{HEIGHT - BOTTOM + 15 + 12 * row}" text-anchor="middle">{html.escape(line)}</text>')
    for value, label in (marks or {}).items():
        parts.append(f'<line class="mark" x1="{x(value):.1f}" x2="{x(value):.1f}" y1="{TOP}" y2="{HEIGHT - BOTTOM}"/>')
        parts.append(f'<text x="{x(value) + 3:.1f}" y="{TOP + 9}">{html.escape(label)}</text>')
    if floor is not None:
        parts.append(f'<line class="mark" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y(floor):.1f}" y2="{y(floor):.1f}"/>')
        parts.append(f'<text x="{WIDTH - RIGHT}" y="{y(floor) - 4:.1f}" text-anchor="end">floor</text>')
    for number, (label, (across, values)) in enumerate(series.items()):
        if bands and label in bands:
            low, high = bands[label]
            around = [*zip(across, high, strict=True), *reversed(list(zip(across, low, strict=True)))]
            parts.append(f'<polygon class="band s{number}" points="{points(around)}"/>')
        parts.append(f'<polyline class="line s{number}" points="{points(zip(across, values, strict=True))}"/>')
    parts.append(
        f'<text x="{(LEFT + WIDTH - RIGHT) / 2}" y="{HEIGHT - 4}" text-anchor="middle" class="title">{html.escape(x_title)}</text>'
    )
    parts.append("</svg>")
    keys = "".join(f'<span><i class="s{number}"></i>{html.escape(label)}</span>' for number, label in enumerate(series))
    return f'<figure class="plot"><figcaption><b>{html.escape(y_title)}</b>{keys}</figcaption>{"".join(parts)}</figure>'


def picture(image: np.ndarray, *, alternative: str, exact: bool = False) -> str:
    """An <img> of an image (H, W, 3) uint8 with its pixels in the page: PNG if every pixel counts, else JPEG of quality 90."""
    suffix, kind = (".png", "png") if exact else (".jpg", "jpeg")
    data = cv2.imencode(suffix, image[..., ::-1], [] if exact else [cv2.IMWRITE_JPEG_QUALITY, 90])[1]
    address = f"data:image/{kind};base64,{base64.b64encode(data).decode()}"
    height, width = image.shape[:2]
    return f'<img src="{address}" width="{width}" height="{height}" loading="lazy" alt="{html.escape(alternative, quote=True)}">'


def fitted(image: np.ndarray, width: int, height: int) -> np.ndarray:
    """The image made smaller, never larger, to fit into width x height pixels."""
    scale = min(width / image.shape[1], height / image.shape[0], 1)
    size = max(1, round(image.shape[1] * scale)), max(1, round(image.shape[0] * scale))
    return cv2.resize(image, size, interpolation=cv2.INTER_AREA)
