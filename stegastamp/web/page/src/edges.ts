// Sides of a quad moved to the straight edges beside them, as in stegastamp/detector/finding/edges.py, with one look instead of two: a
// network that sees a frame at a fraction of its size cannot say where a side lies, the picture's own border can.

import { convex, homography, meet, moved, Point, Quad, rectified, square } from "./geometry";
import { Picture } from "./pixels";

/** Pixels of the upright view in which edges are looked for. */
const SIDE = 160;
/** Of it around the picture, as a fraction of the picture's side. */
const MARGIN = 0.15;
/** Samples of the frame along a pixel of the view, at most. */
const FINEST = 2;
/** Places along a side. */
const COLUMNS = 48;
/** How far a side may move at either end, as a fraction of the picture's side. */
const REACH = 0.1;
/** What a line at full reach loses against one that stays, of a score that is at most 1. */
const PRIOR = 0.25;

const UPRIGHT = square(SIDE, MARGIN);
const INNER = UPRIGHT[1][0] - UPRIGHT[0][0];
const SHIFTS = 1 + 2 * Math.floor(REACH * INNER);
/** From a side's first corner to its second, along each side clockwise. */
const ALONG: Point[] = [[1, 0], [0, 1], [-1, 0], [0, -1]]; // prettier-ignore

/** The quad whose sides lie on the lines near the given one's along which an edge runs most evenly; itself where there are none. */
export function snapped(frame: Picture, quad: Quad): Quad {
  const changes = changesIn(rectified(frame, quad, SIDE, MARGIN, FINEST).data);
  const lines = ALONG.map((along, side) => bestLine(changes[side % 2 ? 0 : 1], changes[side % 2], UPRIGHT[side], along));
  const matrix = homography(UPRIGHT, quad);
  const corners = lines.map((line, side) => {
    const corner = meet(lines[(side + 3) % 4], line);
    return corner && moved(corner, matrix);
  });
  return corners.every((corner) => corner !== null) && convex(corners as Quad) ? (corners as Quad) : quad;
}

/** How much the view changes along x and along y at each pixel, by Sobel, in the channel that changes most. */
function changesIn(view: Float32Array): [Float32Array, Float32Array] {
  const across = new Float32Array(SIDE * SIDE);
  const down = new Float32Array(SIDE * SIDE);
  const line = 3 * SIDE;
  for (let row = 1; row < SIDE - 1; row++) {
    for (let column = 1; column < SIDE - 1; column++) {
      const cell = row * SIDE + column;
      for (let at = 3 * cell; at < 3 * cell + 3; at++) {
        const [a, b, c] = [view[at - line - 3], view[at - line], view[at - line + 3]];
        const [d, e, f] = [view[at + line - 3], view[at + line], view[at + line + 3]];
        across[cell] = Math.max(across[cell], Math.abs(c + 2 * view[at + 3] + f - a - 2 * view[at - 3] - d));
        down[cell] = Math.max(down[cell], Math.abs(d + 2 * e + f - a - 2 * b - c));
      }
    }
  }
  return [across, down];
}

/** The ends of the best line beside a side that begins at `corner` and runs along `along`; changes across the side, and along it. */
function bestLine(across: Float32Array, along: Float32Array, corner: Point, [dx, dy]: Point): [Point, Point] {
  const strength = new Float32Array(COLUMNS * SHIFTS);
  const middle = (SHIFTS - 1) / 2;
  const reach = REACH * INNER;
  const share = (column: number) => 0.04 + (0.92 * column) / (COLUMNS - 1);
  // Inwards is to the right of where the side runs.
  const place = (part: number, shift: number): Point => [
    corner[0] + part * INNER * dx - (shift - middle) * dy,
    corner[1] + part * INNER * dy + (shift - middle) * dx,
  ];
  let sum = 0;
  for (let column = 0; column < COLUMNS; column++) {
    for (let shift = 0; shift < SHIFTS; shift++) {
      const [x, y] = place(share(column), shift);
      const cell = Math.round(y - 0.5) * SIDE + Math.round(x - 0.5);
      sum += across[cell];
      strength[column * SHIFTS + shift] = Math.max(across[cell] - along[cell], 0);
    }
  }
  // Half where an edge is as strong as what else is around here: one strong contrast on a part of a side counts no more than a weak one.
  const usual = (0.5 * sum) / strength.length + 4;
  for (let each = 0; each < strength.length; each++) strength[each] /= strength[each] + usual;
  let best = { score: -Infinity, first: middle, last: middle };
  for (let first = 0; first < SHIFTS; first++) {
    for (let last = 0; last < SHIFTS; last++) {
      let score = 0;
      for (let column = 0; column < COLUMNS; column++) {
        score += strength[column * SHIFTS + Math.round(first + share(column) * (last - first))];
      }
      score = score / COLUMNS - (PRIOR / 2) * (((first - middle) / reach) ** 2 + ((last - middle) / reach) ** 2);
      if (score > best.score) best = { score, first, last };
    }
  }
  return [place(0, best.first), place(1, best.last)];
}
