"""The command `encode`: messages into image files, one or many."""

import functools
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from longrun import fleet
from longrun.cli.waiting import waiting_for
from longrun.errors import UserError
from longrun.release.models import Runtime
from longrun.run.output import check_output, write_output
from stegastamp.films.opening import is_film
from stegastamp.message.formats import Message
from stegastamp.pictures import codec
from stegastamp.pictures.codec import Codec, Marked
from stegastamp.pictures.formats import QUALITY, STDIO, Picture, dropped, file_bytes, picture_from, read_picture
from stegastamp.pictures.sources import pairs, told_of
from stegastamp.pictures.strength import Survive


@dataclass(frozen=True)
class Encoding:
    """One file to stamp."""

    image: Path
    target: Path
    message: str
    checkpoint: str
    format: str
    survive: Survive
    strength: float | None
    verify: str
    margin: int
    quality: int | None
    overwrite: bool
    key: str
    runtime: Runtime


def encode(
    image: str,
    output: str,
    /,
    *,
    message: str,
    checkpoint: str = "",
    survive: Literal["", "file", "messenger", "print"] = "",
    strength: float | None = None,
    format: str = "",
    key: str = "",
    verify: str = "none",
    margin: int = 0,
    quality: int | None = None,
    crf: int | None = None,
    overwrite: bool = False,
    runtime: Literal["", "keras", "onnx"] = "",
    workers: int = 0,
    cluster: str = "",
) -> int:
    """Hide a message in an image, in many, or in a film.

    A file is written only after the message has been read from its own bytes, and after what --verify names. In a folder, files that
    cannot be stamped and files that are left out are named and counted, and the others go on; the exit code is then 2. Metadata that
    the new file cannot hold are named too.

    image: An image file, a folder of them, a pattern in quotes, - for standard input, or a film.
    output: The file to write, .png, .jpg, .webp, .avif, .tif or .bmp; - for a PNG on standard output; for many images a folder; for a
        film .mp4, .m4v, .mov, .mkv (H.264) or .webm (VP9).
    message: Up to 7 bytes of UTF-8, or what another --format carries.
    checkpoint: Other weights than the released ones, a released or run folder.
    survive: What the message has to survive: the file as it is, a messenger (half the size, JPEG of quality 50), or a print and a
        camera. The weakest mark that does is found for each picture. Empty: the last of these that the network can do.
    strength: Of the mark, the same for every picture, instead of searching for it. Found or given, it is raised by 25 % at a time, at
        most eight times, until the message is read from the file.
    format: What a message may be, one of text7, text5, text4 and uuid; empty, the first that fits the network.
    key: File with a key, without which nobody reads or forges the message; `key` makes one. Less fits then: 4 bytes in text7.
    verify: What the picture must survive before it is written, one of none, png (8 bits), jpegQ and webpQ with a quality Q.
    margin: How many more wrong bits could still be corrected after that.
    quality: Of JPEG (95 unless told), AVIF (90) and WebP (90; 100 is lossless).
    crf: Of films: the encoder's constant rate factor, 0 to 51 for H.264 (18 unless told), 0 to 63 for VP9 (24); less is better and larger.
    overwrite: Replace files that exist.
    runtime: What computes the networks; empty: onnxruntime where the weights have ONNX files, as released ones have, else Keras.
    workers: Processes that share the images of a folder; 0: one for every processor where there are 64 or more, else one.
    cluster: Address of a Dask scheduler whose workers share them instead, e.g. tcp://127.0.0.1:8786.

    Example:
        python -m stegastamp encode photo.jpg stamped.jpg --message Hello --verify jpeg50
    """
    if is_film(image):
        from stegastamp.films import stamping  # Photos do not wait for it.

        load = functools.partial(codec.load, checkpoint, format=format, key=key, runtime=runtime)
        unused = {"--verify": verify != "none", "--margin": margin != 0, "--quality": quality is not None, "--survive": survive != ""}
        unused |= {"--workers": workers != 0, "--cluster": cluster != ""}
        options = {"message": message, "strength": strength, "format": format, "crf": crf, "overwrite": overwrite}
        return stamping.encode(image, output, load, unused, **options)
    if crf is not None:
        raise UserError(f"--crf is for films, {image} is none")
    codec.attack(verify)
    if quality is not None and not 1 <= quality <= 100:
        raise UserError(f"quality is 1 to 100, not {quality}")
    chosen = (message, checkpoint, format, survive, strength, verify, margin, quality, overwrite, key, runtime)
    found, left_out = pairs(image, output)
    tasks = [Encoding(*each, *chosen) for each in found]
    suffixes = {_suffix(task.target) for task in tasks}
    if quality is not None and not suffixes & QUALITY.keys():
        raise UserError(f"--quality is of {', '.join(QUALITY)}, not of {', '.join(sorted(suffixes))}")
    if len(tasks) == 1 and output != STDIO:
        check_output(tasks[0].target, overwrite=overwrite, makes_folder=True)
    used = codec.load(checkpoint, format=format, key=key, runtime=runtime)
    used.formats(format)[0].encode(message)
    if len(tasks) == 1 and not left_out:
        line = _stamped(used, tasks[0])
        print(line, file=sys.stderr if output == STDIO else sys.stdout)
        return 0
    # Elsewhere than in this process the networks are loaded once for each worker.
    workers = fleet.processes(workers, len(tasks))
    work = functools.partial(_line, used) if workers == 1 and not cluster else _line_of_worker
    failed = 0
    for _, (line, error) in waiting_for(fleet.run(work, tasks, workers=workers, cluster=cluster), len(tasks), "images"):
        failed += bool(error)
        print(error or line, file=sys.stderr if error else sys.stdout, flush=True)
    if failed:
        print(f"{failed} of {len(tasks)} files failed", file=sys.stderr)
    if left_out:
        print(told_of(left_out), file=sys.stderr)
    return 2 if failed or left_out else 0


def encode_file(
    used: Codec,
    image: Path,
    target: Path,
    message: Message,
    *,
    check: Callable[[Picture], Picture] = lambda picture: picture,
    quality: int | None = None,
    overwrite: bool = True,
    **options,
) -> Marked:
    """Stamp one image file. The bytes of the new file, decoded again, are what `check` and the reading back see. See `Codec.mark`.

    Raises UserError, also where the file is there and not to be replaced.
    """
    cover = read_picture(image)
    if cover.frames > 1:
        raise UserError(f"{image} has {cover.frames} frames; only still pictures can be stamped")
    data, suffix = b"", _suffix(target)

    def through_the_file(stamped):
        nonlocal data
        data = file_bytes(stamped, suffix, quality)
        return check(picture_from(data, str(target)))

    try:
        marked = used.mark(cover, message, check=through_the_file, **options)
    except UserError as error:
        raise UserError(f"{target} was not written: {error}") from error
    if str(target) == STDIO:
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
        return marked
    target.parent.mkdir(parents=True, exist_ok=True)
    write_output(target, data, overwrite=overwrite)
    return marked


def _suffix(target):
    return ".png" if str(target) == STDIO else target.suffix.lower()


def _line(used: Codec, task: Encoding) -> tuple[str, str]:
    """What is to be said of a file that was stamped, or why it was not."""
    try:
        return _stamped(used, task), ""
    except (UserError, OSError) as error:
        return "", f"{task.image}: {' '.join(str(error).split())}"


def _line_of_worker(task: Encoding) -> tuple[str, str]:
    return _line(Codec(codec.load_once(task.checkpoint, task.format, task.runtime).stamper, task.key), task)


def _stamped(used, task):
    if str(task.target) != STDIO:
        check_output(task.target, overwrite=task.overwrite, makes_folder=True)
    options = {"survive": task.survive, "strength": task.strength, "format": task.format, "margin": task.margin}
    check = codec.attack(task.verify)
    marked = encode_file(
        used, task.image, task.target, task.message, check=check, quality=task.quality, overwrite=task.overwrite, **options
    )
    after = "" if task.verify == "none" else f" after {task.verify}"
    said = f"{marked.format} with this key" if used.key else marked.format
    made_for = f" for {marked.survives}" if marked.survives else ""
    lost = ", ".join(dropped(marked.picture, _suffix(task.target)))
    return (
        f"{task.target}: {marked.picture.size}, {said}, strength {marked.strength:.3g}{made_for}, PSNR {marked.psnr:.1f} dB, "
        f"{marked.wrong} of {marked.bits} bits wrong{after}, {marked.correctable} correctable" + (f"; dropped: {lost}" if lost else "")
    )
