"""Make lpips.npz and the torch files with the reference package `lpips` and PyTorch, which need an environment of their own:

    python3.11 -m venv torch && torch/bin/pip install torch==2.13.0 scipy tqdm && torch/bin/pip install --no-deps lpips==0.1.4
    torch/bin/python make_lpips_vectors.py

The heads are the real ones; the backbones are random, from `seeded_backbone`, so that the tests can have them without a file. The
reference asks torchvision only for the stack of layers, so a stand-in of that stack serves (CPU builds of torch cannot
import torchvision's wheels).
"""

import hashlib
import sys
import types
from pathlib import Path

import numpy as np

HERE = Path(__file__).parent
NETS = ("alex", "vgg", "squeeze")
FIRES = {3: (64, 16, 64), 4: (128, 16, 64), 6: (128, 32, 128), 7: (256, 32, 128)}
FIRES |= {9: (256, 48, 192), 10: (384, 48, 192), 11: (384, 64, 256), 12: (512, 64, 256)}


def backbone_shapes(net: str) -> dict[str, tuple[int, int, int, int]]:
    """Name of each convolution's weight in torchvision's state dictionary -> (out, in, height, width)."""
    if net == "alex":
        sizes = {0: (64, 3, 11, 11), 3: (192, 64, 5, 5), 6: (384, 192, 3, 3), 8: (256, 384, 3, 3), 10: (256, 256, 3, 3)}
        return {f"features.{index}.weight": size for index, size in sizes.items()}
    if net == "vgg":
        filters = [3, 64, 64, 128, 128, 256, 256, 256, 512, 512, 512, 512, 512, 512]
        indices = (0, 2, 5, 7, 10, 12, 14, 17, 19, 21, 24, 26, 28)
        return {f"features.{i}.weight": (filters[k + 1], filters[k], 3, 3) for k, i in enumerate(indices)}
    shapes = {"features.0.weight": (64, 3, 3, 3)}
    for index, (channels, squeezed, expanded) in FIRES.items():
        shapes[f"features.{index}.squeeze.weight"] = (squeezed, channels, 1, 1)
        shapes[f"features.{index}.expand1x1.weight"] = (expanded, squeezed, 1, 1)
        shapes[f"features.{index}.expand3x3.weight"] = (expanded, squeezed, 3, 3)
    return shapes


def seeded_backbone(net: str) -> dict[str, np.ndarray]:
    """Random weights in torchvision's names and layout: He-uniform weights, biases in [-0.1, 0.1], from one frozen NumPy stream."""
    draw = np.random.RandomState(NETS.index(net))
    state = {}
    for name, shape in backbone_shapes(net).items():
        limit = (6 / np.prod(shape[1:])) ** 0.5
        state[name] = draw.uniform(-limit, limit, shape).astype(np.float32)
        state[name.replace("weight", "bias")] = draw.uniform(-0.1, 0.1, shape[0]).astype(np.float32)
    return state


def image_pairs(net: str) -> list[tuple[np.ndarray, np.ndarray]]:
    """Pairs of images (H, W, 3) float32 in [0, 1]: odd and even sizes, small noise, strong noise, unrelated, black, shifted."""
    draw = np.random.RandomState(9)
    pairs = []
    for height, width in ((64, 64), (67, 50)) if net == "vgg" else ((64, 64), (65, 70), (83, 96), (70, 71)):
        rows, columns = np.mgrid[:height, :width]
        waves = 0.5 + 0.5 * np.sin(np.stack([rows / 7, columns / 5, (rows + columns) / 11], axis=-1))
        noise = draw.uniform(-1, 1, (height, width, 3))
        other = draw.uniform(0, 1, (height, width, 3))
        pairs += [(waves, waves + 0.02 * noise), (waves, waves + 0.5 * noise), (waves, other)]
        pairs += [(np.zeros_like(other), other), (waves, np.roll(waves, 2, axis=1))]
    return [(np.float32(first), np.float32(np.clip(second, 0, 1))) for first, second in pairs]


def stand_in_torchvision() -> types.ModuleType:
    """A module with the three stacks of layers the reference takes from torchvision, filled by `seeded_backbone`."""
    import torch
    from torch import nn

    class Fire(nn.Module):
        def __init__(self, channels, squeezed, expanded):
            super().__init__()
            self.squeeze = nn.Conv2d(channels, squeezed, 1)
            self.expand1x1 = nn.Conv2d(squeezed, expanded, 1)
            self.expand3x3 = nn.Conv2d(squeezed, expanded, 3, padding=1)

        def forward(self, x):
            x = torch.relu(self.squeeze(x))
            return torch.cat([torch.relu(self.expand1x1(x)), torch.relu(self.expand3x3(x))], 1)

    def convolution(channels, filters, size, **options):
        return [nn.Conv2d(channels, filters, size, **options), nn.ReLU()]

    def alexnet():
        layers = [*convolution(3, 64, 11, stride=4, padding=2), nn.MaxPool2d(3, 2)]
        layers += [*convolution(64, 192, 5, padding=2), nn.MaxPool2d(3, 2), *convolution(192, 384, 3, padding=1)]
        return [*layers, *convolution(384, 256, 3, padding=1), *convolution(256, 256, 3, padding=1)]

    def vgg16():
        layers, channels = [], 3
        for filters, count in ((64, 2), (128, 2), (256, 3), (512, 3), (512, 3)):
            for _ in range(count):
                layers += convolution(channels, filters, 3, padding=1)
                channels = filters
            layers.append(nn.MaxPool2d(2, 2))
        return layers

    def squeezenet1_1():
        layers = convolution(3, 64, 3, stride=2)
        for index in range(2, 13):
            layers.append(Fire(*FIRES[index]) if index in FIRES else nn.MaxPool2d(3, 2, ceil_mode=True))
        return layers

    def filled(layers, net):
        features = nn.Sequential(*layers())
        state = {name.removeprefix("features."): torch.from_numpy(array) for name, array in seeded_backbone(net).items()}
        features.load_state_dict(state)
        return types.SimpleNamespace(features=features)

    module = types.ModuleType("torchvision")
    module.models = types.ModuleType("torchvision.models")
    module.models.alexnet = lambda pretrained: filled(alexnet, "alex")
    module.models.vgg16 = lambda pretrained: filled(vgg16, "vgg")
    module.models.squeezenet1_1 = lambda pretrained: filled(squeezenet1_1, "squeeze")
    return module


def make_distances() -> None:
    """lpips.npz: `<net>`, (pairs,) distances, and `<net>_layers`, (pairs, layers) their parts."""
    import torch

    torchvision = stand_in_torchvision()
    sys.modules |= {"torchvision": torchvision, "torchvision.models": torchvision.models}
    import lpips

    arrays = {}
    for net in NETS:
        distance = lpips.LPIPS(net=net, pnet_rand=True, verbose=False)
        rows = []
        with torch.no_grad():
            for pair in image_pairs(net):
                first, second = (torch.from_numpy(image).permute(2, 0, 1)[None] for image in pair)
                total, parts = distance(first, second, retPerLayer=True, normalize=True)
                rows.append([float(total), *(float(part) for part in parts)])
        arrays[net], arrays[f"{net}_layers"] = np.float32(rows)[:, 0], np.float32(rows)[:, 1:]
        print(net, arrays[net])
    np.savez_compressed(HERE / "lpips.npz", **arrays)


def make_torch_files() -> None:
    """Small files as PyTorch writes them, and torch_files.npz: `<file>/<tensor>`, what PyTorch itself reads from each.

    torch_zip-HASH.pth and torch_stream-HASH.pth hold windows on shared storages, parameters and several types;
    torch_v0.0.pth and torch_v0.1.pth are heads that the reference published in 2018, in two older dialects of the stream.
    """
    import lpips
    import torch

    draw = torch.Generator().manual_seed(0)
    shared = torch.randn(40, generator=draw)
    state = {
        "features.0.weight": torch.randn(4, 3, 2, 5, generator=draw),
        "features.0.bias": torch.randn(4, generator=draw),
        "features.3.weight": torch.randn(5, 2, 3, 4, generator=draw).permute(3, 2, 1, 0),
        "features.3.bias": shared[3:38:7],
        "classifier.1.weight": torch.nn.Parameter(torch.randn(2, 7, generator=draw)),
        "classifier.1.bias": shared[:2],
        "double": shared[:2].double(),
        "scalar": torch.tensor(3.5),
        "count": torch.tensor([7, -7]),
        "half": torch.randn(3, generator=draw).half(),
    }
    files = []
    for name, is_zip in (("zip", True), ("stream", False)):
        path = HERE / f"torch_{name}.pth"
        torch.save(state, path, _use_new_zipfile_serialization=is_zip)
        files.append(path.rename(HERE / f"torch_{name}-{hashlib.sha256(path.read_bytes()).hexdigest()[:8]}.pth"))
    for version in ("v0.0", "v0.1"):
        path = HERE / f"torch_{version}.pth"
        path.write_bytes((Path(lpips.__file__).parent / "weights" / version / "alex.pth").read_bytes())
        files.append(path)
    arrays = {}
    for path in files:
        for name, tensor in torch.load(path, map_location="cpu", weights_only=True).items():
            arrays[f"{path.name}/{name}"] = tensor.detach().numpy()
    np.savez_compressed(HERE / "torch_files.npz", **arrays)
    print("torch", torch.__version__, *(path.name for path in files))


if __name__ == "__main__":
    make_distances()
    make_torch_files()
