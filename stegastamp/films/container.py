"""Films as FFmpeg's libraries read them: frames in order, with the packets of sound and subtitles between them."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

from stegastamp.films import pyav as av
from stegastamp.films.upright import matrix_of
from stegastamp.pictures.opening import quiet

MISSING = 0.9
"""Of the time that a film says it lasts, the part at which something is missing where it ends before."""
# What FFmpeg writes about a file by itself, which would be untrue of another file.
_OWN = ("major_brand", "minor_version", "compatible_brands", "encoder", "duration", "creation_time_of_encoder")


class Container:
    """A film in an open container.

    count: how many frames there are, as far as the file says it, else 0. rate: frames a second. time_base: of the frames' times.
    aspect: width of a pixel in its heights. copied: the streams that another film takes as they are. left_out: what is in the file
    beside those, in words.
    matrix: from the first frame on, the display matrix. damage: after reading, what could not be read, in words; empty: nothing.
    """

    def __init__(self, path: Path, container: av.container.InputContainer, stream: av.VideoStream):
        self.path, self._container, self._stream = path, container, stream
        stream.thread_type = "AUTO"
        self.time_base = stream.time_base
        self.rate = stream.average_rate or stream.guessed_rate or Fraction(25)
        self.count = stream.frames or self._estimate()
        self.aspect = stream.sample_aspect_ratio
        self.copied = (*container.streams.audio, *container.streams.subtitles)
        self.damage = ""
        self.matrix: tuple[int, ...] = ()
        self.metadata = {key: value for key, value in container.metadata.items() if key.lower() not in _OWN}
        self.chapters: list[Any] = list(container.chapters())
        self.left_out = [_named(each) for each in container.streams if each is not stream and each not in self.copied]

    def read(self, copied: tuple = ()) -> Iterator[av.VideoFrame | av.Packet]:
        """Its frames as they are coded, all of the first one's size, with packets of the streams `copied` where they come.

        What is damaged is passed over and told in `damage`; a file that ends too soon gives what it has.
        """
        damaged, count, size, reached = False, 0, None, Fraction(0)
        packets = self._container.demux()
        while True:
            try:
                with quiet():
                    packet = next(packets, None)
            except (av.error.FFmpegError, OSError):
                # A reader that has failed does not go on; the decoder may hold a few frames more.
                packet, damaged = None, True
            if packet is not None:
                reached = max(reached, _end(packet, 1 / self.rate))
                if packet.stream is not self._stream:
                    if packet.stream in copied and packet.size and packet.dts is not None:
                        yield packet
                    continue
            frames, failed = self._decoded(packet)
            damaged |= failed
            for frame in frames:
                self.matrix = self.matrix or matrix_of(frame)
                size = size or (frame.width, frame.height)
                count += 1
                yield frame if size == (frame.width, frame.height) else _of_size(frame, size)
            if packet is None:
                break
        start, length = self._container.start_time or 0, self._container.duration or 0
        if damaged or reached * av.time_base - start < MISSING * length:
            self.damage = f"{self.path} is damaged: {count} frames could be read"

    def _decoded(self, packet):
        """The frames that a packet gives, or that are left at the end; whether it is damaged."""
        if packet is not None and packet.is_corrupt:
            return [], True
        try:
            with quiet():
                frames = self._stream.decode(packet)
        except av.error.EOFError:  # All that was held has been given.
            return [], False
        except av.error.FFmpegError:
            return [], True
        sound = [frame for frame in frames if not frame.is_corrupt]
        return sound, len(sound) < len(frames)

    def _estimate(self):
        duration = self._stream.duration and self._stream.duration * self._stream.time_base
        if not duration and self._container.duration:
            duration = Fraction(self._container.duration, av.time_base)
        return round((duration or 0) * self.rate)


def _end(packet, usual):
    """Where a packet ends, in seconds; 0 where that is not said. usual: how long one lasts that does not say it."""
    return packet.pts * packet.time_base + (packet.duration * packet.time_base or usual) if packet.pts is not None else Fraction(0)


def _of_size(frame, size):
    resized = frame.reformat(width=size[0], height=size[1])
    resized.pts, resized.time_base, resized.duration = frame.pts, frame.time_base, frame.duration
    return resized


def _named(stream):
    cover = stream.type == "video" and stream.disposition & av.stream.Disposition.attached_pic
    return "cover picture" if cover else f"{stream.type} stream {stream.index}"
