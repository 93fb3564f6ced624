"""Make tfa_transform.npz with the real tensorflow-addons, which ended in 2024 and needs an environment of its own:

python3.11 -m venv tfa && tfa/bin/pip install tensorflow-cpu==2.15.1 tensorflow-addons==0.23.0 "numpy<2"
tfa/bin/python make_tfa_vectors.py
"""

from pathlib import Path

import numpy as np
import tensorflow as tf
import tensorflow_addons as tfa

HOMOGRAPHIES = np.float32(
    [
        [1, 0, 0, 0, 1, 0, 0, 0],
        [1, 0, 0.5, 0, 1, -1.25, 0, 0],
        [0.93, 0.08, 1.7, -0.05, 1.06, -2.1, 0.0011, -0.0007],
        [1.21, -0.17, -3.9, 0.12, 0.88, 2.6, -0.0032, 0.0041],
        [0.6, 0.8, -4, -0.8, 0.6, 15, 0, 0],
        [1, 0, 20, 0, 1, 30, 0, 0],  # leaves the image
        [0.5, 0.1, 3, 0.2, 0.7, -2, 0.05, -0.06],  # crosses the horizon
    ]
)


def main() -> None:
    images = np.random.default_rng(0).integers(0, 256, (2, 17, 23, 3), np.uint8)
    arrays = {"images": images, "homographies": HOMOGRAPHIES}
    for fill in (0.0, 1.0):
        arrays[f"fill_{fill:.0f}"] = np.stack(
            [tfa.image.transform(images.astype(np.float32) / 255, numbers, "bilinear", fill_value=fill) for numbers in HOMOGRAPHIES]
        )
    # One homography for each image of the batch.
    arrays["one_each"] = tfa.image.transform(images.astype(np.float32) / 255, HOMOGRAPHIES[2:4], "bilinear").numpy()
    np.savez_compressed(Path(__file__).parent / "tfa_transform.npz", **arrays)
    print("tensorflow", tf.__version__, "tensorflow-addons", tfa.__version__)


if __name__ == "__main__":
    main()
