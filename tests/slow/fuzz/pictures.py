"""Pictures of every format that is read, and some that are not."""

import io
from pathlib import Path
from random import Random

import cv2
import numpy as np
import pillow_heif
import tifffile
from PIL import Image, PngImagePlugin

from longrun.errors import UserError
from stegastamp.pictures.formats import WRITTEN, dropped, file_bytes, read_picture

POSTSCRIPT = b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 64 64\n%%EndComments\n{} loop\nshowpage\n%%EOF\n"
VECTOR = b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><image href="file:///etc/passwd"/></svg>'
SMALL = 2**20
"""Pixels up to which a picture that was read is also written again."""


def prepare() -> None:
    """Nothing: this module's imports are all."""


def make(folder: Path) -> None:
    """A folder with one picture for each kind."""
    for name, content in _samples().items():
        place = folder / name.replace(".", "-")
        place.mkdir()
        (place / name).write_bytes(content)


def read(folder: Path, chance: Random) -> None:
    """Read the picture, and write it in another format where it can be read."""
    path = next(path for path in sorted(folder.rglob("*")) if path.is_file())
    picture = read_picture(path)
    suffix = chance.choice(WRITTEN)
    dropped(picture, suffix)
    for view in picture.seen():
        assert view.dtype == picture.pixels.dtype and view.shape[:2] == picture.pixels.shape[:2]
    if picture.pixels.shape[0] * picture.pixels.shape[1] <= SMALL:
        opaque = suffix in (".jpg", ".jpeg", ".bmp")
        if opaque and picture.alpha is not None:
            suffix = ".png"
        if not (suffix in (".jpg", ".jpeg") and len(picture.exif) > 60_000):
            try:
                _ = file_bytes(picture, suffix)
            except UserError as error:  # As encode says it, which knows the name.
                raise UserError(f"{path} was not written: {error}") from error


def _samples():
    chance = np.random.default_rng(5)
    rows, columns = np.mgrid[0:48, 0:64]
    colour = np.uint8(np.dstack([rows * 5, columns * 3, (rows + columns) * 2]) + chance.integers(0, 30, (48, 64, 3)))
    image, alpha = Image.fromarray(colour), np.uint8(np.clip(rows * 8, 0, 255))
    clear, grey = Image.fromarray(np.dstack([colour, alpha])), Image.fromarray(colour[..., 1])
    deep = colour.astype(np.uint16) * 257
    exif = Image.Exif()
    exif[0x0112], exif[0x010E], exif[0x8298] = 6, "a picture", "somebody"
    about = {"exif": exif.tobytes(), "icc_profile": _profile()}
    text = PngImagePlugin.PngInfo()
    text.add_text("Title", "one", zip=True)
    text.add_itxt("XML:com.adobe.xmp", "<x:xmpmeta/>" * 20, zip=True)
    found = {
        "rgb.png": _saved(image, "PNG", pnginfo=text, dpi=(300, 300), **about),
        "alpha.png": _saved(clear, "PNG"),
        "palette.png": _saved(image.quantize(16), "PNG", transparency=3, bits=4),
        "bits.png": _saved(grey.convert("1"), "PNG"),
        "key.png": _saved(image, "PNG", transparency=(1, 2, 3)),
        "animated.png": _saved(image, "PNG", save_all=True, append_images=[clear.convert("RGB")], default_image=False),
        "deep.png": cv2.imencode(".png", deep)[1].tobytes(),
        "deep-grey.png": cv2.imencode(".png", deep[..., 0])[1].tobytes(),
        "photo.jpg": _saved(image, "JPEG", quality=80, comment=b"hello", dpi=(72, 72), **about),
        "progressive.jpg": _saved(image, "JPEG", progressive=True, subsampling=2, xmp=b"<x:xmpmeta/>"),
        "grey.jpg": _saved(grey, "JPEG"),
        "cmyk.jpg": _saved(image.convert("CMYK"), "JPEG"),
        "two.mpo": _saved(image, "MPO", save_all=True, append_images=[image.rotate(9)]),
        "one.gif": _saved(image, "GIF"),
        "moving.gif": _saved(image, "GIF", save_all=True, append_images=[image.rotate(9), image.rotate(18)], transparency=0),
        "lossy.webp": _saved(clear, "WEBP", exif=exif.tobytes()),
        "lossless.webp": _saved(image, "WEBP", lossless=True, xmp=b"<x:xmpmeta/>"),
        "moving.webp": _saved(image, "WEBP", save_all=True, append_images=[image.rotate(9)]),
        "plain.bmp": _saved(image, "BMP"),
        "palette.bmp": _saved(image.quantize(16), "BMP"),
        "colour.ppm": _saved(image, "PPM"),
        "grey.pgm": _saved(grey, "PPM"),
        "bits.pbm": _saved(grey.convert("1"), "PPM"),
        "plain.pgm": b"P2\n4 2\n255\n0 1 2 3\n4 5 6 7\n",
        "float.pfm": _saved(grey.convert("F"), "PPM"),
        "waves.jp2": _saved(image, "JPEG2000"),
        "waves.j2k": _saved(clear, "JPEG2000", irreversible=True, no_jp2=True),
        "photo.avif": _saved(clear, "AVIF", quality=60, exif=exif.tobytes()),
        "phone.heic": _heif(image, **about),
        "clear.heic": _heif(clear),
        "other.eps": POSTSCRIPT,
        "other.svg": VECTOR,
        "other.pdf": _saved(image, "PDF"),
        "other.ico": _saved(image, "ICO"),
        "other.html": b"<!doctype html><html><body>not found</body></html>",
    }
    for name, array, options in (
        ("rgb8.tif", colour, {"compression": "zlib", "predictor": True}),
        ("rgb16.tif", deep, {"compression": "zlib"}),
        ("rgba16.tif", np.dstack([deep, deep[..., :1]]), {"extrasamples": ["unassalpha"]}),
        ("planes.tif", np.moveaxis(deep, -1, 0), {"planarconfig": "separate", "photometric": "rgb"}),
        ("tiles.tif", deep, {"tile": (16, 32)}),
        ("white.tif", deep[..., 0], {"photometric": "miniswhite", "extratags": [(274, 3, 1, 6, True)]}),
        ("big.tif", colour, {"bigtiff": True}),
    ):
        file = io.BytesIO()
        tifffile.imwrite(file, array, metadata=None, photometric=options.pop("photometric", "rgb" if array.ndim == 3 else None), **options)
        found[name] = file.getvalue()
    for kind in ("tiff_lzw", "jpeg", "packbits", "group4", "tiff_adobe_deflate"):
        found[f"{kind}.tif"] = _saved(grey.convert("1") if kind == "group4" else image, "TIFF", compression=kind, **about)
    return found


def _saved(image, kind, **options):
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def _heif(image, **options):
    file = io.BytesIO()
    pillow_heif.from_pillow(image).save(file, quality=70, **options)
    return file.getvalue()


def _profile():
    from PIL import ImageCms

    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
