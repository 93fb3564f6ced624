// Quads: four corners clockwise on the screen, in pixels with the image spanning [0, width] x [0, height].

import { Planes } from "./pixels";

export type Point = [number, number];
export type Quad = [Point, Point, Point, Point];
type Matrix = number[]; // Nine numbers, row by row.

export function square(side: number, margin = 0): Quad {
  const low = (side * margin) / (1 + 2 * margin);
  const high = side - low;
  return [[low, low], [high, low], [high, high], [low, high]]; // prettier-ignore
}

/** The homography that takes one quad to another: eight linear equations. */
export function homography(source: Quad, target: Quad): Matrix {
  const rows: number[][] = [];
  source.forEach(([x, y], corner) => {
    const [u, v] = target[corner];
    rows.push([x, y, 1, 0, 0, 0, -u * x, -u * y, u], [0, 0, 0, x, y, 1, -v * x, -v * y, v]);
  });
  for (let column = 0; column < 8; column++) {
    let pivot = column;
    for (let row = column; row < 8; row++) if (Math.abs(rows[row][column]) > Math.abs(rows[pivot][column])) pivot = row;
    [rows[column], rows[pivot]] = [rows[pivot], rows[column]];
    for (let row = 0; row < 8; row++) {
      if (row === column) continue;
      const share = rows[row][column] / rows[column][column];
      for (let place = column; place < 9; place++) rows[row][place] -= share * rows[column][place];
    }
  }
  return [...rows.map((row, index) => row[8] / row[index]), 1];
}

export function moved([x, y]: Point, m: Matrix): Point {
  const depth = m[6] * x + m[7] * y + m[8];
  return [(m[0] * x + m[1] * y + m[2]) / depth, (m[3] * x + m[4] * y + m[5]) / depth];
}

/** What lies in a quad (and a margin around it) as an upright square; averages where it shrinks. */
export function rectified(frame: Planes, quad: Quad, side: number, margin = 0): Planes {
  const edge = Math.max(...quad.map((corner, index) => distance(corner, quad[(index + 1) % 4]))) * (1 + 2 * margin);
  const finer = Math.min(6, Math.max(1, Math.round(edge / side)));
  const matrix = homography(square(side, margin), quad);
  const data = new Float32Array(side * side * 3);
  for (let row = 0; row < side; row++) {
    for (let column = 0; column < side; column++) {
      for (let sample = 0; sample < finer * finer; sample++) {
        const across = column + ((sample % finer) + 0.5) / finer;
        const down = row + (Math.floor(sample / finer) + 0.5) / finer;
        const [x, y] = moved([across, down], matrix);
        addSample(frame, x - 0.5, y - 0.5, data, (row * side + column) * 3, 1 / finer ** 2);
      }
    }
  }
  return { width: side, height: side, channels: 3, data };
}

function addSample(frame: Planes, x: number, y: number, data: Float32Array, place: number, share: number): void {
  const column = Math.min(Math.max(x, 0), frame.width - 1);
  const row = Math.min(Math.max(y, 0), frame.height - 1);
  const left = Math.min(Math.floor(column), Math.max(frame.width - 2, 0));
  const top = Math.min(Math.floor(row), Math.max(frame.height - 2, 0));
  const [right, below] = [Math.min(left + 1, frame.width - 1), Math.min(top + 1, frame.height - 1)];
  const [across, down] = [column - left, row - top];
  for (let channel = 0; channel < 3; channel++) {
    const at = (line: number, where: number) => frame.data[(line * frame.width + where) * 3 + channel];
    const upper = at(top, left) * (1 - across) + at(top, right) * across;
    const lower = at(below, left) * (1 - across) + at(below, right) * across;
    data[place + channel] += share * (upper * (1 - down) + lower * down);
  }
}

export function distance(a: Point, b: Point): number {
  return Math.hypot(a[0] - b[0], a[1] - b[1]);
}

/** Area of a polygon. */
export function area(points: Point[]): number {
  let sum = 0;
  points.forEach(([x, y], index) => {
    const [u, v] = points[(index + 1) % points.length];
    sum += x * v - y * u;
  });
  return Math.abs(sum) / 2;
}

/** Intersection over union of two convex quads, both clockwise. */
export function overlap(a: Quad, b: Quad): number {
  let inside: Point[] = [...a];
  b.forEach((start, index) => {
    const end = b[(index + 1) % 4];
    const side = ([x, y]: Point) => (end[0] - start[0]) * (y - start[1]) - (end[1] - start[1]) * (x - start[0]);
    const kept: Point[] = [];
    inside.forEach((point, number) => {
      const next = inside[(number + 1) % inside.length];
      const [here, there] = [side(point), side(next)];
      if (here >= 0) kept.push(point);
      if (here * there < 0) {
        const share = here / (here - there);
        kept.push([point[0] + share * (next[0] - point[0]), point[1] + share * (next[1] - point[1])]);
      }
    });
    inside = kept;
  });
  const shared = inside.length > 2 ? area(inside) : 0;
  return shared / Math.max(area(a) + area(b) - shared, 1e-9);
}

/** Whether a point lies in a convex quad, clockwise. */
export function contains(quad: Quad, [x, y]: Point): boolean {
  return quad.every(([left, top], side) => {
    const [right, bottom] = quad[(side + 1) % 4];
    return (right - left) * (y - top) - (bottom - top) * (x - left) >= 0;
  });
}

/** Four corners of a convex quad in any order, clockwise from the one nearest the top left. */
export function ordered(corners: Point[]): Quad {
  const centre: Point = [0, 1].map((axis) => corners.reduce((sum, corner) => sum + corner[axis], 0) / 4) as Point;
  const sorted = [...corners].sort((a, b) => Math.atan2(a[1] - centre[1], a[0] - centre[0]) - Math.atan2(b[1] - centre[1], b[0] - centre[0]));
  const first = sorted.reduce((best, corner, index) => (corner[0] + corner[1] < sorted[best][0] + sorted[best][1] ? index : best), 0);
  return [0, 1, 2, 3].map((step) => sorted[(first + step) % 4]) as Quad;
}

/** The same quad, beginning with the corner nearest the first of another. */
export function numbered(quad: Quad, other: Quad): Quad {
  const turns = [0, 1, 2, 3].map((turn) => [0, 1, 2, 3].map((step) => quad[(turn + step) % 4]) as Quad);
  const off = (turn: Quad) => turn.reduce((sum, corner, index) => sum + distance(corner, other[index]), 0);
  return turns.sort((a, b) => off(a) - off(b))[0];
}

/** Convex hull, clockwise on the screen (Andrew's monotone chain). */
export function hull(points: Point[]): Point[] {
  const sorted = [...points].sort((a, b) => a[0] - b[0] || a[1] - b[1]);
  const chain = (list: Point[]) => {
    const kept: Point[] = [];
    for (const point of list) {
      while (kept.length > 1) {
        const [p, q] = kept.slice(-2);
        if ((q[0] - p[0]) * (point[1] - p[1]) - (q[1] - p[1]) * (point[0] - p[0]) > 0) break;
        kept.pop();
      }
      kept.push(point);
    }
    return kept.slice(0, -1);
  };
  return [...chain(sorted), ...chain(sorted.reverse())];
}

/** A quad around a convex polygon: the side whose removal adds the least area goes, until four are left. */
export function aroundHull(points: Point[]): Quad | null {
  const polygon = [...points];
  while (polygon.length > 4) {
    let best: { added: number; index: number; corner: Point } | null = null;
    for (let index = 0; index < polygon.length; index++) {
      const [before, start, end, after] = [-1, 0, 1, 2].map((step) => polygon[(index + step + polygon.length) % polygon.length]);
      const corner = meeting(before, start, after, end);
      if (!corner) continue;
      const added = area([start, corner, end]);
      if (!best || added < best.added) best = { added, index, corner };
    }
    if (!best) return null;
    const next = (best.index + 1) % polygon.length;
    polygon[best.index] = best.corner;
    polygon.splice(next, 1);
  }
  return polygon.length === 4 ? ordered(polygon) : null;
}

/** Where the line from `before` through `start` and the one from `after` through `end` meet, beyond both. */
function meeting(before: Point, start: Point, after: Point, end: Point): Point | null {
  const d: Point = [start[0] - before[0], start[1] - before[1]];
  const e: Point = [end[0] - after[0], end[1] - after[1]];
  const cross = d[0] * e[1] - d[1] * e[0];
  if (Math.abs(cross) < 1e-9) return null;
  const r: Point = [end[0] - start[0], end[1] - start[1]];
  const along = (r[0] * e[1] - r[1] * e[0]) / cross;
  const back = (r[0] * d[1] - r[1] * d[0]) / cross;
  return along >= 0 && back >= 0 ? [start[0] + along * d[0], start[1] + along * d[1]] : null;
}
