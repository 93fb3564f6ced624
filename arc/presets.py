"""Named trainings. Each docstring has the command, the wall time on the hardware it was measured on, and the metric to expect."""

from arc.config import Config
from arc.original.config import OriginalConfig
from longrun.config import changed


def plain() -> Config:
    """Encoder-decoder on the 18 skills, grids up to 10, without pointers; what the other models and the factorial start from.

    ./train.sh arc plain: 15 minutes of one core of an AMD EPYC; 11 of 18 skills at .95 exact match on unseen instances, mean .74 (floor 0).
    """
    return changed(Config(), steps=1400, jit_compile=True, shards=2)


def quick() -> Config:
    """The plain model that also points by places in box, frame, bands and halves and beside marks, and sees a cell's neighbours.

    ./train.sh arc: 7 minutes 57 seconds of two cores of an Intel Xeon with AVX-512 that others slowed down; 17 of 18 skills at .95 exact
    match on unseen instances, mean .94 (floor 0); 41 of ARC's own 43 pairs.

    Muon needs two thirds of AdamW's steps. Half of the answers are hidden, so that rules are learnt from the query. What is learnt last
    comes twice as often, or three times.
    """
    fields = {"object_view": True, "neighbours": True, "hidden_answers": 0.5, "focus": "88a62173,88a62173,85c4e7cd,dbc1a6ce"}
    return changed(plain(), optimizer="muon", lr=4e-3, batch_size=16, steps=1400, evaluate_every=700, **fields)


def decoder_only() -> Config:
    """Decoder-only with rotary positions in three dimensions, 532,224 parameters (529,792 without the table of skills).

    ./train.sh arc decoder-only: 18 minutes of one core of an AMD EPYC, and three of evaluation; 7 of 18 skills, mean .62 (floor 0).
    """
    return changed(plain(), model="decoder_only", feed_forward=768, positions="diagonal3d", learnt_positions=False)


def champion() -> Config:
    """Encoder-decoder, equivariant colours, two demonstrations through a gated bridge.

    ./train.sh arc champion: some 30 minutes of one core of an Intel Xeon with AVX-512; 7 of 18 skills, mean .68 (floor 0).
    """
    return changed(plain(), model="champion", context_pairs=2, equivariant=True)


def held_out() -> Config:
    """Question B: the champion without skill numbers; the original run's four validation skills are never trained."""
    return changed(champion(), task_ids=False, held_out="a9f96cdd,b27ca6d3,c1d99e64,dbc1a6ce")


def exp_decoder_only() -> OriginalConfig:
    """The original run's Exp -1, decoder-only, as it was; `--variant fixed` trains the new model in the same way."""
    return changed(OriginalConfig(), model="decoder_only")


def exp_encoder_decoder() -> OriginalConfig:
    """The original run's Exp 0, encoder-decoder, as it was: its decoder is fed the very cells it is scored on."""
    return changed(OriginalConfig(), model="encoder_decoder")


def exp_champion() -> OriginalConfig:
    """The original run's Exp 3, champion, as it was."""
    return changed(OriginalConfig(), model="champion")


PRESETS = {
    "quick": quick,
    "plain": plain,
    "decoder-only": decoder_only,
    "champion": champion,
    "held-out": held_out,
    "exp_-1_decoder_only": exp_decoder_only,
    "exp_0_encoder_decoder": exp_encoder_decoder,
    "exp_3_champion": exp_champion,
}
DEFAULT = "quick"
