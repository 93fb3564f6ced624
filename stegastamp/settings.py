"""The parts of a StegaStamp configuration. Lengths in pixels, durations in steps, images in [0, 1].

"The paper" is Tancik et al. 2020 with its published code. "The original run" is a later reimplementation whose log was published;
presets.py has its entries.
"""

from dataclasses import dataclass
from typing import ClassVar, Literal

from longrun.config import RunSettings, Settings
from longrun.errors import UserError


@dataclass(frozen=True)
class ModelSettings(Settings):
    """The networks that write and read."""

    size: int = 128
    """Side of the square images the networks see; a multiple of 16."""
    bits: int = 100
    """Bits of a message."""
    network: Literal["stegastamp", "simple"] = "stegastamp"
    """U-Net and convolutional decoder of the paper, or the three-layer networks of the original run."""
    encoder_widths: tuple[int, ...] = (16, 16, 32, 64, 128)
    """Channels of the five U-Net levels; the paper's are 32, 32, 64, 128, 256."""
    decoder_widths: tuple[int, ...] = (16, 16, 32, 32, 32, 32)
    """Channels of the decoder's convolutions; the paper's are 32, 32, 64, 64, 64, 128, 128."""
    decoder_strides: tuple[int, ...] = (2, 1, 2, 1, 2, 1)
    """Their strides; the paper's are 2, 1, 2, 1, 2, 2, 2."""
    decoder_dense: int = 0
    """Units of the decoder's dense layer (the paper's 512); 0: the last feature map goes straight to the logits, a learnt correlator
    for each bit, which leaves the plateau sooner."""
    decoder_initializer: str = "he_normal"
    """Kernel initializer of the decoder; the paper's is glorot_uniform."""
    transformer: Literal["none", "flatten", "compact", "localiser"] = "none"
    """Spatial transformer before the decoder: the paper's is "flatten" (41 M parameters at 400 px); new here are "compact" and
    "localiser", which learns from the known warps, not from the bits, and needs sync and warp."""
    localiser_widths: tuple[int, ...] = (48, 48, 64, 64, 64, 64)
    """Channels of the localiser's six convolutions."""
    localiser_passes: int = 2
    """How often the localiser looks, each time at what the time before brought in place."""
    secret_scale: int = 4
    """The secret is laid out on a grid of size / tiles / secret_scale cells a side; the paper's is 8."""
    tiles: int = 1
    """The mark is one of size / tiles a side, repeated tiles x tiles times (new here): finer, and each bit is carried as often."""

    def __post_init__(self):
        super().__post_init__()
        at_least_one(self, "bits", "secret_scale", "tiles")
        tile = self.size // self.tiles
        if tile < 16 or tile % 16 or tile % self.secret_scale or tile * self.tiles != self.size:
            of = "" if self.tiles == 1 else f" / tiles ({self.tiles})"
            raise UserError(f"size{of} must be a multiple of 16 and of secret_scale ({self.secret_scale}), not {self.size}{of}")
        if self.tiles > 1 and self.transformer not in ("none", "localiser"):
            raise UserError(f"a mark in tiles is read with the transformer localiser or none, not {self.transformer}")
        if self.network == "stegastamp" and len(self.encoder_widths) != 5:
            raise UserError(f"the U-Net has 5 levels, encoder_widths gives {len(self.encoder_widths)}")
        if self.network == "stegastamp" and len(self.decoder_widths) != len(self.decoder_strides):
            raise UserError(f"{len(self.decoder_widths)} decoder_widths need as many decoder_strides, not {len(self.decoder_strides)}")


@dataclass(frozen=True)
class MarkSettings(Settings):
    """How strong the mark is, and where in a picture it goes."""

    head: Literal["normalised", "additive"] = "normalised"
    """The residual's weighted rms is the strength (new here), or whatever the network says is added (the paper's)."""
    strength: float = 0.04
    """Residual strength at which the closed loop stops, and the default in use: its weighted rms, PSNR >= -20 log10(strength) - 0.1 dB."""
    sync: float = 0.0
    """Share of the mark's power in waves that show the localiser where it is (new here); the rest carries the message."""
    chroma_weight: float = 4.0
    """Perceptual cost of U and V against Y in the normalised head."""
    low_frequency_weight: float = 8.0
    """Extra perceptual cost of the lowest spatial frequencies in the normalised head."""
    corner_frequency: float = 0.06
    """Frequency in cycles per pixel below which that cost rises."""
    masking: float = 0.0
    """Exponent with which the normalised head's strength follows the local contrast of the picture (0: the same everywhere)."""

    FREE: ClassVar[tuple[str, ...]] = ("strength",)

    def __post_init__(self):
        super().__post_init__()
        if not 0 <= self.sync < 1:
            raise UserError(f"sync is a share of the power in 0..1, not {self.sync}")


@dataclass(frozen=True)
class DataSettings(Settings):
    """Photos, and how many of them a step sees."""

    images: str = ""
    """Folder of photos, searched recursively; empty: the photos inside scikit-image."""
    held_out: str = ""
    """Folder of photos for evaluation; empty: a tenth of `images`, split by photo."""
    colour_augmentation: bool = True
    """Random gain and offset of the covers' channels, for small collections."""
    batch_size: int = 8
    """Images a step, over all devices."""

    # What identifies photos is their content, not where they lie: see stegastamp.pictures.photos.
    FREE: ClassVar[tuple[str, ...]] = ("images", "held_out")

    def __post_init__(self):
        super().__post_init__()
        at_least_one(self, "batch_size")


@dataclass(frozen=True)
class OptimizerSettings(Settings):
    """How fast the weights are learnt, and from where."""

    learning_rate: float = 1e-3
    """Peak learning rate of Adam; the paper's is 1e-4."""
    final_rate: float = 0.05
    """Learning rate at the end, as a fraction of the peak."""
    hold: float = 0.67
    """Fraction of the steps at the peak rate before the cosine decay (closed loop)."""
    clip_norm: float = 1e9
    """Global norm at which gradients are clipped; the default never does, as the paper."""
    average_decay: float = 0.99
    """Decay of the moving average of the weights that is evaluated and released; 0 evaluates the weights themselves."""
    trained: Literal["all", "decoder"] = "all"
    """Everything, or the decoder alone: what was stamped before is read by it too, as the encoder of start_from stays (new here)."""
    start_from: str = ""
    """Start from the weights of another training, as far as names and shapes agree: a released or run folder, or a checkpoint in one."""


@dataclass(frozen=True)
class ScheduleSettings(Settings):
    """What changes with the step."""

    regime: Literal["closed_loop", "paper", "curriculum"] = "closed_loop"
    """By the bit accuracy (new here), by the ramps of the paper's base.sh, or by the curriculum of the original run."""
    gate: float = 0.93
    """Running bit accuracy above which the closed loop lowers the strength and opens the distortions."""
    distortion_level: float = 0.5
    """Level in [0, 1] the distortions end at in the closed loop."""
    distortion_ramp: int = 300
    """Steps from the opening of the gate to that level."""
    first_strength: float = 0.0
    """Strength at which a training from another one's weights begins, if it is above the last one; the closed loop leads down from it."""
    distortions_first: bool = False
    """Raise the distortions only while the accuracy is above the gate, and lower the strength only when they are at their level."""
    distortion_steps: int = 1000
    """Steps over which the paper's distortions rise to full level."""
    message_only_steps: int = 0
    """Steps at the start that train the message alone, with an Adam of their own (paper: 1500)."""
    image_ramp: int = 0
    """Steps over which the image, perceptual and critic weights rise from 0 (paper: 15000)."""
    edge_delay: int = 80_000
    """Step at which the edge gain begins to rise."""
    edge_ramp: int = 10_000
    """Steps over which it rises."""
    warp_ramp: int = 10_000
    """Steps over which the warp rises (paper: 10000)."""
    curriculum: tuple[int, ...] = (35_000, 70_000)
    """Ends of the constant and the gradual phase of the original run's curriculum."""
    constant_steps: int = 1000
    """Steps for which each constant 0.2, 0.3, ... 0.9 of the constant phase stays."""
    gradual_low: float = 0.2
    """Low end of the labels of the gradual phase (the original run says 0.2, its code had 0.6)."""

    FREE: ClassVar[tuple[str, ...]] = ("gate",)

    def __post_init__(self):
        super().__post_init__()
        at_least_one(self, "constant_steps")
        if len(self.curriculum) != 2 or not 0 <= self.curriculum[0] <= self.curriculum[1]:
            ends = " ".join(map(str, self.curriculum)) or "nothing"
            raise UserError(f"curriculum is two steps, the ends of the constant and of the gradual phase, not {ends}")
        if self.distortions_first and self.distortion_ramp < 1:
            raise UserError(f"distortions_first raises the distortions over distortion_ramp steps, at least 1, not {self.distortion_ramp}")


@dataclass(frozen=True)
class LossSettings(Settings):
    """What is minimised. Weights are those at the end of their ramps."""

    secret_weight: float = 1.0
    """Weight of the message loss (paper: 1.5)."""
    image_weight: float = 0.0
    """Weight of the YUV squared error (paper: 2)."""
    chroma_scale: float = 1.0
    """Weight of U and V against Y in the squared error (paper's base.sh: 100)."""
    edge_gain: float = 0.0
    """Gain of the squared error at the border (paper: 10)."""
    lpips: Literal["none", "alex", "vgg", "squeeze"] = "none"
    """Backbone of the perceptual distance (python -m stegastamp lpips fetches the weights)."""
    lpips_weight: float = 1.5
    """Weight of the perceptual distance where one is used (paper: 1.5)."""
    critic: bool = False
    """Train a critic against the encoder (Wasserstein, RMSProp, weight clipping as the paper)."""
    critic_weight: float = 0.5
    """Weight of the critic's score in the encoder's loss (paper: 0.5)."""
    localiser_weight: float = 2.0
    """Weight of the localiser's loss."""


@dataclass(frozen=True)
class TrainingRun(RunSettings):
    """What every training has, and on how many devices this one runs."""

    steps: int = 1500
    """Training steps."""
    devices: Literal["one", "mirrored", "multi_worker"] = "one"
    """One device, all of this machine, or those of all machines in TF_CONFIG."""
    logical_cpus: int = 1
    """Split the CPU into that many devices, to try "mirrored" without a GPU."""
    test_count: int = 120
    """Held-out crops in the final evaluation."""

    FREE: ClassVar[tuple[str, ...]] = (*RunSettings.FREE, "steps", "devices", "logical_cpus", "test_count")

    def __post_init__(self):
        super().__post_init__()
        at_least_one(self, "test_count")
        if self.evaluate_every % self.save_every and self.save_every % self.evaluate_every:
            both = f"evaluate_every ({self.evaluate_every}) and save_every ({self.save_every})"
            raise UserError(f"of {both} one must be a multiple of the other: the best checkpoint is one that was evaluated")


def at_least_one(settings: Settings, *names: str) -> None:
    """Raise UserError where a field of `settings` is below 1."""
    for name in names:
        if getattr(settings, name) < 1:
            raise UserError(f"{name} must be at least 1, not {getattr(settings, name)}")
