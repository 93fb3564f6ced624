// A message into a picture, read back from the bytes of its file before it is offered, as `python -m stegastamp encode` does.

import { read } from "./acceptance";
import { fileOf, NoPicture, opened } from "./files";
import { Format } from "./formats";
import { Stamper } from "./networks";
import { isOpaque, networkView, Picture, psnr, withResidual } from "./pixels";

const RAISE = 1.25;
const RAISES = 8;

export interface Stamped {
  file: Blob;
  psnr: number;
  strength: number;
  wrong: number;
  bits: number;
}

/** Raises the strength step by step until the message is read from the finished file, and again after JPEG of quality 50. */
export async function stamped(
  stamper: Stamper,
  format: Format,
  picture: Picture,
  message: string,
  type: "image/png" | "image/jpeg",
  share: number,
  progress: (words: string) => void,
): Promise<Stamped> {
  const bits = format.encode(message);
  if (picture.data.every((value, place) => place % 4 !== 3 || value === 0)) {
    throw new NoPicture("Nothing of the picture is seen, all of it is transparent: it can hold no message.");
  }
  const opaque = isOpaque(picture);
  const view = networkView(picture, stamper.size);
  for (let step = 0; step <= RAISES; step++) {
    const strength = stamper.strength * RAISE ** step;
    progress(step ? `Stamping, stronger (${step + 1}. try)` : "Stamping");
    const marked = withResidual(picture, await stamper.residual(view, bits, strength));
    const file = await fileOf(marked, opaque ? type : "image/png");
    const checks = [(await opened(file, "the result")).picture];
    if (opaque) checks.push((await opened(await fileOf(marked, "image/jpeg", 0.5), "the result")).picture);
    let wrong = 0;
    let survives = true;
    for (const check of checks) {
      for (const ground of opaque ? [255] : [255, 0]) {
        const [logits] = await stamper.logits([networkView(check, stamper.size, ground)]);
        const errors = bits.reduce((sum, bit, place) => sum + (logits[place] > 0 !== (bit === 1) ? 1 : 0), 0);
        const reading = read([logits], stamper.formats, [opaque ? share : share / 2]);
        survives &&= reading?.message === message && errors <= stamper.correctable[format.name];
        wrong = Math.max(wrong, errors);
      }
    }
    if (survives) return { file, psnr: psnr(picture, checks[0]), strength, wrong, bits: bits.length };
  }
  throw new NoPicture("The message does not survive in this picture, however strong the mark.");
}
