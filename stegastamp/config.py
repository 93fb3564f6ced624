"""Configuration of a StegaStamp training: one frozen dataclass; presets.py holds the named ones."""

from dataclasses import dataclass

from longrun.errors import UserError


@dataclass(frozen=True)
class Config:
    """Every number of a training. Lengths in pixels, durations in steps, images in [0, 1]."""

    # What is trained
    size: int = 128
    """Side of the square images the networks see; a multiple of 16."""
    bits: int = 100
    """Bits of a message."""
    network: str = "stegastamp"
    """"stegastamp" (U-Net and convolutional decoder of the paper) or "simple" (the logs' three-layer networks)."""
    head: str = "normalised"
    """"normalised" (ours: the residual's weighted rms is the strength) or "additive" (the paper's)."""
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
    transformer: str = "none"
    """Spatial transformer before the decoder: "none", "flatten" (the paper's, 41 M parameters at 400 px), "compact", or "localiser"
    (ours: learnt from the known warps, not from the bits; needs sync and warp)."""
    localiser_widths: tuple[int, ...] = (48, 48, 64, 64, 64, 64)
    """Channels of the localiser's six convolutions."""
    localiser_passes: int = 2
    """How often the localiser looks, each time at what the time before brought in place."""
    localiser_weight: float = 2.0
    """Weight of the localiser's loss."""
    sync: float = 0.0
    """Share of the mark's power in waves that show the localiser where it is (ours); the rest carries the message."""
    secret_scale: int = 4
    """The secret is laid out on a grid of size / secret_scale cells a side; the paper's is 8."""
    chroma_weight: float = 4.0
    """Perceptual cost of U and V against Y in the normalised head (ours)."""
    low_frequency_weight: float = 8.0
    """Extra perceptual cost of the lowest spatial frequencies in the normalised head (ours)."""
    corner_frequency: float = 0.06
    """Frequency in cycles per pixel below which that cost rises (ours)."""

    masking: float = 0.0
    """Exponent with which the normalised head's strength follows the local contrast of the picture (ours; 0: the same everywhere)."""
    start_from: str = ""
    """Start from the weights of another training, as far as names and shapes agree: a released or run folder, or a checkpoint in one."""

    # How long, how fast
    steps: int = 1500
    """Training steps."""
    batch_size: int = 8
    """Images a step, over all devices."""
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
    seed: int = 0
    """Of initial weights, data order, messages and distortions."""

    # Regime
    regime: str = "closed_loop"
    """"closed_loop" (ours), "paper" (base.sh ramps) or "curriculum" (the logs')."""
    strength: float = 0.04
    """Residual strength at which the closed loop stops, and the default in use: its weighted rms, PSNR >= -20 log10(strength) - 0.1 dB."""
    gate: float = 0.93
    """Running bit accuracy above which the closed loop lowers the strength and opens the distortions."""
    distortion_level: float = 0.5
    """Level in [0, 1] the distortions end at in the closed loop."""
    distortion_ramp: int = 300
    """Steps from the opening of the gate to that level."""
    distortions_first: bool = False
    """Raise the distortions only while the accuracy is above the gate, and lower the strength only when they are at their level."""
    message_only_steps: int = 0
    """Steps at the start that train the message alone, with an Adam of their own (paper: 1500)."""
    secret_weight: float = 1.0
    """Weight of the message loss (paper: 1.5)."""
    image_weight: float = 0.0
    """Weight of the YUV squared error (paper: 2)."""
    image_ramp: int = 0
    """Steps over which the image, perceptual and critic weights rise from 0 (paper: 15000)."""
    chroma_scale: float = 1.0
    """Weight of U and V against Y in the squared error (paper's base.sh: 100)."""
    edge_gain: float = 0.0
    """Gain of the squared error at the border (paper: 10)."""
    edge_delay: int = 80_000
    """Step at which the edge gain begins to rise."""
    edge_ramp: int = 10_000
    """Steps over which it rises."""
    lpips: str = "none"
    """Perceptual distance: "none", "alex", "vgg" or "squeeze" (python -m stegastamp lpips fetches the weights)."""
    lpips_weight: float = 1.5
    """Weight of the perceptual distance where one is used (paper: 1.5)."""
    critic: bool = False
    """Train a critic against the encoder (Wasserstein, RMSProp, weight clipping as the paper)."""
    critic_weight: float = 0.5
    """Weight of the critic's score in the encoder's loss (paper: 0.5)."""
    curriculum: tuple[int, ...] = (35_000, 70_000)
    """Ends of the constant and the gradual phase of the logs' curriculum."""
    constant_steps: int = 1000
    """Steps for which each constant 0.2, 0.3, ... 0.9 of the constant phase stays."""
    gradual_low: float = 0.2
    """Low end of the labels of the gradual phase (the log says 0.2, its code had 0.6)."""
    eight_bit: bool = True
    """Clip and round stamped images to 8 bits with a straight-through gradient before anything else happens to them."""
    distortions: bool = True
    """Distort stamped images before decoding."""
    published_distortions: bool = False
    """Parameters drawn once for a batch and hard clipping, as published, instead of per sample and straight-through (ours)."""
    jpeg: str = "rounded"
    """"rounded" (true rounding, straight-through gradient) or "smooth" (the paper's)."""
    jpeg_quality: int = 50
    """Lowest JPEG quality at full level."""
    distortion_steps: int = 1000
    """Steps over which the paper's distortions rise to full level."""
    warp: float = 0.0
    """Largest corner shift as a fraction of the side, of warp-encode-unwarp (paper: 0.1)."""
    warp_rotation: float = 0.0
    """Largest rotation in degrees that comes on top (ours)."""
    warp_scale: float = 0.0
    """Largest change of scale that comes on top: a factor in 1 - warp_scale .. 1 + warp_scale (ours)."""
    warp_shift: float = 0.0
    """Largest shift in fractions of the side that comes on top (ours)."""
    warp_ramp: int = 10_000
    """Steps over which it rises (paper: 10000)."""
    borders: str = "white"
    """What fills the outside of a warped stamp: no_edge, black, white, random, randomrgb or image."""

    # Data
    images: str = ""
    """Folder of photos, searched recursively; empty: the photos inside scikit-image."""
    held_out: str = ""
    """Folder of photos for evaluation; empty: a tenth of `images`, split by photo."""
    colour_augmentation: bool = True
    """Random gain and offset of the covers' channels, for small collections."""

    # The run
    mode: str = "graph"
    """"graph" or "eager": the same step with or without tf.function."""
    precision: str = "float32"
    """"float32" or "mixed_bfloat16"."""
    jit_compile: bool = False
    """XLA; for GPUs."""
    devices: str = "one"
    """"one", "mirrored" or "multi_worker"."""
    logical_cpus: int = 1
    """Split the CPU into that many devices, to try "mirrored" without a GPU."""
    deterministic: bool = False
    """Force deterministic kernels on a GPU."""
    on_unhealthy: str = "stop"
    """"warn", "stop" or "rollback"."""
    guard_after: int = 300
    """Steps after which a message at its floor, or a dead residual, is unhealthy."""
    log_every: int = 50
    """Steps between two lines of metrics.jsonl."""
    save_every: int = 500
    """Steps between two checkpoints; a multiple of log_every."""
    keep_every: int = 0
    """Steps between two checkpoints that are kept for ever, a multiple of save_every; 0: none."""
    evaluate_every: int = 500
    """Steps between two evaluations on held-out photos; a multiple of log_every."""
    test_count: int = 120
    """Held-out crops in the final evaluation."""

    def __post_init__(self):
        choices = {
            "network": ("stegastamp", "simple"),
            "head": ("normalised", "additive"),
            "transformer": ("none", "flatten", "compact", "localiser"),
            "regime": ("closed_loop", "paper", "curriculum"),
            "lpips": ("none", "alex", "vgg", "squeeze"),
            "jpeg": ("rounded", "smooth"),
            "borders": ("no_edge", "black", "white", "random", "randomrgb", "image"),
            "mode": ("graph", "eager"),
            "on_unhealthy": ("warn", "stop", "rollback"),
        }
        for name, allowed in choices.items():
            if getattr(self, name) not in allowed:
                raise UserError(f"{name} is one of {', '.join(allowed)}, not {getattr(self, name)!r}")
        counts = ("bits", "steps", "batch_size", "secret_scale", "constant_steps", "log_every", "save_every")
        for name in (*counts, "evaluate_every", "test_count"):
            if getattr(self, name) < 1:
                raise UserError(f"{name} must be at least 1, not {getattr(self, name)}")
        if len(self.curriculum) != 2 or not 0 <= self.curriculum[0] <= self.curriculum[1]:
            ends = " ".join(map(str, self.curriculum)) or "nothing"
            raise UserError(f"curriculum is two steps, the ends of the constant and of the gradual phase, not {ends}")
        if self.distortions_first and self.distortion_ramp < 1:
            raise UserError(f"distortions_first raises the distortions over distortion_ramp steps, at least 1, not {self.distortion_ramp}")
        if self.size < 16 or self.size % 16 or self.size % self.secret_scale:
            raise UserError(f"size must be a multiple of 16 and of secret_scale ({self.secret_scale}), not {self.size}")
        for name in ("save_every", "evaluate_every"):
            if getattr(self, name) % self.log_every:
                raise UserError(f"{name} ({getattr(self, name)}) must be a multiple of log_every ({self.log_every})")
        if self.evaluate_every % self.save_every and self.save_every % self.evaluate_every:
            both = f"evaluate_every ({self.evaluate_every}) and save_every ({self.save_every})"
            raise UserError(f"of {both} one must be a multiple of the other: the best checkpoint is one that was evaluated")
        if self.keep_every % self.save_every:
            raise UserError(f"keep_every ({self.keep_every}) must be a multiple of save_every ({self.save_every})")
        if not 1 <= self.jpeg_quality <= 100:
            raise UserError(f"jpeg_quality must lie in 1..100, not {self.jpeg_quality}")
        if not 0 <= self.sync < 1:
            raise UserError(f"sync is a share of the power in 0..1, not {self.sync}")
        if self.transformer == "localiser" and not (self.sync > 0 and self.warp > 0):
            raise UserError("the localiser learns from known warps of known waves: it needs sync and warp above 0")
        if self.jit_compile and self.warp > 0:
            raise UserError("jit_compile cannot be used with warp: TensorFlow's projective transform has no XLA kernel")
        if self.network == "stegastamp" and len(self.encoder_widths) != 5:
            raise UserError(f"the U-Net has 5 levels, encoder_widths gives {len(self.encoder_widths)}")
        if self.network == "stegastamp" and len(self.decoder_widths) != len(self.decoder_strides):
            raise UserError(f"{len(self.decoder_widths)} decoder_widths need as many decoder_strides, not {len(self.decoder_strides)}")
        if self.head == "normalised" and self.regime != "closed_loop":
            raise UserError(
                f"only the closed loop lowers the strength of the normalised head; the regime {self.regime} needs head additive"
            )
        for unread, where, names in UNREAD:
            for name in names if unread(self) else ():
                value, default = getattr(self, name), getattr(Config, name)
                if value not in (default, NEUTRAL.get(name)):
                    raise UserError(f"{name} ({value}) changes nothing {where}; leave it at {default}")


# Where a field is not read, a value of its own would silently change nothing and is refused: (where, the same in words, fields).
UNREAD = (
    (lambda config: config.warp == 0, "without warp", ("warp_rotation", "warp_scale", "warp_shift")),
    (lambda config: config.regime == "closed_loop", "in the closed loop", ("warp_ramp",)),
    (
        lambda config: config.regime != "closed_loop",
        "outside the closed loop",
        ("gate", "hold", "final_rate", "distortion_level", "distortions_first"),
    ),
    (lambda config: config.regime != "paper", "outside the regime paper", ("distortion_steps",)),
    (lambda config: config.regime == "curriculum", "in the curriculum", ("image_ramp",)),
    (lambda config: config.regime != "curriculum", "outside the curriculum", ("curriculum", "constant_steps", "gradual_low")),
)
# A rate that ends where it began is what the paper has anyway.
NEUTRAL = {"final_rate": 1.0}

# Fields that may differ between a checkpoint and the command that resumes it: they change no number of the steps already done.
FREE = (
    *("steps", "gate", "strength", "log_every", "save_every", "keep_every", "evaluate_every", "test_count", "on_unhealthy", "guard_after"),
    *("mode", "jit_compile", "devices", "logical_cpus", "deterministic", "images", "held_out"),
)
