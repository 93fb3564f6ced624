"""Each check of the data finds its own fault, and nothing in a healthy training."""

import keras
import numpy as np
import pytest

from longrun.examination.data.leaks import leaks
from longrun.examination.data.pairs import pairs
from longrun.examination.data.pipeline import pipeline
from longrun.examination.data.shared import near_copies, shared
from longrun.examination.subject import CannotCheck, Subject
from tests.fixtures import examined as small


@pytest.fixture(scope="module")
def healthy():
    return Subject(small.training())


@pytest.mark.parametrize("check", [leaks, shared, pipeline])
def test_a_healthy_training_passes(healthy, check):
    verdict = check(healthy)
    assert verdict.status == "ok", verdict


@pytest.mark.parametrize(("causal", "status"), [(True, "ok"), (False, "SICK")])
def test_a_model_that_sees_the_future_is_found(causal, status):
    model = small.compiled(small.reader(causal))
    verdict = leaks(Subject(small.training(model, small.sentences, small.sentences(9), kind="sequence")))
    assert verdict.status == status, verdict
    assert (status == "ok") or "positions after" in verdict.advice


class Mixing(keras.Layer):
    """Lets each row see the mean of its batch."""

    def call(self, x):
        return x - keras.ops.mean(x, axis=0, keepdims=True)


def test_rows_that_see_each_other_are_found_unless_they_may():
    model = small.compiled(small.network(Mixing()))
    assert leaks(Subject(small.training(model))).advice.startswith("other rows matters")
    with pytest.raises(CannotCheck, match="rows may see each other"):
        leaks(Subject(small.training(model, rows_apart=False)))


def blanked(batch, numbers):
    x, y = batch
    x = x.copy()
    x[:, 0] = numbers.normal(size=len(x))
    return x, y


def test_a_part_that_must_not_matter_is_named():
    assert leaks(Subject(small.training(irrelevant={"padding": blanked}))).advice.startswith("padding matters")
    assert leaks(Subject(small.training(irrelevant=("labels",)))).status == "ok"


def fed(seed):
    x, y = small.rows(seed)
    return {"x": x, "answer": y}


@pytest.mark.parametrize(("weight", "status"), [(0.0, "ok"), (1.0, "SICK")])
def test_labels_that_are_fed_to_the_model_are_found(weight, status):
    told = {"inputs": ("x",), "labels": ("answer",), "train_step": None}
    told["predict"] = lambda batch: batch["x"] @ np.ones((small.FEATURES, small.CLASSES)) + weight * batch["answer"][:, None]
    inner = small.network()

    def train_step(batch):
        return inner.compute_loss(None, batch["answer"], inner(batch["x"]))

    small.compiled(inner)
    verdict = leaks(Subject(small.training(inner, fed, fed(9), **{**told, "train_step": train_step})))
    assert verdict.status == status, verdict


def test_held_out_rows_that_are_trained_on_are_counted():
    same = np.concatenate([small.rows(3)[0][:4], small.rows(77)[0][:12]]), small.rows(3)[1]
    verdict = shared(Subject(small.training(held_out=same)))
    assert verdict.status == "SICK" and verdict.value == 0.25 and "4 of 16" in verdict.found


def test_near_copies_are_counted():
    x, y = small.rows(3)
    verdict = shared(Subject(small.training(held_out=(x * 1.01, y))))
    assert verdict.status == "SICK" and "16 more are near copies" in verdict.found


def test_texts_that_overlap_are_near_copies():
    letters = np.random.default_rng(0).integers(0, 99, 400)
    windows = np.lib.stride_tricks.sliding_window_view(letters, 40)
    assert near_copies(windows[:100:10], windows[5:95:10]).all()
    assert not near_copies(windows[:100:10], windows[200::10]).any()


def test_few_integers_come_again_by_chance():
    numbers = np.random.default_rng(0).integers(0, 3, (50, 4))
    assert not near_copies(numbers, numbers[::-1]).any()


def test_pictures_of_bytes_are_compared_as_pictures():
    def photos(step, noise=0):
        numbers = np.random.default_rng(step)
        x = numbers.integers(0, 250, (small.ROWS, 4, 4, 3))
        return (x + noise).astype(np.uint8), np.arange(small.ROWS) % 3

    keras.utils.set_random_seed(0)
    model = keras.Sequential([keras.Input((4, 4, 3)), keras.layers.Flatten(), keras.layers.Dense(3)])
    subject = Subject(small.training(small.compiled(model, 1e-4), photos, photos(5, noise=1)))
    assert shared(subject).value == 1.0
    subject.held_out = photos(10**6)
    assert shared(subject).status == "ok"


def pictures(seed):
    numbers = np.random.default_rng(seed)
    x = numbers.random((small.ROWS, 8, 8, 1)).astype(np.float32)
    return x, (x > 0.5).astype(np.int32)


def flipped(draws):
    def augment(x, y, seed):
        numbers = np.random.default_rng(seed)
        first = numbers.random(len(x)) < 0.5
        second = first if draws == 1 else numbers.random(len(x)) < 0.5
        turn = lambda values, chosen: np.where(chosen[:, None, None, None], values[:, :, ::-1], values)  # noqa: E731
        return turn(x, first), turn(y, second)

    return augment


@pytest.mark.parametrize(("draws", "status"), [(1, "ok"), (2, "SICK")])
def test_flips_that_are_drawn_separately_are_found(draws, status):
    verdict = pairs(Subject(segmenting(flipped(draws))))
    assert verdict.status == status, verdict


def segmenting(augment):
    keras.utils.set_random_seed(0)
    model = keras.Sequential([keras.Input((8, 8, 1)), keras.layers.Conv2D(2, 1)])
    return small.training(small.compiled(model), pictures, pictures(9), augment=augment)


@pytest.mark.parametrize(("shuffled", "status"), [(False, "ok"), (True, "SICK")])
def test_rows_that_are_shuffled_without_their_labels_are_found(shuffled, status):
    def augment(x, y, seed):
        order = np.random.default_rng(seed).permutation(len(x)) if shuffled else np.arange(len(x))
        return 1.1 * x[order] + 0.1, y

    assert pairs(Subject(small.training(augment=augment))).status == status


def test_without_an_augmentation_nothing_is_said(healthy):
    with pytest.raises(CannotCheck, match="no augmentation"):
        pairs(healthy)


@pytest.mark.parametrize(("seconds", "status"), [(0.9, "ok"), (1.1, "SICK")])
def test_batches_slower_than_steps_are_found(seconds, status, monkeypatch):
    """The clock counts a batch by the seconds given, and a step by 1 s."""
    now = [0.0]

    def batch(step):
        now[0] += seconds
        return small.rows(step)

    def step(batch):
        now[0] += 1.0

    subject = Subject(small.training(batch=batch), clock=lambda: now[0])
    monkeypatch.setattr(subject, "step", step)
    assert pipeline(subject).status == status
    # A dataset that another check has read to its end is not read again: what it took then counts.
    subject = Subject(small.training(batch=map(batch, range(6))), clock=lambda: now[0])
    monkeypatch.setattr(subject, "step", step)
    shared(subject)
    assert subject.batches.length == 6
    verdict = pipeline(subject)
    assert verdict.status == status and verdict.value == pytest.approx(seconds)
