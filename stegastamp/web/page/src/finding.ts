// From the detector's maps to quads, as in stegastamp/detector/finding/fit.py: a component for each core, a quad around what belongs
// to it, its sides moved to where the coverage crosses one half.

import { area, aroundHull, contains, hull, overlap, Point, Quad } from "./geometry";

const STRIDE = 4;
const SMALLEST_CORE = 3;
const SAMPLES = 25;
const REACH = 2.5;

/** Probabilities for each cell of 4 x 4 pixels: in a picture, and in the core of one. */
export interface Maps {
  width: number;
  height: number;
  picture: Float32Array;
  core: Float32Array;
}

export interface Candidate {
  quad: Quad;
  score: number;
}

/** Quads in pixels of the network's input, best first. */
export function quads(maps: Maps, most = 4): Candidate[] {
  const labels = components(maps);
  const count = labels.reduce((largest, label) => Math.max(largest, label), 0);
  const found: Candidate[] = [];
  for (let label = 1; label <= count; label++) {
    const cells = labels.reduce((sum, each) => sum + (each === label ? 1 : 0), 0);
    const quad = cells >= SMALLEST_CORE ? fitted(maps, labels, label) : null;
    if (quad) found.push(quad);
  }
  found.sort((a, b) => b.score - a.score);
  const kept: Candidate[] = [];
  for (const each of found) if (kept.every((other) => overlap(each.quad, other.quad) < 0.3)) kept.push(each);
  return kept.slice(0, most);
}

/** Number of the component of cores that a cell belongs to; 0 for none. */
function components({ width, height, core }: Maps): Int32Array {
  const labels = new Int32Array(width * height);
  let count = 0;
  for (let start = 0; start < labels.length; start++) {
    if (labels[start] || core[start] <= 0.5) continue;
    labels[start] = ++count;
    spread([start], width, height, (cell) => {
      if (labels[cell] || core[cell] <= 0.5) return false;
      labels[cell] = count;
      return true;
    });
  }
  return labels;
}

/** Breadth first over the four neighbours of cells; `enter` says whether to go on from a cell. */
function spread(front: number[], width: number, height: number, enter: (cell: number) => boolean): void {
  while (front.length) {
    const next: number[] = [];
    for (const cell of front) {
      const column = cell % width;
      if (column > 0 && enter(cell - 1)) next.push(cell - 1);
      if (column < width - 1 && enter(cell + 1)) next.push(cell + 1);
      if (cell >= width && enter(cell - width)) next.push(cell - width);
      if (cell < width * (height - 1) && enter(cell + width)) next.push(cell + width);
    }
    front = next;
  }
}

function fitted(maps: Maps, labels: Int32Array, label: number): Candidate | null {
  const { width, height } = maps;
  // Cells that lie nearer to another core are not its own: all cores grow at the same pace.
  const owner = labels.slice();
  const cores = Array.from(labels.keys()).filter((cell) => labels[cell]);
  let front = cores;
  while (front.length) {
    const next: number[] = [];
    for (const cell of front) {
      spread([cell], width, height, (near) => {
        if (!owner[near]) {
          owner[near] = owner[cell];
          next.push(near);
        }
        return false;
      });
    }
    front = next;
  }
  const mine = maps.picture.map((share, cell) => (owner[cell] === label ? share : 0));
  const reached = new Uint8Array(mine.length);
  const start = Array.from(labels.keys()).filter((cell) => labels[cell] === label);
  start.forEach((cell) => (reached[cell] = 1));
  spread(start, width, height, (cell) => {
    if (reached[cell] || mine[cell] <= 0.25) return false;
    reached[cell] = 1;
    return true;
  });
  const points = ends(mine, reached, width, height);
  if (points.length < 4) return null;
  const rough = aroundHull(hull(points));
  if (!rough || area(rough) < (2 * STRIDE) ** 2) return null;
  const quad = sharpened(mine, width, height, sharpened(mine, width, height, rough));
  return { quad, score: agreement(mine, width, height, quad) };
}

/** The corners of the first and the last pixel of each row that is covered by half and more: a hull needs no others. */
function ends(map: Float32Array, reached: Uint8Array, width: number, height: number): Point[] {
  const points: Point[] = [];
  for (let row = -1; row <= height * STRIDE; row++) {
    const line = clamp(Math.floor(row / STRIDE), height) * width;
    const covered = (column: number) =>
      reached[line + clamp(Math.floor(column / STRIDE), width)] === 1 && coverage(map, width, height, column + 0.5, row + 0.5) > 0.5;
    let first = -1;
    let last = width * STRIDE;
    while (first <= last && !covered(first)) first++;
    if (first > last) continue;
    while (!covered(last)) last--;
    points.push([first, row], [first, row + 1], [last + 1, row], [last + 1, row + 1]);
  }
  return points;
}

function clamp(place: number, length: number): number {
  return Math.min(Math.max(place, 0), length - 1);
}

/** Bilinear value of a map at pixels of the input; nothing outside. */
function coverage(map: Float32Array, width: number, height: number, x: number, y: number): number {
  const column = x / STRIDE - 0.5;
  const row = y / STRIDE - 0.5;
  const left = Math.floor(column);
  const top = Math.floor(row);
  const across = column - left;
  const down = row - top;
  const value = (line: number, place: number) =>
    line < 0 || line >= height || place < 0 || place >= width ? 0 : map[line * width + place];
  const upper = (1 - across) * value(top, left) + across * value(top, left + 1);
  const lower = (1 - across) * value(top + 1, left) + across * value(top + 1, left + 1);
  return (1 - down) * upper + down * lower;
}

/** The quad whose sides lie where the coverage crosses one half; a side where it does not stays. */
function sharpened(map: Float32Array, width: number, height: number, quad: Quad): Quad {
  const lines = quad.map((start, side) => {
    const end = quad[(side + 1) % 4];
    const length = Math.max(Math.hypot(end[0] - start[0], end[1] - start[1]), 1e-6);
    const along: Point = [(end[0] - start[0]) / length, (end[1] - start[1]) / length];
    const outwards: Point = [along[1], -along[0]];
    const crossings: Point[] = [];
    for (let sample = 0; sample < SAMPLES; sample++) {
      const share = 0.08 + (0.84 * sample) / (SAMPLES - 1);
      const place: Point = [start[0] + share * (end[0] - start[0]), start[1] + share * (end[1] - start[1])];
      let before = NaN;
      for (let step = 0; step <= 20; step++) {
        const reach = (-1 + step / 10) * REACH * STRIDE;
        const value = coverage(map, width, height, place[0] + reach * outwards[0], place[1] + reach * outwards[1]);
        if (before >= 0.5 && value < 0.5) {
          const at = reach - ((0.5 - value) / (before - value)) * ((REACH * STRIDE) / 10);
          crossings.push([place[0] + at * outwards[0], place[1] + at * outwards[1]]);
          break;
        }
        before = value;
      }
    }
    return crossings.length < SAMPLES / 3 ? { point: start, along } : throughPoints(crossings, along);
  });
  const corners = lines.map((line, side) => crossing(lines[(side + 3) % 4], line));
  const limit = 2 * REACH * STRIDE;
  const sound = corners.every((corner, index) => corner && Math.hypot(corner[0] - quad[index][0], corner[1] - quad[index][1]) < limit);
  return sound ? (corners as Quad) : quad;
}

interface Line {
  point: Point;
  along: Point;
}

/** The line with the least squared distance to points; those farthest from a first one are left out. */
function throughPoints(points: Point[], along: Point): Line {
  let line = leastSquares(points, along);
  const off = (point: Point) => Math.abs((point[0] - line.point[0]) * line.along[1] - (point[1] - line.point[1]) * line.along[0]);
  const near = [...points].sort((a, b) => off(a) - off(b)).slice(0, Math.ceil(0.8 * points.length));
  line = leastSquares(near, along);
  return line;
}

function leastSquares(points: Point[], along: Point): Line {
  const mean = [0, 1].map((axis) => points.reduce((sum, point) => sum + point[axis], 0) / points.length) as Point;
  let [xx, xy, yy] = [0, 0, 0];
  for (const [x, y] of points) {
    xx += (x - mean[0]) ** 2;
    xy += (x - mean[0]) * (y - mean[1]);
    yy += (y - mean[1]) ** 2;
  }
  const angle = 0.5 * Math.atan2(2 * xy, xx - yy);
  const direction: Point = [Math.cos(angle), Math.sin(angle)];
  const same = direction[0] * along[0] + direction[1] * along[1] >= 0;
  return { point: mean, along: same ? direction : [-direction[0], -direction[1]] };
}

function crossing(first: Line, second: Line): Point | null {
  const cross = first.along[0] * second.along[1] - first.along[1] * second.along[0];
  if (Math.abs(cross) < 1e-3) return null;
  const r: Point = [second.point[0] - first.point[0], second.point[1] - first.point[1]];
  const share = (r[0] * second.along[1] - r[1] * second.along[0]) / cross;
  return [first.point[0] + share * first.along[0], first.point[1] + share * first.along[1]];
}

/** Soft intersection over union of a quad and the coverage around it. */
function agreement(map: Float32Array, width: number, height: number, quad: Quad): number {
  let [shared, union] = [0, 0];
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      const inside = contains(quad, [(column + 0.5) * STRIDE, (row + 0.5) * STRIDE]) ? 1 : 0;
      shared += Math.min(inside, map[row * width + column]);
      union += Math.max(inside, map[row * width + column]);
    }
  }
  return union > 0 ? shared / union : 0;
}
