import cv2
import numpy as np
import pytest

from longrun import UserError, changed, config_of
from longrun.config import free_fields
from longrun.release import models
from stegastamp.detector.config import DetectorConfig, detector
from stegastamp.detector.finding import search
from stegastamp.detector.finding.search import Detector
from stegastamp.detector.model import build_detector
from stegastamp.detector.training.clutter import fill
from tests.fixtures.detector import Bright


@pytest.fixture(scope="module")
def trained():
    """A small network with weights that are not those of the start."""
    model = build_detector(changed(detector(), widths=(4, 4, 6, 6, 8)))
    generator = np.random.default_rng(0)
    model.set_weights([generator.normal(0, 0.2, weight.shape).astype(np.float32) for weight in model.get_weights()])
    return Detector(model, changed(detector(), widths=(4, 4, 6, 6, 8)), "detector", 7)


def test_the_released_network_has_so_many_parameters():
    assert build_detector(detector()).count_params() == 695_570


def test_at_the_start_it_answers_its_bias(album_photos):
    maps = Detector(build_detector(DetectorConfig()), DetectorConfig()).maps(album_photos.images[0][None, :128, :192])
    assert maps.shape == (1, 32, 48, 2)
    assert np.allclose(maps, 1 / (1 + np.exp([1.4, 2.6])), atol=1e-6)


def test_frames_of_any_size_are_searched(trained):
    for shape in ((96, 130, 3), (31, 400, 3), (700, 20, 3)):
        trained.quads(np.random.default_rng(1).integers(0, 256, shape, dtype=np.uint8))


def test_released_weights_are_halves_and_answer_the_same(trained, tmp_path, album_photos):
    search.save(tmp_path, trained, {"metrics": {}})
    (stored,) = models.find(tmp_path, "stegastamp-detector", search.FILES).models
    assert all(np.array_equal(weight, weight.astype(np.float16)) for weight in stored.get_weights())
    loaded = search.load(tmp_path)
    assert (loaded.preset, loaded.step, loaded.config) == ("detector", 7, trained.config)
    frame = album_photos.images[0][None, :128, :192]
    assert np.abs(loaded.maps(frame) - trained.maps(frame)).max() < 0.01
    with pytest.raises(UserError, match="is a checkpoint of stegastamp-detector, not of stegastamp"):
        models.find(tmp_path, "stegastamp", search.FILES)


class Exact(Bright):
    """Answers with the true areas of white pictures on black."""

    def maps(self, frames):
        answers = []
        for frame in frames:
            size = (frame.shape[1] // 4, frame.shape[0] // 4)
            picture = cv2.resize(frame.mean(axis=-1).astype(np.float32) / 255, size, interpolation=cv2.INTER_AREA)
            answers.append(np.stack([picture, cv2.erode(picture, np.ones((5, 5)))], axis=-1))
        return np.stack(answers)


def test_a_second_look_is_more_exact_than_the_first():
    """The frame is ten times as large as the network sees it, and the picture in it small."""
    frame = np.zeros((1280, 1920, 3), np.uint8)
    quad = np.float32([[403, 311], [809, 377], [751, 788], [355, 757]])
    fill(frame, quad, (255, 255, 255))
    (first,), (again,) = Exact().seen(frame, looks=0), Exact().seen(frame, looks=2)
    first_error, again_error = (np.linalg.norm(each.quad - quad, axis=1).mean() for each in (first, again))
    assert again_error < 2 and again_error < 0.7 * first_error


@pytest.mark.parametrize(
    ("change", "line"),
    [
        ({"size": 100}, "size must be a multiple of 32, not 100"),
        ({"view": 0}, "view must be a multiple of 32, not 0"),
        ({"widths": (4, 4)}, "the network has 5 levels, widths gives 2"),
        ({"coverage": (0.5, 0.1)}, "coverage must be two rising shares"),
        ({"tilt": 80.0}, "tilt must be 0 to 60 degrees"),
        ({"steps": 0}, "steps must be at least 1"),
        ({"save_every": 60}, r"save_every \(60\) must be a multiple of log_every \(50\)"),
        ({"mode": "fast"}, "mode is one of graph, eager, not 'fast'"),
    ],
)
def test_a_configuration_that_cannot_be_is_refused(change, line):
    with pytest.raises(UserError, match=line):
        changed(DetectorConfig(), **change)


def test_a_configuration_of_yesterday_is_read():
    """Flat, with lists for tuples, and without the fields that came later."""
    old = {"size": 64, "view": 96, "widths": [4, 4, 6, 6, 8], "coverage": [0.1, 0.5], "steps": 60, "mode": "eager", "images": "/photos"}
    expected = changed(DetectorConfig(), **{name: tuple(value) if isinstance(value, list) else value for name, value in old.items()})
    assert config_of(DetectorConfig, old) == expected
    own = {"steps", "test_count", "images", "held_out", "view"}
    assert own <= free_fields(DetectorConfig) and not {"size", "stamps", "tilt", "batch_size"} & free_fields(DetectorConfig)
