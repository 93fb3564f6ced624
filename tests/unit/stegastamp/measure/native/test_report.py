import json
from html.parser import HTMLParser

import pytest

from stegastamp.measure import camera
from stegastamp.measure.attacks import NATIVE_ATTACKS
from stegastamp.measure.native import report
from tests.fixtures.grid_stamper import GridStamper

VOID = {"meta", "img", "line", "circle"}


class Page(HTMLParser):
    """Collects addresses and text, and holds that tags are closed in order."""

    def __init__(self, text):
        super().__init__()
        self.open, self.addresses, self.words = [], [], []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        self.addresses += [value for name, value in attributes if name in ("src", "href", "srcset", "data")]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        pass

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.words.append(data)


@pytest.fixture(scope="module")
def written(photos_folder, tmp_path_factory):
    folder = tmp_path_factory.mktemp("report")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(camera, "RASTER", 120)
        patch.setattr(camera, "PHOTO_SIDE", (80, 110))
        patch.setenv("STEGASTAMP_LPIPS", str(folder / "no weights"))
        few = folder / "images"
        few.mkdir()
        for name in ("0.png", "1.png"):
            (few / name).write_bytes((photos_folder / name).read_bytes())
        (few / "2.png").write_bytes(b"no image")
        return folder, report.report(GridStamper(), str(few), str(folder / "grid.html"), 2)


def test_the_page_needs_nothing_else(written):
    folder, _ = written
    text = (folder / "grid.html").read_text()
    page = Page(text)
    assert page.open == []
    assert page.addresses and all(address.startswith("data:image/") for address in page.addresses)
    assert "url(" not in text and "@import" not in text and "<script" not in text
    words = " ".join(page.words)
    for name, attack in NATIVE_ATTACKS.items():
        assert name.replace("_", " ") in words and attack.text in words
    assert "grid <b>, step 7" in words
    # What cannot be measured is said.
    assert "2.png is no readable image" in words
    assert "Perceptual distance not measured" in words and "python -m stegastamp lpips --net alex" in words


def test_the_numbers_are_beside_it(written):
    folder, outcome = written
    found = json.loads((folder / "grid.json").read_text(), parse_constant=pytest.fail)
    details = found.pop("details")
    assert found == json.loads(json.dumps(outcome))
    assert {"project", "preset", "step", "metrics", "floors", "skill", "intervals", "counts", "n"} == set(found)
    assert found["metrics"]["bit_accuracy_none"] == found["metrics"]["message_success_text7_hard_as_sent"] == 1.0
    assert found["floors"]["bit_accuracy_none"] == 0.5 and found["floors"]["message_success_text7_hard_none"] < 1e-5
    # Nothing failed, and yet 400 bits and 4 messages prove only so much.
    assert 0.98 < found["intervals"]["bit_accuracy_none"][0] < 1 and found["intervals"]["message_success_text7_hard_none"][0] < 0.6
    assert set(found["counts"].values()) == {2}
    assert found["metrics"]["message_success_decode_rotation_90"] == 1.0
    assert [image["name"] for image in details["images"]] == ["0.png", "1.png"]
    mean = sum(image["psnr"] for image in details["images"]) / 2
    assert found["metrics"]["psnr"] == pytest.approx(mean)
    assert details["attacks"]["jpeg50"]["parameters"]["quality"] == 50
    assert len(details["curve"]["strength"]) == len(details["curve"]["none"]) == 5


@pytest.mark.parametrize(
    "images, target, messages, cause",
    [
        ("", "a.html", 8, "needs --images"),
        ("IMAGES", "a.pdf", 8, "must end in .html"),
        ("IMAGES", "a.html", 0, "each photo needs a stamp"),
        ("ONE", "a.html", 8, "two at least"),
    ],
)
def test_bad_input_is_one_line(written, tmp_path, images, target, messages, cause):
    folder, _ = written
    (tmp_path / "one").mkdir()
    (tmp_path / "one" / "a.png").write_bytes((folder / "images" / "0.png").read_bytes())
    images = images.replace("IMAGES", str(folder / "images")).replace("ONE", str(tmp_path / "one"))
    with pytest.raises(ValueError, match=cause):
        report.report(GridStamper(), images, str(tmp_path / target), messages)


def test_missing_folders_are_one_line(written, tmp_path):
    folder, _ = written
    with pytest.raises(FileNotFoundError, match="nowhere"):
        report.report(GridStamper(), str(tmp_path / "nowhere"), str(tmp_path / "a.html"))
    with pytest.raises(FileNotFoundError, match="none/a.html: there is no folder"):
        report.report(GridStamper(), str(folder / "images"), str(tmp_path / "none" / "a.html"))
