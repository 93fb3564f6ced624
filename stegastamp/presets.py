"""Named trainings. Each docstring has the command, the wall time on the hardware it was measured on, and the metric to expect."""

from dataclasses import replace

from stegastamp.config import Config

PAPER_NETWORK = Config(
    size=400,
    head="additive",
    encoder_widths=(32, 32, 64, 128, 256),
    decoder_widths=(32, 32, 64, 64, 64, 128, 128),
    decoder_strides=(2, 1, 2, 1, 2, 2, 2),
    decoder_dense=512,
    decoder_initializer="glorot_uniform",
    transformer="flatten",
    secret_scale=8,
    batch_size=4,
    learning_rate=1e-4,
    final_rate=1.0,
    average_decay=0.0,
    regime="paper",
    colour_augmentation=False,
    eight_bit=False,
    published_distortions=True,
)
LOG = replace(
    PAPER_NETWORK,
    transformer="none",
    distortions=False,
    on_unhealthy="warn",
    log_every=100,
    save_every=1000,
    evaluate_every=500,
)


def quick() -> Config:
    """128 px, 100 bits, ours: a message that survives PNG and JPEG in a mark nobody sees, in minutes on a CPU.

    ./train.sh stegastamp quick: 3 minutes on two cores (AMD EPYC, float32); held-out bit accuracy .999 after PNG and JPEG 75 at 36 dB.
    """
    return Config(steps=1200, strength=0.016)


def tiny() -> Config:
    """64 px, 32 bits, ours: the smallest training that carries a message, in a minute.

    ./train.sh stegastamp tiny: a minute on one core; bit accuracy above .9 after 75 to 100 steps from every seed.
    """
    return Config(size=64, bits=32, steps=600, strength=0.03, distortion_ramp=150, log_every=25, save_every=100, evaluate_every=200)


def uuid_quick() -> Config:
    """128 px, 256 bits, ours: room for a UUID with its error correction.

    ./train.sh stegastamp uuid-quick: 7 minutes on two busy cores; held-out bit accuracy .999 after PNG, .997 after JPEG 75, 34 dB.
    """
    return Config(bits=256, steps=1500, strength=0.02, gate=0.9)


def base() -> Config:
    """128 px, 100 bits, ours: a mark that is found and read in a photograph of the picture; wants a folder of photos.

    ./train.sh stegastamp base --images FOLDER
    """
    return Config(
        steps=9000,
        strength=0.02,
        gate=0.8,
        hold=0.6,
        average_decay=0.997,
        transformer="localiser",
        localiser_passes=3,
        sync=0.3,
        warp=0.1,
        warp_rotation=7.0,
        warp_scale=0.08,
        warp_shift=0.04,
        borders="image",
        distortion_level=1.0,
        distortion_ramp=600,
        distortions_first=True,
        colour_augmentation=False,
        evaluate_every=1000,
    )


def uuid() -> Config:
    """As `base`, with 256 bits.

    ./train.sh stegastamp uuid --images FOLDER
    """
    return replace(base(), bits=256)


def paper() -> Config:
    """400 px, 100 bits, base.sh of the paper: 140,000 steps of batch 4, made for a GPU.

    shell/stegastamp_paper.sh: not run to its end here; a step takes 2.0 s on two cores. The paper reports 28.5 dB.
    """
    return replace(
        PAPER_NETWORK,
        steps=140_000,
        message_only_steps=1500,
        secret_weight=1.5,
        image_weight=2.0,
        image_ramp=15_000,
        chroma_scale=100.0,
        edge_gain=10.0,
        lpips="alex",
        critic=True,
        jpeg="smooth",
        warp=0.1,
        guard_after=5000,
        log_every=100,
        save_every=1000,
        keep_every=10_000,
        evaluate_every=1000,
    )


def log_8bit() -> Config:
    """The log's "8-bit: 68.75 % accuracy": 11 of 16 bits right, which guessing reaches one time in nine (p = .11)."""
    return replace(
        LOG, size=256, bits=8, network="simple", encoder_widths=(32, 32), decoder_widths=(32, 64, 128), regime="curriculum",
        batch_size=2, steps=2000, curriculum=(500, 1000), constant_steps=63, image_weight=1.0,
    )  # fmt: skip


def log_64bit() -> Config:
    """The log's "64-bit: 55.47 %": 71 of 128 bits right, which guessing reaches one time in eight (p = .13)."""
    return replace(log_8bit(), bits=64)


def log_256bit() -> Config:
    """The log's "256-bit: 51.56 %, capacity ceiling": 264 of 512 bits right (p = .25); uuid-quick carries 256 bits."""
    return replace(log_8bit(), bits=256, steps=5000, curriculum=(1250, 2500), constant_steps=157)


def log_unet() -> Config:
    """The log's "U-Net fails as well, 51.56 %": the same curriculum of constants; the network was never the obstacle."""
    return replace(
        log_256bit(), network="stegastamp", encoder_widths=PAPER_NETWORK.encoder_widths, decoder_widths=PAPER_NETWORK.decoder_widths
    )


def log_curriculum() -> Config:
    """The log's "production run": 0.5006 and 0.6109 are the entropies of the constant labels 0.2 and 0.3, reached by a bias."""
    return replace(log_unet(), steps=140_000, curriculum=(35_000, 70_000), constant_steps=1000, distortions=True, keep_every=10_000)


def log_100bit() -> Config:
    """The log's "critical fix": 400 px, 100 bits, squared error from 0 to 2 over 14,000 steps, eager, no clipping to an image."""
    return replace(LOG, steps=140_000, secret_weight=1.5, image_weight=2.0, image_ramp=14_000, mode="eager", keep_every=10_000)


def collapse_demo() -> Config:
    """The log's flat 0.6931 with L2 = 0.0000, on purpose: image loss at full weight from step 0. Ends with exit code 3."""
    return replace(
        PAPER_NETWORK, size=64, bits=32, transformer="none", batch_size=16, learning_rate=1e-3, steps=1000, image_weight=2.0,
        distortions=False, guard_after=150, log_every=25, save_every=100, evaluate_every=1000,
    )  # fmt: skip


PRESETS = {
    "quick": quick,
    "tiny": tiny,
    "uuid-quick": uuid_quick,
    "base": base,
    "uuid": uuid,
    "paper": paper,
    "log-8bit": log_8bit,
    "log-64bit": log_64bit,
    "log-256bit": log_256bit,
    "log-unet": log_unet,
    "log-curriculum": log_curriculum,
    "log-100bit": log_100bit,
    "collapse-demo": collapse_demo,
}
DEFAULT = "quick"
