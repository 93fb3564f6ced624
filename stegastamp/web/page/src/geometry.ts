// Quads: four corners clockwise on the screen, in pixels with the image spanning [0, width] x [0, height].

import { Picture, Planes } from "./pixels";

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

/**
 * What lies in a quad (and a margin around it) as an upright square; averages where it shrinks. Bilinear; what lies outside has the
 * colour of the border, and transparency counts for nothing. finest: samples along a pixel, at most.
 */
export function rectified(frame: Planes | Picture, quad: Quad, side: number, margin = 0, finest = 6): Planes {
  const edge = Math.max(...quad.map((corner, index) => distance(corner, quad[(index + 1) % 4]))) * (1 + 2 * margin);
  const finer = Math.min(finest, Math.max(1, Math.round(edge / side)));
  const [a, b, c, d, e, f, g, h] = homography(square(side, margin), quad);
  const { width, height, data } = frame;
  const channels = "channels" in frame ? frame.channels : 4;
  const result = new Float32Array(side * side * 3);
  const share = 1 / finer ** 2;
  // Numbers alone in here: this is done for every sample of every picture in every frame of a camera.
  for (let line = 0; line < side * finer; line++) {
    const v = (line + 0.5) / finer;
    const start = Math.floor(line / finer) * side;
    for (let sample = 0; sample < side * finer; sample++) {
      const u = (sample + 0.5) / finer;
      const depth = g * u + h * v + 1;
      const x = Math.min(Math.max((a * u + b * v + c) / depth - 0.5, 0), width - 1);
      const y = Math.min(Math.max((d * u + e * v + f) / depth - 0.5, 0), height - 1);
      const left = Math.floor(x);
      const top = Math.floor(y);
      const upper = (top * width + left) * channels;
      const right = left < width - 1 ? channels : 0;
      const below = top < height - 1 ? width * channels : 0;
      const across = x - left;
      const down = y - top;
      const [one, two] = [(1 - across) * (1 - down) * share, across * (1 - down) * share];
      const [three, four] = [(1 - across) * down * share, across * down * share];
      const place = 3 * (start + Math.floor(sample / finer));
      for (let channel = 0; channel < 3; channel++) {
        const at = upper + channel;
        result[place + channel] += one * data[at] + two * data[at + right] + three * data[at + below] + four * data[at + right + below];
      }
    }
  }
  return { width: side, height: side, channels: 3, data: result };
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

/** Whether a quad is convex, clockwise. */
export function convex(quad: Quad): boolean {
  return quad.every((corner, index) => {
    const [next, after] = [quad[(index + 1) % 4], quad[(index + 2) % 4]];
    return (next[0] - corner[0]) * (after[1] - next[1]) - (next[1] - corner[1]) * (after[0] - next[0]) > 0;
  });
}

/** Where the lines through two pairs of points meet, or null where they are parallel. */
export function meet([p, p2]: [Point, Point], [q, q2]: [Point, Point]): Point | null {
  const d: Point = [p2[0] - p[0], p2[1] - p[1]];
  const e: Point = [q2[0] - q[0], q2[1] - q[1]];
  const cross = d[0] * e[1] - d[1] * e[0];
  if (Math.abs(cross) < 1e-6) return null;
  const share = ((q[0] - p[0]) * e[1] - (q[1] - p[1]) * e[0]) / cross;
  return [p[0] + share * d[0], p[1] + share * d[1]];
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
