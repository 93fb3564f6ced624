"""The page in a browser against Python: each reads what the other stamps; a camera; what a person does wrong."""

import re
import time

import cv2
import numpy as np
import pytest
from skimage import data

import stegastamp
from tests.fixtures import web_films

MESSAGE = "Hello"
MINUTE = 60_000
"""In milliseconds, as Playwright counts."""


@pytest.fixture(scope="module")
def codec():
    return stegastamp.load()


def write(path, image):
    assert cv2.imwrite(str(path), cv2.cvtColor(image, cv2.COLOR_RGBA2BGRA if image.shape[2] == 4 else cv2.COLOR_RGB2BGR))
    return path


def read(path):
    image = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
    return cv2.cvtColor(image, cv2.COLOR_BGRA2RGBA if image.shape[2] == 4 else cv2.COLOR_BGR2RGB)


def logo():
    """A photo seen through a disc, half transparent at its edge."""
    cat = np.ascontiguousarray(data.chelsea())
    row, column = np.mgrid[: cat.shape[0], : cat.shape[1]]
    distance = np.hypot(row / cat.shape[0] - 0.5, column / cat.shape[1] - 0.5)
    return np.dstack([cat, np.uint8(np.clip((0.62 - distance) * 1500, 0, 255))])


def large():
    """12 megapixels with noise as of a camera."""
    return cv2.add(cv2.resize(data.coffee(), (4000, 3000)), np.random.default_rng(0).normal(0, 3, (3000, 4000, 3)), dtype=cv2.CV_8U)


PICTURES = {"photo.png": data.astronaut, "photo.jpg": data.coffee, "large.jpg": large, "logo.png": logo}


@pytest.mark.parametrize("name", PICTURES)
@pytest.mark.parametrize("kind", ["image/png", "image/jpeg"])
def test_python_reads_what_the_page_stamps(open_page, codec, tmp_path, name, kind):
    page, _ = open_page()
    page.set_input_files("#cover", write(tmp_path / name, PICTURES[name]()))
    page.fill("#message", MESSAGE)
    page.select_option("#type", kind)
    page.click("#stamp button")
    page.wait_for_selector("#stamped:not([hidden])", timeout=2 * MINUTE)
    with page.expect_download() as download:
        page.click("#download")
    stamped = read(download.value.path())
    assert stamped.shape[:2] == PICTURES[name]().shape[:2]
    assert codec.decode(stamped).message == MESSAGE


@pytest.mark.parametrize("name", PICTURES)
def test_the_page_reads_what_python_stamps(open_page, codec, tmp_path, name):
    page, _ = open_page()
    page.set_input_files("#picture", write(tmp_path / name, codec.encode(PICTURES[name](), MESSAGE)))
    page.wait_for_selector("#read-message:not([hidden])", timeout=2 * MINUTE)
    assert page.inner_text("#read-message") == MESSAGE


def test_a_turned_picture_and_one_within_a_scene_are_read(open_page, codec, tmp_path):
    stamped = codec.encode(np.ascontiguousarray(data.astronaut()), MESSAGE)
    scene = np.full((900, 1200, 3), 235, np.uint8)
    scene[150:662, 500:1012] = stamped
    page, _ = open_page()
    for image in (np.ascontiguousarray(np.rot90(stamped)), scene):
        page.set_input_files("#picture", write(tmp_path / "picture.png", image))
        page.wait_for_selector("#read-message:not([hidden])", timeout=2 * MINUTE)
        assert page.inner_text("#read-message") == MESSAGE


def watch(page):
    """Start the camera; when it was on, by the clock of the test."""
    page.click("#camera")
    page.wait_for_selector("#stage:not([hidden])", timeout=MINUTE)
    return time.perf_counter()


@pytest.mark.parametrize("headers", [True, False])
def test_a_tilted_stamp_before_the_camera_is_read(open_page, address, plain_address, codec, tmp_path, headers):
    """With several threads and with one; what it took on this machine is printed."""
    film = web_films.held(codec.encode(np.ascontiguousarray(data.astronaut()), MESSAGE), tmp_path / "film.y4m")
    page, _ = open_page(film, at=address if headers else plain_address)
    assert page.evaluate("self.crossOriginIsolated") == headers
    since = watch(page)
    page.wait_for_selector("#camera-message:not([hidden])", timeout=MINUTE)
    seconds = time.perf_counter() - since
    assert page.inner_text("#camera-message") == MESSAGE
    looked = int(page.get_attribute("#camera-message", "data-after"))
    page.wait_for_function("document.getElementById('outline').dataset.rate", timeout=MINUTE)
    rate = page.get_attribute("#outline", "data-rate")
    print(f"\nread {seconds:.1f} s after the camera was on, in frame {looked}; {rate} frames a second, threads: {headers}")
    # Five seconds at four frames a second, on any machine.
    assert looked <= 20
    page.click("#camera")
    assert page.is_hidden("#stage")


def test_a_camera_that_mirrors_what_it_sees_reads_too(open_page, codec, tmp_path):
    mirrored = np.ascontiguousarray(codec.encode(data.chelsea(), MESSAGE)[:, ::-1])
    page, _ = open_page(web_films.held(mirrored, tmp_path / "film.y4m"))
    watch(page)
    page.wait_for_selector("#camera-message:not([hidden])", timeout=MINUTE)
    assert page.inner_text("#camera-message") == MESSAGE


def test_a_picture_without_a_stamp_says_nothing_before_the_camera(open_page, tmp_path):
    page, _ = open_page(web_films.held(np.ascontiguousarray(data.coffee()), tmp_path / "film.y4m"))
    watch(page)
    time.sleep(60)
    assert page.is_hidden("#camera-message")
    looked = int(page.get_attribute("#outline", "data-looked"))
    print(f"\nnothing said in {looked} frames")
    assert looked > 24


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("text.jpg", b"no picture", "no picture that this browser can open"),
        ("cut.png", b"\x89PNG\r\n\x1a\n" + bytes(8) + (9).to_bytes(4) * 2 + bytes([8, 6]) + bytes(20), "damaged"),
        ("empty.png", b"", "no picture"),
    ],
)
def test_a_wrong_file_gets_one_sentence(open_page, tmp_path, name, content, words):
    (tmp_path / name).write_bytes(content)
    page, _ = open_page()
    page.set_input_files("#picture", tmp_path / name)
    page.wait_for_selector("#read-status.bad", timeout=MINUTE)
    said = page.inner_text("#read-status")
    assert words in said and name in said and len(said) < 200
    assert page.is_hidden("#read-message")


def test_a_picture_without_a_stamp_holds_no_message(open_page, tmp_path):
    page, _ = open_page()
    page.set_input_files("#picture", write(tmp_path / "photo.png", data.astronaut()))
    page.wait_for_function("/No message/.test(document.getElementById('read-status').textContent)", timeout=2 * MINUTE)


@pytest.mark.parametrize(("message", "words"), [("much too long", "7 fit"), ("\u200b", "nobody can see"), ("a ", "ends in a space")])
def test_a_message_that_does_not_fit_is_said(open_page, tmp_path, message, words):
    page, _ = open_page()
    page.set_input_files("#cover", write(tmp_path / "photo.png", data.astronaut()))
    page.fill("#message", message)
    page.click("#stamp button")
    page.wait_for_selector("#stamp-status.bad", timeout=MINUTE)
    assert words in page.inner_text("#stamp-status")


def test_the_page_can_be_used_by_keyboard_and_fits_a_phone(open_page):
    page, said = open_page(viewport={"width": 360, "height": 740})
    reached = []
    for _ in range(8):
        page.keyboard.press("Tab")
        reached.append(page.evaluate("document.activeElement.id || document.activeElement.type"))
    assert reached == ["cover", "message", "format", "type", "submit", "picture", "camera", reached[-1]]
    unnamed = "[...document.querySelectorAll('input, select, button')].filter(each => !each.labels?.length && !each.textContent.trim())"
    assert page.evaluate(f"{unnamed}.map(each => each.id)") == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    assert not [line for line in said if re.search("error", line, re.IGNORECASE)]
