// From logits to a message that is there, as in stegastamp/message/acceptance.py: every try has a share of one small risk.

import { Format } from "./formats";
import { candidates, chance, reliabilities } from "./soft";

/** Largest probability that a call accepts a message in a picture without one. */
export const FALSE_ACCEPT = 2e-6;
const NEAREST = 4;

export interface Reading {
  message: string;
  format: string;
  corrected: number;
  /** Probability that a picture without a stamp would have been accepted on evidence as good, all tries together. */
  falseAcceptProbability: number;
  /** Which of the logits it was read from. */
  attempt: number;
}

/** The likeliest message in rows of logits, or null. shares: of the risk, one a row, at most 1 in total. */
export function read(logits: Float32Array[], formats: Format[], shares: number[], limit = FALSE_ACCEPT): Reading | null {
  const whole = formats.reduce((sum, each) => sum + each.share, 0);
  let best: Reading | null = null;
  logits.forEach((row, attempt) => {
    const hard = Uint8Array.from(row, (logit) => (logit > 0 ? 1 : 0));
    const reliability = reliabilities(row);
    for (const format of formats) {
      const found = nearest(hard, reliability, format);
      if (!found) continue;
      const odds = (chance(reliability, found.disagreement) * format.messages * whole) / (shares[attempt] * format.share);
      if (odds <= limit && (best === null || odds < best.falseAcceptProbability)) {
        const corrected = hard.reduce((count, bit, place) => count + (bit !== found.word[place] ? 1 : 0), 0);
        best = { message: found.message, format: format.name, corrected, falseAcceptProbability: odds, attempt };
      }
    }
  });
  return best;
}

function nearest(hard: Uint8Array, reliability: Int32Array, format: Format) {
  for (const candidate of candidates(format.generator, format.offset, hard, reliability, NEAREST)) {
    const message = format.message(candidate.word);
    if (message !== null) return { message, ...candidate };
  }
  return null;
}
