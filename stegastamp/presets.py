"""Named trainings. Each docstring has the command, the wall time on the hardware it was measured on, and the metric to expect.

The original run is a reimplementation whose log was published; each of its entries is a preset `log-...`, whose docstring also says what
that entry reported and what the number was. Where a step is given, `python -m stegastamp bench PRESET` printed it and the hours are its
product with the steps; "busy": two cores of an AMD EPYC with other trainings on both, float32.
"""

from longrun.config import changed
from stegastamp.config import Config

PAPER_NETWORK = changed(
    Config(),
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
ORIGINAL = changed(
    PAPER_NETWORK,
    transformer="none",
    distortions=False,
    on_unhealthy="warn",
    log_every=100,
    save_every=1000,
    evaluate_every=500,
)


def quick() -> Config:
    """128 px, 100 bits, new here: a message that survives PNG and JPEG in a mark nobody sees, in minutes on a CPU.

    ./train.sh stegastamp quick: 3 minutes on two cores (AMD EPYC, float32); held-out bit accuracy .999 after PNG and JPEG 75 at 36.1 dB.
    """
    return changed(Config(), steps=1200, strength=0.016)


def tiny() -> Config:
    """64 px, 32 bits, new here: the smallest training that carries a message, in a minute.

    ./train.sh stegastamp tiny: a minute on one core; training bit accuracy above .9 after 75 to 100 steps from each of 20 seeds.
    """
    return changed(
        Config(), size=64, bits=32, steps=600, strength=0.03, distortion_ramp=150, log_every=25, save_every=100, evaluate_every=200,
    )  # fmt: skip


def uuid_quick() -> Config:
    """128 px, 256 bits, new here: room for a UUID with its error correction.

    ./train.sh stegastamp uuid-quick: 7 minutes on two busy cores; held-out bit accuracy .999 after PNG, .997 after JPEG 75, 34 dB.
    """
    return changed(Config(), bits=256, steps=1500, strength=0.02, gate=0.9)


def base() -> Config:
    """128 px, 100 bits, new here: a mark that is found and read in a photograph of the picture; wants a folder of photos.

    ./train.sh stegastamp base --images FOLDER: 2.2 steps a second on one core of an AMD EPYC, so two hours. The released weights come
    from 16,600 steps in three trainings, and 1,500 of the decoder alone (--trained decoder; their EVALUATION.md has both). Before the
    latter, on whole Kodak photos: bit accuracy .9985, and .996 after a simulated print and camera, at 32.0 dB.
    """
    return changed(
        Config(),
        steps=16_000,
        strength=0.03,
        masking=0.7,
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
    """As `base`, with 256 bits, from its weights.

    ./train.sh stegastamp uuid --images FOLDER --start-from checkpoints/released/stegastamp/base: 1.1 steps a second on one core of an AMD
    EPYC without AVX-512. The released weights come from 6,400 steps, 100 minutes: on whole Kodak photos bit accuracy .986, .985 after
    JPEG 75, at 32.1 dB (floor .5).
    """
    # Two thirds of the last channels, or its logits alone would be more than the rest of the networks.
    return changed(base(), steps=6400, bits=256, decoder_widths=(16, 16, 32, 32, 32, 24))


def fine() -> Config:
    """256 px, 100 bits, new here: the mark of `base` at half its size and 2 x 2 times, far weaker; from its weights.

    ./train.sh stegastamp fine --images FOLDER --start-from checkpoints/released/stegastamp/base --precision mixed_bfloat16: 0.8 seconds
    of one core (Xeon with AMX) a step, so an hour. Before its first step, where the localiser is told the place, bit accuracy is .968
    at a residual of .0076 (42 dB); what the training has to bring is the place.
    """
    # JPEG 70 and half the blur do at 256 pixels what more does to whole pictures of 600. Places are sought in tiles, half as far off.
    return changed(
        base(), size=256, tiles=2, steps=4600, strength=0.012, first_strength=0.02, batch_size=4, learning_rate=4e-4, average_decay=0.995,
        jpeg_quality=70, blur_sigma=(0.4, 1.5), blur_length=(1.1, 2.1), warp=0.05, warp_rotation=3.0, warp_scale=0.03, warp_shift=0.02,
        warp_stretch=0.02, save_every=100, evaluate_every=1200,
    )  # fmt: skip


def paper() -> Config:
    """400 px, 100 bits, base.sh of the paper: 140,000 steps of batch 4, made for a GPU.

    shell/stegastamp_paper.sh: not run to its end here; a step takes 2,180 ms on two cores of an AMD EPYC, so 85 hours. The paper reports
    28.5 dB.
    """
    return changed(
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
    """The original run's "8-bit Successfully Trained", three-layer networks at 256 px under its curriculum of constants.

    ./train.sh stegastamp log-8bit: a step takes 190 ms (busy), so 6 minutes for its 2,000 steps; held-out bit accuracy at the floor of .5
    (.5094 at --size 64). The original run reported 68.75 % accuracy: 11 of 16 bits right, which guessing reaches one time in nine (p =
    .11).
    """
    return changed(
        ORIGINAL, size=256, bits=8, network="simple", encoder_widths=(32, 32), decoder_widths=(32, 64, 128), regime="curriculum",
        batch_size=2, steps=2000, curriculum=(500, 1000), constant_steps=63, image_weight=1.0,
    )  # fmt: skip


def log_64bit() -> Config:
    """The original run's "64-bit: barely above random", the same networks.

    ./train.sh stegastamp log-64bit: a step takes 370 ms (busy), so 12 minutes for its 2,000 steps; expect bit accuracy at the floor of
    .5. The original run reported 55.47 %: 71 of 128 bits right, which guessing reaches one time in eight (p = .13).
    """
    return changed(log_8bit(), bits=64)


def log_256bit() -> Config:
    """The original run's "capacity ceiling at 256-bit", the same networks; `uuid-quick` carries 256 bits.

    ./train.sh stegastamp log-256bit: a step takes 511 ms (busy), so 43 minutes for its 5,000 steps; expect bit accuracy at the floor of
    .5. The original run reported 51.56 %: 264 of 512 bits right, which guessing reaches one time in four (p = .25).
    """
    return changed(log_8bit(), bits=256, steps=5000, curriculum=(1250, 2500), constant_steps=157)


def log_unet() -> Config:
    """The original run's "U-Net with skip connections: same as simple CNN"; its curriculum was the obstacle, not the network.

    ./train.sh stegastamp log-unet: a step takes 1,711 ms (busy), so 2.4 hours for its 5,000 steps; expect bit accuracy at the floor of
    .5. The original run reported 51.56 %: 264 of 512 bits right, which guessing reaches one time in four (p = .25).
    """
    return changed(
        log_256bit(),
        network="stegastamp",
        encoder_widths=PAPER_NETWORK.model.encoder_widths,
        decoder_widths=PAPER_NETWORK.model.decoder_widths,
    )


def log_curriculum() -> Config:
    """The original run's "production run": the U-Net under the curriculum over 140,000 steps, with brightness, contrast and noise.

    ./train.sh stegastamp log-curriculum: a step takes 1,465 ms (busy), so 57 hours for its 140,000 steps; expect bit accuracy at the
    floor of .5 and information 0.000 nats per bit (README: 2,000 steps at 64 px). The original run reported message losses of 0.5006 and
    0.6109, "training is learning": the entropies of its constant labels 0.2 and 0.3, which a bias reaches.
    """
    return changed(log_unet(), steps=140_000, curriculum=(35_000, 70_000), constant_steps=1000, distortions=True, keep_every=10_000)


def log_100bit() -> Config:
    """The original run's "critical fix": 400 px, 100 bits, squared error from 0 to 2 over 14,000 steps, eager, no clipping to an image.

    shell/stegastamp_log_100bit.sh: a step is a part of that of `paper` (2,180 ms compiled, on two cores that are free), so at most 85
    hours for its 140,000 steps with --mode graph; eager steps took 1.37 x as long. Expect a residual rms of .001 and bit accuracy .5
    (README: 1,500 steps at 128 px). The original run reported a residual of .617 to .506 and L2 of .552 to .439 in its first five steps,
    "training now learning": they are the collapse of the residual, in which nothing is carried.
    """
    return changed(ORIGINAL, steps=140_000, secret_weight=1.5, image_weight=2.0, image_ramp=14_000, mode="eager", keep_every=10_000)


def collapse_demo() -> Config:
    """The original run's flat line on purpose: image loss at full weight from step 0. The guard stops it and names the cause.

    ./train.sh stegastamp collapse-demo: stopped at step 150 within 389 seconds (busy; 59 seconds of processor time) with exit code 3, at
    a message loss of 0.6932 and a residual rms of .00116. The original run reported "flat at 0.6931 (random baseline) with L2=0.0000" and
    blamed tf.function: 0.6931 is ln 2, what guessing fair bits costs, and comes out the same in graph and in eager mode.
    """
    return changed(
        PAPER_NETWORK, size=64, bits=32, transformer="none", batch_size=16, learning_rate=1e-3, steps=1000, image_weight=2.0,
        distortions=False, guard_after=150, log_every=25, save_every=100, evaluate_every=1000,
    )  # fmt: skip


PRESETS = {
    "quick": quick,
    "tiny": tiny,
    "uuid-quick": uuid_quick,
    "base": base,
    "uuid": uuid,
    "fine": fine,
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
