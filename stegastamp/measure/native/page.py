"""The page of a report: HTML in one string, its style, charts and pictures inside it."""

import html
import math
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from longrun import bootstrap_interval
from stegastamp.measure.attacks import NATIVE_ATTACKS
from stegastamp.measure.evaluate import VIEWING_BLUR, amplified
from stegastamp.measure.native.case import CURVE_ATTACKS, Case
from stegastamp.measure.native.charts import fitted, interval_bar, line_chart, picture
from stegastamp.measure.native.photos import Measured
from stegastamp.measure.native.spectrum import LIMITS
from stegastamp.measure.readers import readers
from stegastamp.network.stamp import Stamper

STYLE = Path(__file__).with_name("page.css")
DETAIL = 256
"""Side of the details shown pixel by pixel."""


def render(
    stamper: Stamper,
    measured: Measured,
    outcome: Mapping,
    cases: Mapping[int, Case],
    examples: Sequence[int],
    worst: Mapping[str, tuple[int, int]],
    notes: Sequence[str],
    seconds: float,
) -> str:
    """The whole page. cases: photo number -> Case for every photo in `examples` and `worst` (attack -> photo, message)."""
    photos, stamps = measured.quality["psnr"].shape
    bits = stamper.bits
    lead = (
        f"{photos} images at their own resolution, {_count(stamps, 'message')} of {bits} bits in each, {len(NATIVE_ATTACKS)} attacks; "
        f"strength {stamper.strength:g}; measured in {seconds:.0f} s."
    )
    sections = [
        f"<header><p class=kicker>StegaStamp report</p><h1>{html.escape(stamper.preset)}, step {stamper.step:,}</h1><p>{lead}</p></header>",
        _cards(outcome),
        "".join(f"<p class=note>{html.escape(note)}</p>" for note in notes),
        _attack_table(stamper, outcome),
        _quality(measured, outcome),
        _pictures(stamper, measured, cases, examples),
        _charts(measured),
        _worst_cases(stamper, measured, cases, worst),
        _method(stamper, stamps),
    ]
    title = f"StegaStamp {stamper.preset}"
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{html.escape(title)}</title><style>{STYLE.read_text()}</style></head><body><main>{''.join(sections)}</main></body></html>\n"
    )


def _cards(outcome):
    metrics, intervals = outcome["metrics"], outcome["intervals"]
    cards = []
    for label, name in (("as it is", "none"), ("JPEG 50", "jpeg50"), ("print and camera", "print_and_camera")):
        low, high = intervals[f"bit_accuracy_{name}"]
        cards.append((f"bit accuracy, {label}", f"{metrics[f'bit_accuracy_{name}']:.4f}", f"{low:.4f} to {high:.4f}; guessing 0.5"))
    cards.append(("PSNR", f"{metrics['psnr']:.1f} dB", f"SSIM {metrics['ssim']:.3f}"))
    cards.append(("colour difference", f"{metrics['colour_difference']:.2f}", "CIEDE2000 at viewing distance; 1 is just noticeable"))
    return "<section class=cards>" + "".join(f"<div><span>{a}</span><b>{b}</b><small>{c}</small></div>" for a, b, c in cards) + "</section>"


def _attack_table(stamper, outcome):
    ways = readers(stamper.bits)
    heads = "".join(f"<th>{way.title}<small>floor {way.false_accept:.1e}</small></th>" for way in ways)
    heads += f"<th>{ways[0].form.name}, decode<small>first message</small></th>" if ways else ""
    rows = []
    texts = {name: attack.text for name, attack in NATIVE_ATTACKS.items()} | {
        "unmarked": "the covers, which carry nothing: this has to be guessing"
    }
    for name, text in texts.items():
        score = f"bit_accuracy_{name}"
        value, (low, high), floor = outcome["metrics"][score], outcome["intervals"][score], outcome["floors"][score]
        cells = [
            f"<th>{_words(name)}<small>{html.escape(text)}</small></th>",
            f"<td>{interval_bar(value, low, high, floor)}</td>",
            f"<td class=number><b>{value:.4f}</b><small>{low:.4f} to {high:.4f}</small></td>",
        ]
        if ways:
            for way in [*(way.name for way in ways), "decode"]:
                cells.append(_success_cell(outcome, f"message_success_{way}_{name}"))
        rows.append(f"<tr>{''.join(cells)}</tr>")
    sent = "".join(_success_cell(outcome, f"message_success_{way.name}_as_sent") for way in ways)
    if ways:
        rows.append(f"<tr><th>real messages<small>encoded, stamped, read; no attack</small></th><td></td><td></td>{sent}<td></td></tr>")
    return (
        "<section><h2>What is read after each attack</h2><table class=attacks><thead><tr><th>attack</th><th>0, floor, 1</th>"
        f"<th>bit accuracy<small>floor 0.5</small></th>{heads}</tr></thead><tbody>{''.join(rows)}</tbody></table></section>"
    )


def _success_cell(outcome, score):
    if score not in outcome["metrics"]:
        return "<td></td>"
    low, high = outcome["intervals"][score]
    return f"<td class=number><b>{100 * outcome['metrics'][score]:.1f} %</b><small>{100 * low:.1f} to {100 * high:.1f}</small></td>"


def _quality(measured, outcome):
    forms = {"psnr": "{:.1f} dB"}
    names = {
        "psnr": "PSNR",
        "ssim": "SSIM",
        "colour_difference": f"CIEDE2000 after a blur of {VIEWING_BLUR:g} pixels",
        "perceptual_distance": "LPIPS (alex)",
    }
    rows = []
    for metric, values in measured.quality.items():
        images = values.mean(axis=1)
        mean, low, high, least, greatest = (
            forms.get(metric, "{:.3f}").format(value) for value in (images.mean(), *bootstrap_interval(images), images.min(), images.max())
        )
        cells = (f"<b>{mean}</b>", f"{low} to {high}", least, greatest)
        rows.append(f"<tr><th>{names[metric]}</th>{''.join(f'<td class=number>{cell}</td>' for cell in cells)}</tr>")
    shares = "".join(
        f"<tr><th>{channel}</th>"
        + "".join(f"<td class=number>{100 * outcome['metrics'][f'{channel}_energy_below_{limit}_cycles']:.1f} %</td>" for limit in LIMITS)
        + f"<td class=number>{100 * share:.1f} %</td></tr>"
        for channel, share in (
            ("luma", 1 - outcome["metrics"]["chroma_share_of_energy"]),
            ("chroma", outcome["metrics"]["chroma_share_of_energy"]),
        )
    )
    limits = "".join(f"<th>below {limit} cycles</th>" for limit in LIMITS)
    return (
        '<section><h2>What the picture pays</h2><div class="columns tables">'
        "<table><thead><tr><th>at full resolution</th><th>mean</th><th>95 % interval</th><th>least</th><th>greatest</th></tr></thead>"
        f"<tbody>{''.join(rows)}</tbody></table>"
        f"<table><thead><tr><th>energy of the residual</th>{limits}<th>share of all</th></tr></thead><tbody>{shares}</tbody></table></div>"
        "<p>PSNR and SSIM hardly fall where coarse blotches of colour can be seen; the colour difference and the share of energy at a few "
        "cycles per image show them.</p></section>"
    )


def _pictures(stamper, measured, cases, examples):
    rows = []
    for photo in examples:
        case = cases[photo]
        stamped = case.stamp(stamper, 0)
        residual = amplified(case.cover, stamped)
        difference = measured.quality["colour_difference"][photo].mean()
        top, left = _detail(case.cover, stamped)
        images = []
        for label, image in (("cover", case.cover), ("stamped", stamped), ("residual x10", residual)):
            name = f"{label} of {measured.names[photo]}"
            part = image[top : top + DETAIL, left : left + DETAIL]
            images.append(
                f"<figure>{picture(fitted(image, 420, 420), alternative=name)}{picture(part, alternative=f'detail, {name}', exact=True)}"
                f"<figcaption>{label}</figcaption></figure>"
            )
        caption = f"{html.escape(measured.names[photo])}: CIEDE2000 {difference:.2f}, PSNR {measured.quality['psnr'][photo].mean():.1f} dB"
        rows.append(f"<h3>{caption}</h3><div class=trio>{''.join(images)}</div>")
    return (
        "<section><h2>Cover, stamped, residual</h2><p>The two images with the largest colour difference, the one in the middle, and the "
        f"one with the least. Below each, pixel by pixel, the {DETAIL} pixels square where the mark is strongest.</p>"
        f"{''.join(rows)}</section>"
    )


def _detail(cover, stamped):
    """(top, left) of the square of DETAIL pixels that was changed most, on a coarse grid."""
    change = np.square(stamped.astype(np.float32) - cover).mean(axis=-1)
    height, width = change.shape
    corners = [(top, left) for top in range(0, max(height - DETAIL, 0) + 1, 32) for left in range(0, max(width - DETAIL, 0) + 1, 32)]
    return max(corners, key=lambda corner: change[corner[0] : corner[0] + DETAIL, corner[1] : corner[1] + DETAIL].sum())


def _charts(measured):
    strengths, levels = measured.strengths, measured.curve["psnr"].mean(axis=0)
    across = [math.log2(strength / strengths[0]) for strength in strengths]
    lines, bands = {}, {}
    for name in CURVE_ATTACKS:
        values = measured.curve[name]
        lines[_words(name)] = across, values.mean(axis=0)
        bands[_words(name)] = tuple(zip(*(bootstrap_interval(column) for column in values.T), strict=True))
    ticks = {place: f"{strength:.3g}\n{level:.1f} dB" for place, strength, level in zip(across, strengths, levels, strict=True)}
    curve = line_chart(
        lines, x_ticks=ticks, y_ticks={value / 10: f"{value / 10:g}" for value in range(5, 11)},
        x_title="strength and PSNR", y_title="Bit accuracy against strength", bands=bands, floor=0.5,
    )  # fmt: skip
    cycles = np.arange(1, 129)
    total = max(sum(energy.sum() for energy in measured.energy.values()), 1e-30)
    # Three cycles wide, so that what is uneven from ring to ring does not hide the course.
    shares = {name: np.convolve(energy / total, np.ones(3) / 3, "same")[1:129] for name, energy in measured.energy.items()}
    top = max(float(share.max()) for share in shares.values()) or 1.0
    spectrum = line_chart(
        {name: (np.log2(cycles), share) for name, share in shares.items()},
        x_ticks={power: str(2**power) for power in range(8)},
        y_ticks={level: f"{100 * level:.2g} %" for level in (0, top / 2, top)},
        x_title="cycles per image", y_title="Residual's energy, per cycle per image",
        marks={math.log2(limit): str(limit) for limit in LIMITS},
    )  # fmt: skip
    return f"<section><h2>Strength and spectrum</h2><div class=columns>{curve}{spectrum}</div></section>"


def _worst_cases(stamper, measured, cases, worst):
    cards = []
    for name, (photo, message) in worst.items():
        case = cases[photo]
        attacked = case.attack(name, case.stamp(stamper, message), message)
        value = measured.accuracy[name][photo, message]
        found = [way.replace("_", " ") for way, success in measured.success.items() if success[name][photo, message]]
        image = picture(fitted(attacked, 250, 190), alternative=f"{name} of {measured.names[photo]}")
        verdict = f"read as {', '.join(found)}" if found else "no message read"
        caption = f"<b>{_words(name)}</b><span>{value:.2f} of the bits</span><small>{verdict if measured.success else ''}</small>"
        caption += f"<small>{html.escape(measured.names[photo])}</small>"
        cards.append(f"<figure>{image}<figcaption>{caption}</figcaption></figure>")
    return f"<section><h2>The worst case of each attack</h2><div class=grid>{''.join(cards)}</div></section>"


def _method(stamper, stamps):
    ways = readers(stamper.bits)
    chances = " ".join(
        f"Coin flips pass as {way.title} with probability {'' if way.name.endswith('hard') else 'up to '}{way.false_accept:.2g}."
        for way in ways
    )
    return (
        "<section class=method><h2>How this was measured</h2>"
        f"<p>Each image carries {_count(stamps, 'message')} of coin flips, so that guessing scores 0.5. Whether a message would have "
        "been read is decided on the same logits: a code word is drawn, and where it differs from the flips the logit's sign is turned; "
        f"the code cannot tell. The row of real messages checks this without the turning. {chances}</p>"
        "<p>Bits and messages of an image fail together. The 95 % intervals therefore come from drawing images with replacement, and are "
        "widened to Wilson's interval over all bits or messages where that is wider. Attacks draw their signs, angles and noise from the "
        "seed, the image, the message and the name of the attack. Every attacked image is resized to the network's square and read once; "
        "a quarter turn is read in four rotations, of which the one with the largest logits counts. The last column is what the command "
        "decode finds, which tries rotations, the mirror and parts of the picture and pays for its tries with a stricter limit; it is "
        "measured on the first message of each image.</p></section>"
    )


def _count(number, thing):
    return f"{number} {thing}{'' if number == 1 else 's'}"


def _words(name):
    return html.escape(name.replace("_", " "))
