"""LPIPS: the distances of the reference package, and weights that are fetched once, verified and converted."""

import functools
import http.server
import importlib.util
import socket
import threading
from pathlib import Path

import keras
import numpy as np
import pytest
import tensorflow as tf

from longrun.torch_file import read_tensors
from stegastamp.network import backbones, lpips
from tests.places import GOLDEN

NETS = ("alex", "vgg", "squeeze")
TORCH_FILES = [next((GOLDEN / "stegastamp").glob(f"torch_{kind}-*.pth")) for kind in ("zip", "stream")]


def _load_vector_maker():
    spec = importlib.util.spec_from_file_location("make_lpips_vectors", GOLDEN / "stegastamp" / "make_lpips_vectors.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


vectors = _load_vector_maker()


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """Converted weights of the random backbones that the vectors were made with."""
    folder = tmp_path_factory.mktemp("lpips")
    for net in NETS:
        np.savez(backbones.weights_path(net, folder), **backbones.convert(vectors.seeded_backbone(net)))
    return folder


@pytest.fixture(scope="module")
def squeeze(folder) -> lpips.Lpips:
    return lpips.load("squeeze", folder)


@pytest.mark.parametrize("net", NETS)
def test_distances_and_their_parts_are_the_references(folder, net):
    distance = lpips.load(net, folder)
    parts = keras.Model(distance.model.inputs, distance.model.get_layer("contributions").output)
    with np.load(GOLDEN / "stegastamp" / "lpips.npz") as file:
        expected, expected_parts = file[net], file[f"{net}_layers"]
    pairs = vectors.image_pairs(net)
    assert len(pairs) == len(expected)
    for size in {first.shape for first, _ in pairs}:
        rows = [index for index, (first, _) in enumerate(pairs) if first.shape == size]
        first, second = (np.stack([pairs[index][side] for index in rows]) for side in (0, 1))
        found = distance(first, second)
        assert found.shape == (len(rows),) and found.dtype == tf.float32
        np.testing.assert_allclose(found, expected[rows], rtol=5e-5, atol=1e-8)
        np.testing.assert_allclose(parts([first, second]), expected_parts[rows], rtol=1e-4, atol=1e-8)


def test_heads_are_the_official_ones():
    assert [sum(head.size for head in backbones.load_heads(net)) for net in NETS] == [1152, 1472, 2240]
    assert all(head.min() >= 0 and head.max() > 0 for net in NETS for head in backbones.load_heads(net))
    published = read_tensors(GOLDEN / "stegastamp" / "torch_v0.1.pth")
    for index, head in enumerate(backbones.load_heads("alex")):
        np.testing.assert_array_equal(head[0, 0, :, 0], published[f"lin{index}.model.1.weight"][0, :, 0, 0])


@pytest.mark.parametrize(("net", "convolutions"), [("alex", 2_468_544 + 1152), ("vgg", 14_710_464 + 4224)])
def test_backbones_have_torchvisions_parameters(net, convolutions):
    heads = sum(head.size for head in backbones.load_heads(net))
    assert lpips.lpips_model(net).count_params() == convolutions + heads


def test_equal_images_are_at_zero_and_order_does_not_matter(squeeze):
    first, second = np.random.RandomState(0).uniform(0, 1, (2, 2, 40, 48, 3)).astype(np.float32)
    np.testing.assert_array_equal(squeeze(first, first), [0, 0])
    np.testing.assert_allclose(squeeze(first, second), squeeze(second, first), rtol=1e-6)
    assert squeeze(first, second).numpy().min() > 0.01


def test_nothing_is_trainable_and_gradients_reach_the_image(squeeze):
    assert squeeze.model.trainable_variables == []
    reference = tf.fill((1, 32, 32, 3), 0.5)
    image = tf.Variable(np.random.RandomState(0).uniform(0, 1, (1, 32, 32, 3)).astype(np.float32))
    with tf.GradientTape() as tape:
        distance = squeeze(reference, image)
    gradient = tape.gradient(distance, image).numpy()
    # One step downhill brings the images closer.
    assert squeeze(reference, image - 1e-3 * gradient / np.abs(gradient).max()) < distance


def test_unit_vectors_of_dead_features_have_a_finite_gradient():
    # XLA computes the gradient of a root at zero as it is written, 0/0.
    @tf.function(jit_compile=True)
    def unit_and_gradient(features):
        with tf.GradientTape() as tape:
            tape.watch(features)
            unit = lpips._unit(features)
        return unit, tape.gradient(unit, features)

    unit, gradient = unit_and_gradient(tf.constant([[[[0.0, 0, 0], [3, 0, 4]]]]))
    np.testing.assert_allclose(unit, [[[[0, 0, 0], [0.6, 0, 0.8]]]], rtol=1e-6)
    assert np.isfinite(gradient).all()


def test_mixed_precision_changes_nothing(folder, squeeze):
    first, second = np.random.RandomState(1).uniform(0, 1, (2, 1, 33, 47, 3)).astype(np.float32)
    before = keras.mixed_precision.dtype_policy()
    keras.mixed_precision.set_dtype_policy("mixed_bfloat16")
    try:
        found = lpips.load("squeeze", folder)(first, second)
    finally:
        keras.mixed_precision.set_dtype_policy(before)
    np.testing.assert_array_equal(found, squeeze(first, second))


@pytest.mark.parametrize(
    ("images", "complaint"),
    [
        (np.zeros((1, 40, 40, 3), np.uint8), r"floats in \[0, 1\], not uint8"),
        (np.zeros((40, 40, 3), np.float32), "shape"),
        (np.zeros((1, 40, 40, 1), np.float32), "shape"),
        (np.zeros((1, 40, 31, 3), np.float32), "at least 32x32, not 31x40"),
    ],
)
def test_images_that_are_none_are_refused(squeeze, images, complaint):
    with pytest.raises(ValueError, match=complaint):
        squeeze(images, images)


def test_missing_weights_name_the_command_that_makes_them(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"lpips_vgg\.npz.* python -m stegastamp lpips --net vgg$"):
        lpips.load("vgg", tmp_path)


def test_an_unknown_net_is_refused_with_the_nearest(tmp_path):
    for function in (lpips.load, backbones.fetch):
        with pytest.raises(ValueError, match="unknown LPIPS net 'alexx'.*did you mean alex"):
            function("alexx", folder=tmp_path)


def test_damaged_and_foreign_weights_are_refused(tmp_path, folder):
    path = backbones.weights_path("squeeze", tmp_path)
    path.write_bytes(backbones.weights_path("squeeze", folder).read_bytes()[:5000])
    with pytest.raises(ValueError, match="is damaged; delete it and run: python -m stegastamp lpips --net squeeze"):
        lpips.load("squeeze", tmp_path)
    path.write_bytes(backbones.weights_path("alex", folder).read_bytes())
    with pytest.raises(ValueError, match="not those of 'squeeze'"):
        lpips.load("squeeze", tmp_path)


def test_weights_live_in_the_users_cache_unless_told_otherwise(monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.delenv("STEGASTAMP_LPIPS", raising=False)
    assert backbones.weights_path("alex") == tmp_path / ".cache/stegastamp/lpips/lpips_alex.npz"
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    assert backbones.weights_path("alex") == tmp_path / "cache/stegastamp/lpips/lpips_alex.npz"
    monkeypatch.setenv("STEGASTAMP_LPIPS", str(tmp_path / "mine"))
    assert backbones.weights_path("alex") == tmp_path / "mine/lpips_alex.npz"


class _Silent(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


@pytest.fixture
def address():
    """A server on this machine that has the golden files."""
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(_Silent, directory=str(GOLDEN / "stegastamp"))) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()
        thread.join()


def assert_converted(path: Path):
    source = read_tensors(TORCH_FILES[0])
    with np.load(path) as file:
        assert set(file) == {"features.0.kernel", "features.0.bias", "features.3.kernel", "features.3.bias"}
        np.testing.assert_array_equal(file["features.0.kernel"], np.moveaxis(source["features.0.weight"], (0, 1), (3, 2)))
        np.testing.assert_array_equal(file["features.3.bias"], source["features.3.bias"])
        assert all(file[name].dtype == np.float32 for name in file)


@pytest.mark.parametrize("file", TORCH_FILES, ids=["zip", "stream"])
@pytest.mark.parametrize("way", ["folder", "file address", "server"])
def test_weights_are_fetched_verified_and_converted(monkeypatch, tmp_path, address, file, way):
    monkeypatch.setitem(backbones.NETS, "alex", file.name)
    source = {"folder": str(GOLDEN / "stegastamp"), "file address": (GOLDEN / "stegastamp").as_uri(), "server": address}[way]
    path = backbones.fetch("alex", source, tmp_path / "new" / "folder")
    assert path == tmp_path / "new" / "folder" / "lpips_alex.npz"
    assert_converted(path)
    assert list(path.parent.iterdir()) == [path]


def test_the_default_source_is_torchvisions_and_a_second_fetch_is_none(monkeypatch, tmp_path, address):
    monkeypatch.setitem(backbones.NETS, "alex", TORCH_FILES[0].name)
    monkeypatch.setenv("STEGASTAMP_LPIPS", str(tmp_path))
    assert backbones.ADDRESS == "https://download.pytorch.org/models"
    monkeypatch.setattr(backbones, "ADDRESS", address)
    assert_converted(backbones.fetch("alex"))
    monkeypatch.setattr(backbones, "ADDRESS", "http://127.0.0.1:1")
    assert_converted(backbones.fetch("alex"))


def test_a_file_with_another_hash_is_refused_and_leaves_nothing(monkeypatch, tmp_path):
    name = TORCH_FILES[0].name.replace(TORCH_FILES[0].stem[-8:], "0123abcd")
    monkeypatch.setitem(backbones.NETS, "alex", name)
    source, folder = tmp_path / "source", tmp_path / "folder"
    source.mkdir()
    (source / name).write_bytes(TORCH_FILES[0].read_bytes())
    for where in (str(source), source.as_uri()):
        with pytest.raises(
            ValueError, match=f"^{where}/{name} is damaged or another file: its SHA-256 begins {TORCH_FILES[0].stem[-8:]}, not 0123abcd"
        ):
            backbones.fetch("alex", where, folder)
    assert list(folder.iterdir()) == []


def test_no_network_says_what_to_put_where(tmp_path):
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{unused.getsockname()[1]}"
        with pytest.raises(ConnectionError) as caught:
            backbones.fetch("squeeze", address, tmp_path)
    assert "\n" not in str(caught.value)
    assert f"cannot fetch {address}/squeezenet1_1-b8a52dc0.pth (" in str(caught.value)
    assert "python -m stegastamp lpips --net squeeze --source FOLDER" in str(caught.value)
    assert list(tmp_path.iterdir()) == []


def test_what_the_server_lacks_is_named(tmp_path, address):
    with pytest.raises(ConnectionError, match=r"alexnet-owt-7be5be79\.pth \(HTTP Error 404"):
        backbones.fetch("alex", address, tmp_path)


def test_a_source_folder_without_the_file_is_told_where_it_is(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"vgg16-397923af\.pth is missing; fetch it from https://download\.pytorch\.org"):
        backbones.fetch("vgg", str(tmp_path), tmp_path)
