"""Films opened: told by their content, never by their names, and only by readers that are named here.

PyAV (FFmpeg's libraries) reads them, Pillow WebP and AVIF that move, which FFmpeg does not know. FFmpeg is given the open file and
nothing else: no protocol, and no format whose file only names others (playlists, manifests, lists of parts, numbered images).
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path

from longrun.errors import UserError
from stegastamp.films import pyav as av
from stegastamp.films.animation import MOVING, Animation
from stegastamp.films.container import Container
from stegastamp.pictures.opening import PNG, Unreadable, opened, pillow, quiet

NAMED = (
    *(".mp4", ".m4v", ".mov", ".qt", ".3gp", ".3g2", ".mkv", ".webm", ".avi", ".ts", ".mts", ".m2ts", ".mpg", ".mpeg", ".vob", ".flv"),
    *(".f4v", ".wmv", ".asf", ".ogv", ".ogg", ".mxf", ".nut", ".ivf", ".h264", ".264", ".hevc", ".265", ".obu", ".y4m", ".dv", ".rm"),
)
"""What a file is called that is to be a film, should its content say nothing."""
FORMATS = (
    *("mov", "mp4", "m4a", "3gp", "3g2", "mj2", "matroska", "webm", "avi", "mpegts", "mpeg", "flv", "live_flv", "kux", "asf", "asf_o"),
    *("ogg", "mxf", "gxf", "nut", "ivf", "h264", "hevc", "vvc", "obu", "av1", "evc", "m4v", "mpegvideo", "h261", "h263", "dirac", "vc1"),
    *("vc1test", "cavsvideo", "avs2", "avs3", "yuv4mpegpipe", "dv", "wtv", "rm", "ivr", "nsv", "nuv", "pva", "ty", "lxf", "swf", "cine"),
    *("flic", "smk", "bink", "roq", "vivo", "film_cpk", "moflex", "xmv", "thp", "mtv", "dhav", "lmlm4", "mv", "mlv", "amv", "gif", "apng"),
)
"""Names that FFmpeg has for the containers and plain streams that are read."""
PIXELS = 2**27
"""What a frame may have at most: four times what televisions of 8K show."""
# Brands of ISO media files that are pictures, and what files of pictures begin with that FFmpeg would read as films of one frame.
_STILL_BRANDS = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1", b"avif", b"avis")
_STILL_MAGIC = (b"\xff\xd8\xff", b"II*\0", b"MM\0*", b"BM")
_MAYBE_STILL = (b"GIF8", PNG)

Film = Container | Animation


class NoFilm(UserError):
    """What is to be a film is none, is damaged from its beginning, or is of a kind that is not read."""


def is_film(path: Path | str) -> bool:
    """Whether a file is to be read as a film: by its content, and where that says nothing by its name."""
    path = Path(path)
    if not path.is_file():
        return path.suffix.lower() in NAMED and not path.is_dir()
    head = _head(path)
    if _may_be_animation(head):
        return _frames(path) > 1
    named = path.suffix.lower() in NAMED and not head.startswith(_MAYBE_STILL)
    if not head or _is_still(path, head):
        return named and not head
    if not av.is_installed():  # Then no film is opened, and whatever else it may be is judged as a picture.
        return named
    try:
        with path.open("rb") as file, _opened(file) as container:
            return _moves(container, head) or named
    except (av.error.FFmpegError, OSError):
        return named


@contextmanager
def open_film(path: Path | str) -> Iterator[Film]:
    """The film in a file, closed at the end. Raises FileNotFoundError, or NoFilm with one line that says why."""
    path = Path(path)
    if not path.is_file():
        raise FileNotFoundError(f"film {path} does not exist")
    head = _head(path)
    if _may_be_animation(head):
        yield Animation(path, _animated(path))
        return
    if not head:
        raise NoFilm(f"{path} is no readable film: it is empty")
    if _is_still(path, head):
        raise NoFilm(f"{path} is no readable film: it is a picture")
    with path.open("rb") as file:
        try:
            container = _opened(file)
            moves = _moves(container, head)
        except (av.error.FFmpegError, OSError) as error:  # Places that lie before the file's beginning are sought by damaged ones.
            raise NoFilm(f"{path} is no readable film: {_reason(error, head)}") from error
        with container:
            if not moves and container.streams.video:
                raise NoFilm(f"{path} is no film: it is a picture of one frame")
            yield Container(path, container, _moving(path, container))


def _opened(file):
    options = {"format_whitelist": ",".join(FORMATS), "protocol_whitelist": "none"}
    with quiet():
        return av.open(file, container_options=options, metadata_errors="replace")


def _moves(container, head):
    """Whether there is a film in it; a GIF or a PNG of one frame is a picture."""
    if not head.startswith(_MAYBE_STILL):
        return bool(container.streams.video)
    with quiet():
        packets = list(islice((packet for packet in container.demux(video=0) if packet.size), 2))
        container.seek(0)
    return len(packets) > 1


def _moving(path, container):
    """The stream that is the film: the first that is no cover picture and can be decoded."""
    streams = [stream for stream in container.streams.video if not stream.disposition & av.stream.Disposition.attached_pic]
    if not streams:
        kinds = sorted({stream.type for stream in container.streams})
        held = f"{' and '.join(kinds)}, but no moving picture" if kinds else "nothing"
        raise NoFilm(f"{path} is no film: it holds {held}")
    known = [stream for stream in streams if stream.codec_context is not None]
    if not known:
        raise NoFilm(f"{path} is no readable film: its coding is not known")
    width, height = known[0].width, known[0].height
    if width * height > PIXELS:
        raise NoFilm(f"{path} cannot be read: {width}x{height} are {width * height / 1e6:.0f} megapixels; at most {PIXELS / 1e6:.0f}")
    # Frames may become larger later on.
    known[0].codec_context.options = {"max_pixels": str(PIXELS)}
    return known[0]


def _head(path):
    with path.open("rb") as file:
        return file.read(32)


def _may_be_animation(head):
    return (head[:4] == b"RIFF" and head[8:12] == b"WEBP") or (head[4:8] == b"ftyp" and head[8:12] in (b"avif", b"avis"))


def _is_still(path, head):
    """Whether a file is known to be a picture by its beginning; most pictures are, and need no FFmpeg to tell."""
    if head.startswith(PNG):
        return not _is_animated_png(path)
    return head.startswith(_STILL_MAGIC) or (head[4:8] == b"ftyp" and head[8:12] in _STILL_BRANDS)


def _is_animated_png(path):
    """Whether a PNG says before its first pixels that it moves."""
    with path.open("rb") as file:
        file.seek(len(PNG))
        while len(chunk := file.read(8)) == 8 and chunk[4:] != b"IDAT":
            if chunk[4:] == b"acTL":
                return True
            file.seek(int.from_bytes(chunk[:4]) + 4, io.SEEK_CUR)  # The chunk and its checksum.
    return False


def _animated(path):
    file = opened(path.read_bytes(), path)
    with pillow(path, "is damaged"):
        moves = file.format in MOVING and getattr(file, "n_frames", 1) > 1
    if not moves:
        raise NoFilm(f"{path} is no film: it is a picture of one frame")
    return file


def _frames(path):
    try:
        file = opened(path.read_bytes(), path)
        with pillow(path, "is damaged"):
            return getattr(file, "n_frames", 1) if file.format in MOVING else 1
    except Unreadable:
        return 1  # Whoever reads it as a picture says what is wrong.


def _reason(error, head):
    """Why FFmpeg does not open a file, in words."""
    if head.startswith(_MAYBE_STILL):
        return "it is a picture of one frame, or damaged"
    if isinstance(error, av.error.ArgumentError):
        return "it is in none of the formats that are read"
    return "it is damaged, or no film at all"
