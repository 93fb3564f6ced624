import os
import resource
from pathlib import Path

import cv2
import numpy as np
import pytest
import tifffile
from PIL import Image

from stegastamp.pictures import photos


@pytest.fixture
def pixels():
    coarse = np.random.default_rng(0).integers(0, 256, (5, 6, 3), dtype=np.uint8)
    return cv2.resize(coarse, (48, 40), interpolation=cv2.INTER_CUBIC)


def write(folder: Path, name: str, array, **options) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(array).save(path, **options)
    return path


def truncate(path: Path, share=0.5) -> Path:
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * share)])
    return path


@pytest.mark.parametrize("suffix", [".png", ".bmp", ".tif", ".webp"])
def test_colour_images_are_read_exactly(tmp_path, pixels, suffix):
    options = {"lossless": True} if suffix == ".webp" else {}
    assert np.array_equal(photos.read_image(write(tmp_path, f"a{suffix}", pixels, **options)), pixels)


def test_grey_images_get_three_channels(tmp_path, pixels):
    grey = pixels[..., 0]
    assert np.array_equal(photos.read_image(write(tmp_path, "grey.png", grey)), np.repeat(grey[..., None], 3, -1))


def test_palette_images_are_read(tmp_path, pixels):
    few = pixels // 128 * 255
    path = tmp_path / "palette.png"
    Image.fromarray(few).convert("P", palette=Image.Palette.ADAPTIVE).save(path)
    assert np.array_equal(photos.read_image(path), few)


def test_palette_images_with_transparency_are_read_without_a_warning(tmp_path, pixels):
    path = tmp_path / "palette.png"
    Image.fromarray(pixels // 128 * 255).quantize(8).save(path, transparency=bytes([0, 128, 255]))
    assert photos.read_image(path).shape == pixels.shape


@pytest.mark.parametrize("mode", ["RGBA", "LA"])
def test_what_is_transparent_is_seen_on_white(tmp_path, pixels, mode):
    image = Image.fromarray(pixels).convert(mode)
    image.putalpha(Image.fromarray(pixels[..., 0]))
    path = tmp_path / "alpha.png"
    image.save(path)
    page = Image.new("RGBA", image.size, "white")
    page.alpha_composite(image.convert("RGBA"))
    assert np.abs(photos.read_image(path).astype(int) - np.asarray(page.convert("RGB"))).max() <= 1


def test_a_negative_of_sixteen_bits_is_no_negative(tmp_path):
    """Pillow takes white for black in it."""
    deep = np.linspace(0, 65535, 40 * 48).reshape(40, 48).astype(np.uint16)
    tifffile.imwrite(tmp_path / "scan.tif", ~deep, photometric="miniswhite", metadata=None)
    assert np.array_equal(photos.read_image(tmp_path / "scan.tif")[..., 0], np.rint(deep / 257).astype(np.uint8))


@pytest.mark.parametrize("suffix", [".png", ".tif"])
def test_sixteen_bits_are_scaled_not_clipped(tmp_path, suffix):
    deep = np.linspace(0, 65535, 40 * 48).reshape(40, 48).astype(np.uint16)
    path = write(tmp_path, f"deep{suffix}", deep)
    assert np.array_equal(photos.read_image(path)[..., 0], np.rint(deep / 257).astype(np.uint8))


def test_sixteen_bit_colour_is_read(tmp_path, pixels):
    path = tmp_path / "deep.png"
    assert cv2.imwrite(str(path), pixels[..., ::-1].astype(np.uint16) * 257)
    assert np.array_equal(photos.read_image(path), pixels)


@pytest.mark.parametrize(("orientation", "turns"), [(3, 2), (6, 3), (8, 1)])
def test_photos_are_turned_upright(tmp_path, pixels, orientation, turns):
    exif = Image.Exif()
    exif[0x0112] = orientation
    path = write(tmp_path, "turned.png", pixels, exif=exif)
    assert np.array_equal(photos.read_image(path), np.rot90(pixels, turns))


def test_printer_s_colours_are_read(tmp_path, pixels):
    path = tmp_path / "cmyk.jpg"
    Image.fromarray(pixels).convert("CMYK").save(path, quality=95)
    assert np.abs(photos.read_image(path).astype(int) - pixels).mean() < 8


@pytest.mark.parametrize("suffix", [".jpg", ".png", ".bmp", ".tif", ".webp"])
@pytest.mark.parametrize("share", [0.02, 0.3, 0.6, 0.9])
def test_truncated_images_are_one_clear_error(tmp_path, pixels, suffix, share):
    path = truncate(write(tmp_path, f"cut{suffix}", np.random.default_rng(0).integers(0, 256, (64, 64, 3), dtype=np.uint8)), share)
    with pytest.raises(ValueError, match="cut") as raised:
        photos.read_image(path)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize("suffix", [".jpg", ".png", ".bmp", ".tif", ".webp"])
def test_damaged_bytes_are_an_image_or_one_clear_error(tmp_path, pixels, suffix):
    original = write(tmp_path, f"whole{suffix}", pixels).read_bytes()
    draw = np.random.default_rng(0)
    refused = 0
    for number in range(60):
        data = bytearray(original)
        for position in draw.integers(0, len(data), 8):
            data[position] = draw.integers(0, 256)
        path = tmp_path / f"damaged-{number}{suffix}"
        path.write_bytes(data)
        try:
            assert photos.read_image(path).dtype == np.uint8
        except ValueError as error:
            assert str(error).startswith(str(path)) and "\n" not in str(error)
            refused += 1
    assert refused > 0


def test_a_missing_image_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match="image .*nowhere.png does not exist"):
        photos.read_image(tmp_path / "nowhere.png")


def test_folders_are_searched_recursively_by_suffix(tmp_path, pixels):
    for name in ("b.PNG", "deeper/a.jpg", "deeper/still/c.webp", "notes.txt.gif"):
        write(tmp_path, name, pixels)
    (tmp_path / "folder.png").mkdir()
    (tmp_path / "gone.jpg").symlink_to(tmp_path / "nowhere.jpg")
    names = [str(path.relative_to(tmp_path)) for path in photos.find_images(tmp_path)]
    assert names == ["b.PNG", "deeper/a.jpg", "deeper/still/c.webp"]


def test_a_missing_and_an_empty_folder_are_one_clear_error(tmp_path):
    with pytest.raises(FileNotFoundError, match="image folder .*nowhere does not exist"):
        photos.folder_photos(tmp_path / "nowhere", 32)
    (tmp_path / "notes.txt").write_text("no picture")
    with pytest.raises(FileNotFoundError, match="holds no image"):
        photos.folder_photos(tmp_path, 32)


def test_files_that_cannot_be_used_are_counted_and_named(tmp_path, pixels, capsys):
    write(tmp_path, "good.png", pixels)
    write(tmp_path, "small.png", pixels[:31])
    truncate(write(tmp_path, "deeper/cut.jpg", pixels))
    (tmp_path / "text.png").write_text("no picture")
    found = photos.folder_photos(tmp_path, 32)
    assert found.names == ("good.png",)
    assert np.array_equal(found.images[0], pixels)
    assert [name.split(" ")[0] for name in found.unreadable] == ["deeper/cut.jpg", "small.png", "text.png"]
    report = capsys.readouterr().err
    assert report.startswith(f"3 of 4 files in {tmp_path} left out: ")
    assert "small.png (48x31 is smaller than the crop of 32)" in report
    assert report.count("\n") == 1


def test_many_unusable_files_are_counted_but_not_all_named(tmp_path, pixels, capsys):
    write(tmp_path, "good.png", pixels)
    for number in range(7):
        (tmp_path / f"text-{number}.png").write_text("no picture")
    photos.folder_photos(tmp_path, 32)
    assert "text-4.png (is no readable image); and 2 more\n" in capsys.readouterr().err


def test_a_folder_of_nothing_usable_is_one_clear_error(tmp_path, capsys):
    (tmp_path / "text.png").write_text("no picture")
    with pytest.raises(ValueError, match=r"none of the 1 images in .* can be used: text.png \(is no readable image\)$"):
        photos.folder_photos(tmp_path, 32)
    assert capsys.readouterr().err == ""


def test_the_cache_is_used_again_and_knows_when_it_is_stale(tmp_path, pixels, cache, monkeypatch):
    write(tmp_path, "a.png", pixels)
    first = photos.folder_photos(tmp_path, 32)
    with monkeypatch.context() as patch:
        patch.setattr(photos, "read_image", lambda path: pytest.fail("decoded again"))
        again = photos.folder_photos(tmp_path, 32)
        assert np.array_equal(again.images[0], first.images[0])
    # Another size may leave out other photos; a changed file is another photo.
    with pytest.raises(ValueError, match="none of"):
        photos.folder_photos(tmp_path, 64)
    os.utime(write(tmp_path, "a.png", 255 - pixels), ns=(1, 1))
    assert np.array_equal(photos.folder_photos(tmp_path, 32).images[0], 255 - pixels)


def test_a_half_written_cache_is_written_again(tmp_path, pixels, cache):
    write(tmp_path, "a.png", pixels)
    photos.folder_photos(tmp_path, 32)
    newest = max(cache.rglob("index.json"), key=lambda path: path.stat().st_mtime_ns)
    newest.unlink()
    assert np.array_equal(photos.folder_photos(tmp_path, 32).images[0], pixels)


def test_names_are_relative_to_the_folder_that_was_asked_for(tmp_path, pixels):
    """The same files, reached from two folders."""
    write(tmp_path, "deeper/a.png", pixels)
    assert photos.folder_photos(tmp_path, 32).names == ("deeper/a.png",)
    assert photos.folder_photos(tmp_path / "deeper", 32).names == ("a.png",)


def test_a_full_disk_leaves_nothing_in_the_cache(tmp_path, pixels, monkeypatch):
    monkeypatch.setenv("STEGASTAMP_CACHE", str(tmp_path / "cache"))
    write(tmp_path / "photos", "a.png", np.tile(pixels, (4, 4, 1)))
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, before[1]))
    try:
        with pytest.raises(OSError, match=f"cannot write decoded photos to {tmp_path / 'cache'}.*: File too large"):
            photos.folder_photos(tmp_path / "photos", 32)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert [path for path in (tmp_path / "cache").rglob("*") if path.is_file()] == []
    assert len(photos.folder_photos(tmp_path / "photos", 32)) == 1


def test_large_photos_are_stored_smaller(tmp_path):
    write(tmp_path, "large.png", np.zeros((300, 200, 3), np.uint8))
    assert photos.folder_photos(tmp_path, 32).images[0].shape == (192, 128, 3)


def test_cached_photos_cannot_be_written_to(tmp_path, pixels):
    write(tmp_path, "a.png", pixels)
    with pytest.raises(ValueError, match="read-only"):
        photos.folder_photos(tmp_path, 32).images[0][0, 0] = 0


@pytest.mark.parametrize(
    ("name", "group"),
    [("a/b/dog_c3.png", "dog"), ("dog_full.jpg", "dog"), ("dog.png", "dog"), ("dog_c.png", "dog_c"), ("dog_c3_x.png", "dog_c3_x")],
)
def test_groups_of_cuts(name, group):
    assert photos.photo_group(name) == group


def test_a_folder_is_split_by_photo(tmp_path, pixels):
    for number in range(30):
        for cut, name in enumerate(("full", "c1", "c2")):
            write(tmp_path, f"{number}_{name}.png", pixels + np.uint8(3 * number + cut))
    training, held_out = photos.training_and_held_out(str(tmp_path), "", 32)
    groups = [{photos.photo_group(name) for name in part.names} for part in (training, held_out)]
    assert groups[0].isdisjoint(groups[1])
    assert (len(groups[0]), len(groups[1])) == (27, 3)
    assert (len(training), len(held_out)) == (81, 9)
    again = photos.training_and_held_out(str(tmp_path), "", 32)
    assert (again[0].names, again[1].names) == (training.names, held_out.names)


def test_a_split_needs_two_photos(tmp_path, pixels):
    write(tmp_path, "one_c1.png", pixels)
    write(tmp_path, "one_c2.png", pixels[:, 8:])
    with pytest.raises(ValueError, match="single photo.*--held-out"):
        photos.training_and_held_out(str(tmp_path), "", 32)
    write(tmp_path, "other.png", 255 - pixels)
    assert [len(part) for part in photos.training_and_held_out(str(tmp_path), "", 32)] in ([1, 2], [2, 1])


def test_a_folder_may_be_held_out(tmp_path, pixels, capsys):
    """Two photos that happen to have one name are two photos."""
    write(tmp_path, "in/a.png", pixels)
    write(tmp_path, "in/b.png", 255 - pixels)
    write(tmp_path, "out/b.png", pixels // 2)
    training, held_out = photos.training_and_held_out(str(tmp_path / "in"), str(tmp_path / "out"), 32)
    assert (training.names, held_out.names) == (("a.png", "b.png"), ("b.png",))
    assert capsys.readouterr().err == ""


def test_a_held_out_folder_inside_the_other_is_not_trained_on(tmp_path, pixels, capsys):
    write(tmp_path, "a.png", pixels)
    write(tmp_path, "train/0.png", pixels // 2)
    write(tmp_path, "val/0.png", pixels // 3)
    write(tmp_path, "val/deeper/1.png", pixels // 4)
    training, held_out = photos.training_and_held_out(str(tmp_path), str(tmp_path / "val"), 32)
    assert training.names == ("a.png", "train/0.png")
    assert held_out.names == ("0.png", "deeper/1.png")
    assert [image.tobytes() for image in training.images] == [pixels.tobytes(), (pixels // 2).tobytes()]
    assert capsys.readouterr().err == "2 of 4 photos are held out as well and not trained on\n"


def test_copies_links_and_cuts_of_held_out_photos_are_not_trained_on(tmp_path, pixels):
    write(tmp_path, "out/a.png", pixels)
    write(tmp_path, "out/dog_c1.png", pixels // 2)
    write(tmp_path, "out/cat.png", pixels // 3)
    write(tmp_path, "in/copy.bmp", pixels)  # The same pixels in another file.
    (tmp_path / "in/link.png").symlink_to(tmp_path / "out/a.png")
    write(tmp_path, "in/dog.png", pixels // 4)
    write(tmp_path, "in/deeper/dog_c7.png", pixels // 5)
    write(tmp_path, "in/cat_c1.png", pixels // 6)
    write(tmp_path, "in/cow_c1.png", pixels)  # A cut in training that is held out under another name takes its photo along.
    write(tmp_path, "in/cow_c2.png", pixels // 7)
    write(tmp_path, "in/good.png", 255 - pixels)
    training, held_out = photos.training_and_held_out(str(tmp_path / "in"), str(tmp_path / "out"), 32)
    assert training.names == ("good.png",) and len(held_out) == 3


def test_copies_within_a_folder_are_on_one_side(tmp_path, pixels):
    for number in range(20):
        for name in (f"photo-{number}.png", f"copies/of-{number}.png"):
            write(tmp_path, name, pixels + np.uint8(number))
    training, held_out = photos.training_and_held_out(str(tmp_path), "", 32)
    assert set(training.contents).isdisjoint(held_out.contents)
    assert len(held_out) == 4 and len(training) in range(32, 36)


def test_large_copies_are_known_by_the_pixels_of_the_file(tmp_path, capsys):
    """Embedded photos are kept whole, those of a folder shrunk to what crops need."""
    original = photos.embedded(("astronaut.png",)).images[0]
    write(tmp_path, "a.png", original)
    training, _ = photos.training_and_held_out("", str(tmp_path), 64)
    assert "astronaut.png" not in training.names and len(training) == len(photos.EMBEDDED_TRAIN) - 1


def test_holding_out_everything_is_one_clear_error(tmp_path, pixels):
    write(tmp_path, "a.png", pixels)
    with pytest.raises(ValueError, match="all 1 photos to train on are held out as well, so none is left"):
        photos.training_and_held_out(str(tmp_path), str(tmp_path), 32)


def test_embedded_photos_are_there_and_apart():
    training, held_out = photos.training_and_held_out("", "", 128)
    assert len(training) >= 16 and len(held_out) == 3
    assert set(training.names).isdisjoint(held_out.names)
    for image in (*training.images, *held_out.images):
        assert image.dtype == np.uint8 and image.ndim == 3 and image.shape[2] == 3
