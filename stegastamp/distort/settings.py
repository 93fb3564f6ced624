"""What happens to a stamp before it is read in training, as a part of a StegaStamp configuration."""

from dataclasses import dataclass
from typing import Literal

from longrun.config import Settings
from longrun.errors import UserError


@dataclass(frozen=True)
class DistortionSettings(Settings):
    """What happens to a stamp before it is read in training."""

    eight_bit: bool = True
    """Clip and round stamped images to 8 bits with a straight-through gradient before anything else happens to them."""
    distortions: bool = True
    """Distort stamped images before decoding."""
    published_distortions: bool = False
    """Parameters drawn once for a batch and hard clipping, as published; new here are draws per sample and straight-through clipping."""
    jpeg: Literal["rounded", "smooth"] = "rounded"
    """Quantiser of the JPEG: true rounding with a straight-through gradient, or the paper's smooth one."""
    jpeg_quality: int = 50
    """Lowest JPEG quality at full level."""
    blur_sigma: tuple[float, ...] = (1.0, 3.0)
    """Smallest and largest standard deviation in pixels of the Gaussian blur."""
    blur_length: tuple[float, ...] = (3.0, 3.1)
    """Smallest and largest half-length in pixels of the motion blur; at most 3 reach into its kernel."""
    warp: float = 0.0
    """Largest corner shift as a fraction of the side, of warp-encode-unwarp (paper: 0.1)."""
    warp_rotation: float = 0.0
    """Largest rotation in degrees that comes on top."""
    warp_scale: float = 0.0
    """Largest change of scale that comes on top: a factor in 1 - warp_scale .. 1 + warp_scale."""
    warp_shift: float = 0.0
    """Largest shift in fractions of the side that comes on top."""
    warp_stretch: float = 0.0
    """Largest change of the scale along each axis by itself that comes on top, as where a side was cut off: 1 - warp_stretch .. 1."""
    crops: float = 0.0
    """Share of the samples of which a part is left, with its mean colour around it, as a picture that was cut is decoded (new here)."""
    weakest: float = 1.0
    """Smallest factor of a sample's residual: each is drawn up to 1, evenly by its logarithm, as for marks of all strengths (new here)."""
    borders: Literal["no_edge", "black", "white", "random", "randomrgb", "image"] = "white"
    """What fills the outside of a warped stamp."""

    def __post_init__(self):
        super().__post_init__()
        for name, pair in (("blur_sigma", self.blur_sigma), ("blur_length", self.blur_length)):
            if len(pair) != 2 or not 0 < pair[0] <= pair[1]:
                raise UserError(f"{name} is two lengths above 0, the smaller one first, not {' '.join(map(str, pair))}")
        if not 0 <= self.crops <= 1:
            raise UserError(f"crops is a share of the samples in 0..1, not {self.crops}")
        if not 0 < self.weakest <= 1:
            raise UserError(f"weakest is a factor above 0 and at most 1, not {self.weakest}")
        if not 1 <= self.jpeg_quality <= 100:
            raise UserError(f"jpeg_quality must lie in 1..100, not {self.jpeg_quality}")
