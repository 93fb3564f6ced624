// Soft decision by ordered statistics, as in stegastamp/message/soft.py, which explains it; the tests hold both to the same words.

const MEAN_RELIABILITY = 64;
const LARGEST_RELIABILITY = 255;

/** A code word near the logits, and the reliabilities of the bits in which it contradicts them, summed. */
export interface Candidate {
  word: Uint8Array;
  disagreement: number;
}

/** How sure each bit is: whole numbers of 0 to 255 with a mean of about 64. */
export function reliabilities(logits: Float32Array): Int32Array {
  const size = Float64Array.from(logits, Math.abs);
  const mean = pairwiseSum(size, 0, size.length) / size.length;
  if (mean === 0) return new Int32Array(size.length);
  return Int32Array.from(size, (each) => Math.min(roundHalfToEven(MEAN_RELIABILITY * (each / mean)), LARGEST_RELIABILITY));
}

/** Exact probability that fair coin flips with these reliabilities contradict a given word by at most `disagreement`. */
export function chance(reliability: Int32Array, disagreement: number): number {
  let ways = new Float64Array(disagreement + 1);
  ways[0] = 1;
  for (const weight of reliability) {
    const next = new Float64Array(ways.length);
    for (let sum = 0; sum < ways.length; sum++) {
      next[sum] = (ways[sum] + (sum >= weight ? ways[sum - weight] : 0)) / 2;
    }
    ways = next;
  }
  return ways.reduce((sum, each) => sum + each, 0);
}

/** The `keep` best words that trust the most reliable bits but for up to two of them, the best first. */
export function candidates(
  generator: Uint8Array[],
  offset: Uint8Array,
  hard: Uint8Array,
  reliability: Int32Array,
  keep: number,
): Candidate[] {
  const length = hard.length;
  const shifted = hard.map((bit, place) => bit ^ offset[place]);
  const { trusted, basis } = mostReliableBasis(generator, reliability);
  const first = new Uint8Array(length);
  trusted.forEach((place, row) => {
    if (shifted[place]) for (let column = 0; column < length; column++) first[column] ^= basis[row][column];
  });
  const agreement = Float64Array.from(first, (bit, place) => (bit === shifted[place] ? reliability[place] : -reliability[place]));
  // Row 0 changes nothing, row i + 1 the trusted bit i: pairs of rows are all changes of up to two bits.
  const rows = [new Uint8Array(length), ...basis];
  const signs = rows.map((row) => Float64Array.from(row, (bit) => 1 - 2 * bit));
  const best: { score: number; one: number; other: number }[] = [];
  const weighted = new Float64Array(length);
  for (let one = 0; one < rows.length; one++) {
    for (let place = 0; place < length; place++) weighted[place] = agreement[place] * signs[one][place];
    // On the diagonal a row undoes itself, which is no change; that counts once, as row 0 twice.
    for (let other = one === 0 ? 0 : one + 1; other < rows.length; other++) {
      const sign = signs[other];
      let score = 0;
      for (let place = 0; place < length; place++) score += weighted[place] * sign[place];
      if (best.length < keep || score > best[best.length - 1].score) {
        best.push({ score, one, other });
        best.sort((a, b) => b.score - a.score);
        best.length = Math.min(best.length, keep);
      }
    }
  }
  const total = reliability.reduce((sum, each) => sum + each, 0);
  return best.map(({ score, one, other }) => ({
    word: first.map((bit, place) => bit ^ rows[one][place] ^ rows[other][place] ^ offset[place]),
    disagreement: (total - score) / 2,
  }));
}

/** Positions of the most reliable independent bits, and the generator whose row i is 1 in position i of them only. */
function mostReliableBasis(generator: Uint8Array[], reliability: Int32Array): { trusted: number[]; basis: Uint8Array[] } {
  const order = Array.from(reliability.keys()).sort((a, b) => reliability[b] - reliability[a] || a - b);
  const basis = generator.map((row) => row.slice());
  const trusted: number[] = [];
  for (const place of order) {
    const rank = trusted.length;
    const pivot = basis.findIndex((row, index) => index >= rank && row[place] === 1);
    if (pivot < 0) continue;
    [basis[rank], basis[pivot]] = [basis[pivot], basis[rank]];
    const row = basis[rank];
    basis.forEach((other, index) => {
      if (index !== rank && other[place]) for (let column = 0; column < row.length; column++) other[column] ^= row[column];
    });
    trusted.push(place);
    if (trusted.length === basis.length) break;
  }
  return { trusted, basis };
}

/** The order in which NumPy adds, so that a mean that lies on the edge of a rounding falls to the same side. */
function pairwiseSum(values: Float64Array, start: number, count: number): number {
  if (count > 128) {
    const half = Math.floor(count / 2) - (Math.floor(count / 2) % 8);
    return pairwiseSum(values, start, half) + pairwiseSum(values, start + half, count - half);
  }
  if (count < 8) {
    let sum = 0;
    for (let index = 0; index < count; index++) sum += values[start + index];
    return sum;
  }
  const sums = Array.from({ length: 8 }, (_, lane) => values[start + lane]);
  let index = 8;
  for (; index < count - (count % 8); index += 8) {
    for (let lane = 0; lane < 8; lane++) sums[lane] += values[start + index + lane];
  }
  let sum = sums[0] + sums[1] + (sums[2] + sums[3]) + (sums[4] + sums[5] + (sums[6] + sums[7]));
  for (; index < count; index++) sum += values[start + index];
  return sum;
}

function roundHalfToEven(value: number): number {
  const rounded = Math.round(value);
  return Math.abs(value % 1) === 0.5 && rounded % 2 !== 0 ? rounded - 1 : rounded;
}
