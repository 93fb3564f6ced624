"""Configurations that say what cannot be, or what would change nothing."""

import pytest

from longrun import UserError, changed, config_of, flatten
from longrun.config import known_fields
from stegastamp.config import Config
from stegastamp.presets import PRESETS


@pytest.mark.parametrize(
    ("preset", "changes", "line"),
    [
        ("tiny", {"secret_scale": 0}, "secret_scale must be at least 1, not 0"),
        ("tiny", {"test_count": 0}, "test_count must be at least 1, not 0"),
        ("tiny", {"size": 60}, "size must be a multiple of 16 and of secret_scale (4), not 60"),
        ("tiny", {"encoder_widths": (4, 4)}, "the U-Net has 5 levels, encoder_widths gives 2"),
        ("tiny", {"decoder_strides": (2, 2)}, "6 decoder_widths need as many decoder_strides, not 2"),
        ("tiny", {"jpeg_quality": 0}, "jpeg_quality must lie in 1..100, not 0"),
        ("tiny", {"sync": 1.0}, "sync is a share of the power in 0..1, not 1.0"),
        ("tiny", {"save_every": 30}, "save_every (30) must be a multiple of log_every (25)"),
        ("tiny", {"save_every": 150}, "evaluate_every (200) and save_every (150) one must be a multiple of the other"),
        ("tiny", {"keep_every": 250}, "keep_every (250) must be a multiple of save_every (100)"),
        ("tiny", {"head": "heavy"}, "head is one of normalised, additive, not 'heavy'"),
        ("tiny", {"devices": "all"}, "devices is one of one, mirrored, multi_worker, not 'all'"),
        ("tiny", {"transformer": "localiser"}, "the localiser learns from known warps of known waves: it needs sync and warp above 0"),
        ("tiny", {"warp": 0.1, "jit_compile": True}, "jit_compile cannot be used with warp"),
        ("tiny", {"distortions_first": True, "distortion_ramp": 0}, "over distortion_ramp steps, at least 1, not 0"),
        ("tiny", {"warp_rotation": 5.0}, "warp_rotation (5.0) changes nothing without warp; leave it at 0.0"),
        ("tiny", {"warp_scale": 0.1}, "warp_scale (0.1) changes nothing without warp"),
        ("tiny", {"warp_shift": 0.1}, "warp_shift (0.1) changes nothing without warp"),
        ("tiny", {"warp_ramp": 5}, "warp_ramp (5) changes nothing in the closed loop; leave it at 10000"),
        ("tiny", {"blur_sigma": (2.0, 1.0)}, "blur_sigma is two lengths above 0, the smaller one first, not 2.0 1.0"),
        ("tiny", {"crops": 1.5}, "crops is a share of the samples in 0..1, not 1.5"),
        ("tiny", {"weakest": 0.0}, "weakest is a factor above 0 and at most 1, not 0.0"),
        ("paper", {"trained": "decoder"}, "changes nothing where the decoder alone is trained; leave it at"),
        ("tiny", {"warp_stretch": 0.1}, "warp_stretch (0.1) changes nothing without warp; leave it at 0.0"),
        ("paper", {"first_strength": 0.1}, "first_strength (0.1) changes nothing outside the closed loop; leave it at 0.0"),
        ("tiny", {"distortion_steps": 5}, "distortion_steps (5) changes nothing outside the regime paper"),
        ("log-curriculum", {"distortion_steps": 5}, "distortion_steps (5) changes nothing outside the regime paper"),
        ("log-8bit", {"constant_steps": 0}, "constant_steps must be at least 1, not 0"),
        ("log-8bit", {"curriculum": (5,)}, "curriculum is two steps, the ends of the constant and of the gradual phase, not 5"),
        ("log-8bit", {"image_ramp": 5}, "image_ramp (5) changes nothing in the curriculum; leave it at 0"),
        ("paper", {"head": "normalised"}, "lowers the strength of the normalised head; the regime paper needs head additive"),
        ("paper", {"gate": 0.5}, "gate (0.5) changes nothing outside the closed loop; leave it at 0.93"),
        ("paper", {"hold": 0.5}, "hold (0.5) changes nothing outside the closed loop"),
        ("paper", {"final_rate": 0.1}, "final_rate (0.1) changes nothing outside the closed loop"),
        ("paper", {"distortion_level": 1.0}, "distortion_level (1.0) changes nothing outside the closed loop"),
        ("paper", {"distortions_first": True}, "distortions_first (True) changes nothing outside the closed loop"),
        ("paper", {"gradual_low": 0.6}, "gradual_low (0.6) changes nothing outside the curriculum"),
    ],
)
def test_what_cannot_be_is_one_line(preset, changes, line):
    with pytest.raises(UserError) as caught:
        changed(PRESETS[preset](), **changes)
    assert line in str(caught.value) and "\n" not in str(caught.value)


@pytest.mark.parametrize("preset", PRESETS)
def test_every_preset_comes_back_from_its_stored_form(preset):
    config = PRESETS[preset]()
    stored = {name: list(value) if isinstance(value, tuple) else value for name, value in flatten(config).items()}
    assert config_of(Config, stored) == config


def test_every_field_has_a_sentence():
    assert [name for name, field in known_fields(Config).items() if not field.help.endswith(".")] == []
