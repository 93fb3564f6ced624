"""Films written: new frames beside the sound, subtitles, chapters and texts of another film, with its times, rotation and colours."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

from longrun.errors import UserError
from longrun.run.output import check_output
from stegastamp.films import pyav as av
from stegastamp.films.opening import Film
from stegastamp.films.upright import IDENTITY, matrix_of
from stegastamp.pictures.opening import quiet

_H264 = ("libx264", 51, {"preset": "medium"})
_VP9 = ("libvpx-vp9", 63, {"b": "0", "row-mt": "1", "deadline": "good", "cpu-used": "4"})
CODINGS = {
    ".mp4": ("mp4", *_H264),
    ".m4v": ("mp4", *_H264),
    ".mov": ("mov", *_H264),
    ".mkv": ("matroska", *_H264),
    ".webm": ("webm", *_VP9),
}
"""By suffix: FFmpeg's name for the container, the encoder, its largest CRF, its settings."""
CRF = {"libx264": 18, "libvpx-vp9": 24}
"""Constant rate factor unless told: at these, compression is hard to see."""


class FilmWriter:
    """Writes a film at `place` that is to become `target`, with what belongs to `source` beside its frames. To be used in a `with`.

    crf: the encoder's constant rate factor, None: `CRF`. Raises UserError where it is of a kind that is not written or cannot hold the
    sound of the source, OSError where it cannot be written.
    """

    def __init__(self, place: Path, target: Path, source: Film, *, crf: int | None = None):
        self._target, self._source = target, source
        self._kind, self._encoder, _, options = CODINGS[target.suffix.lower()]
        self._options = {**options, "crf": str(CRF[self._encoder] if crf is None else crf)}
        self._stream: av.VideoStream | None = None
        self._waiting: list[av.Packet] = []
        self._last = -1
        with self._told():
            faststart = {"movflags": "+faststart"} if self._kind in ("mp4", "mov") else {}
            self._container = av.open(f"file:{place}", "w", format=self._kind, options=faststart)
        self.copied, self.left_out = self._fitting()

    def __enter__(self) -> FilmWriter:
        return self

    def __exit__(self, *_: object) -> None:
        with contextlib.suppress(av.error.FFmpegError, OSError), quiet():
            self._container.close()

    def write(self, item: av.VideoFrame | av.Packet, like: av.VideoFrame | None = None) -> None:
        """Take the next frame, or a packet of the source's sound or subtitles.

        A frame is as `planes.converted` gives it, with the times, rotation and colours of the frame `like`.
        """
        if isinstance(item, av.Packet):
            if self._stream is None:
                self._waiting.append(item)
            else:
                self._copy(item)
            return
        if self._stream is None:
            self._begin(item, like)
        item.pts, item.time_base, item.duration = self._time(like), self._source.time_base, like.duration
        with self._told():
            self._container.mux(self._stream.encode(item))

    def close(self) -> None:
        """All frames are there: finish the file. Raises UserError where there was none."""
        if self._stream is None:
            raise UserError(f"{self._source.path} holds no frame that can be read")
        with self._told():
            self._container.mux(self._stream.encode(None))
            self._container.close()

    def _fitting(self):
        """(the source's streams that this container takes, what stays behind in words). Sound that it does not take is refused."""
        known, left_out, fitting = self._container.supported_codecs, list(self._source.left_out), []
        for stream in self._source.copied:
            name = stream.codec_context.codec.canonical_name if stream.codec_context else "unknown"
            if name in known:
                fitting.append(stream)
            elif stream.type == "audio":
                suffix = self._target.suffix
                raise UserError(f"{suffix} cannot hold the sound of {self._source.path} ({name}), which is kept as it is; write .mkv")
            else:
                left_out.append(f"subtitles ({name})")
        return tuple(fitting), left_out

    def _begin(self, frame, like):
        rate = Fraction(self._source.rate).limit_denominator(1001000)
        with self._told():
            self._stream = self._container.add_stream(self._encoder, rate=rate, options=self._options)
            stream, context = self._stream, self._stream.codec_context
            stream.width, stream.height, stream.pix_fmt = frame.width, frame.height, frame.format.name
            stream.time_base = context.time_base = self._source.time_base
            if self._source.aspect:
                context.sample_aspect_ratio = self._source.aspect
            context.color_range, context.colorspace = frame.color_range, frame.colorspace
            context.color_primaries, context.color_trc = frame.color_primaries, frame.color_trc
            matrix = matrix_of(like)
            if matrix != IDENTITY:
                stream.set_display_matrix(matrix)
            self._others = {}
            for each in self.copied:
                self._others[each] = self._container.add_stream_from_template(each)
                self._others[each].metadata.update(each.metadata)
            self._container.metadata.update(self._source.metadata)
            if self._source.chapters:
                self._container.set_chapters(self._source.chapters)
        for packet in self._waiting:
            self._copy(packet)
        self._waiting.clear()

    def _copy(self, packet):
        packet.stream = self._others[packet.stream]
        with self._told():
            self._container.mux_one(packet)

    def _time(self, like):
        """When a frame is shown, in the source's time base. Where the source does not say or goes back, right after the one before."""
        step = max(1, like.duration or round(1 / (self._source.rate * self._source.time_base)))
        time = like.pts
        if time is None:
            time = self._last + step if self._last >= 0 else 0
        self._last = max(time, self._last + 1) if self._last >= 0 else time
        return self._last

    @contextlib.contextmanager
    def _told(self) -> Iterator[None]:
        """Around calls of FFmpeg that write: what they raise becomes one line."""
        try:
            with quiet():
                yield
        except (av.error.FFmpegError, OSError) as error:
            why = error.strerror or type(error).__name__
            raise OSError(f"cannot write {self._target}: {why}") from error


def refuse(target: Path, crf: int | None, overwrite: bool) -> None:
    """Raise UserError or OSError where a film cannot become `target`, before anything is done."""
    if target.suffix.lower() not in CODINGS:
        raise UserError(f"{target} must end in {', '.join(CODINGS)}")
    _, encoder, largest, _ = CODINGS[target.suffix.lower()]
    if crf is not None and not 0 <= crf <= largest:
        raise UserError(f"--crf is 0 to {largest} for {target.suffix.lower()}, not {crf}")
    check_output(target, overwrite=overwrite, makes_folder=True)
