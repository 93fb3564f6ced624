// What a picture says: the whole picture turned and mirrored, then parts of it, then the pictures that the detector finds in it.

import { read, Reading } from "./acceptance";
import { Candidate, quads } from "./finding";
import { homography, moved, overlap, Point, Quad, rectified, square } from "./geometry";
import { Detector, Stamper } from "./networks";
import { framed, isOpaque, networkView, onGround, Picture, Planes, shrunk, turned } from "./pixels";

export const TURNS = 8;
/** Sides of the centred part that is read when the whole picture says nothing, in sides of the picture: above 1 it has been cropped. */
const FRAMES = [1 / 0.95, 1 / 0.9, 1 / 0.8, 1 / 0.75, 0.95, 0.9, 0.8, 0.75, 0.5];
/** Of the risk of accepting what is no stamp: the whole picture upright and turned, parts of it, pictures found in it. */
export const SHARES = { upright: 1 / 2, turned: 1 / 4, parts: 1 / 8, scene: 1 / 8 };
const MULTIPLE = 32;
/** Sizes at which a scene is searched: pictures that fill it are seen whole in a small view only, small ones in a large view. */
export const VIEWS = [2 / 3, 1, 1 / 2];
/** Most quads of a search. */
const MOST = 4;

export interface Found extends Reading {
  where: "whole picture" | "part of the picture" | "picture in the picture";
  quad?: Quad;
}

export async function whole(stamper: Stamper, picture: Picture): Promise<Found | null> {
  const grounds = isOpaque(picture) ? [255] : [255, 0];
  const views = grounds.map((ground) => networkView(picture, stamper.size, ground));
  const found = await readViews(stamper, views, SHARES.upright, SHARES.turned);
  if (found) return { ...found, where: "whole picture" };
  const parts = FRAMES.flatMap((frame) => grounds.map((ground) => networkView(framed(picture, frame), stamper.size, ground)));
  const part = await readViews(stamper, parts, SHARES.parts / 2, SHARES.parts / 2);
  return part && { ...part, where: "part of the picture" };
}

async function readViews(stamper: Stamper, views: Planes[], upright: number, other: number): Promise<Reading | null> {
  const logits: Float32Array[] = [];
  for (const view of views) logits.push(...(await inAllTurns(stamper, view)));
  const shares = logits.map((_, row) => (row % TURNS ? other / 7 : upright) / views.length);
  return read(logits, stamper.formats, shares);
}

/** Logits of a view in four turns and their mirror images. */
export function inAllTurns(stamper: Stamper, view: Planes): Promise<Float32Array[]> {
  return inTurns(stamper, view, Array.from({ length: TURNS }, (_, turn) => turn));
}

/** Logits of a view in some of its turns: 0 to 3, and their mirror images 4 to 7. */
export function inTurns(stamper: Stamper, view: Planes, turns: number[]): Promise<Float32Array[]> {
  return stamper.logits(turns.map((turn) => turned(view, turn)));
}

/** Pictures in a scene shrunk to a share of the network's view, best first, in pixels of the scene. */
export async function seenIn(detector: Detector, scene: Picture, share: number, most: number): Promise<Candidate[]> {
  const scale = (share * detector.view) / Math.max(scene.width, scene.height);
  const [width, height] = [scene.width, scene.height].map((side) => Math.max(MULTIPLE, MULTIPLE * Math.round((side * scale) / MULTIPLE)));
  const [maps] = await detector.maps([shrunk(scene, width, height)]);
  const enlarge = ([x, y]: Point): Point => [(x * scene.width) / width, (y * scene.height) / height];
  return quads(maps, most).map(({ quad, score }) => ({ quad: quad.map(enlarge) as Quad, score }));
}

/** Each quad looked at upright and as large as the network takes it: where the picture is exactly, or null where there is none. */
export async function lookedAtAgain(detector: Detector, frame: Planes | Picture, known: Quad[]): Promise<(Candidate | null)[]> {
  if (!known.length) return [];
  const views = known.map((quad) => rectified(frame, quad, detector.size, detector.margin));
  const upright = square(detector.size, detector.margin);
  return (await detector.maps(views)).map((maps, index) => {
    const inside = quads(maps).filter((each) => overlap(each.quad, upright) > 0.6);
    if (!inside.length) return null;
    const best = inside.reduce((one, other) => (overlap(other.quad, upright) > overlap(one.quad, upright) ? other : one));
    const matrix = homography(upright, known[index]);
    return { quad: best.quad.map((corner) => moved(corner, matrix)) as Quad, score: best.score };
  });
}

/** The first stamp that is read among the pictures in a scene, searched at every size. */
export async function inScene(stamper: Stamper, detector: Detector, scene: Picture): Promise<Found | null> {
  const frame = onGround(scene, 255);
  const found: Quad[] = [];
  for (const share of VIEWS) found.push(...(await seenIn(detector, scene, share, MOST)).map(({ quad }) => quad));
  const exact = (await lookedAtAgain(detector, frame, found)).flatMap((each) => (each ? [each.quad] : []));
  const tried = [...found, ...exact];
  for (const quad of tried) {
    const logits = await inAllTurns(stamper, rectified(frame, quad, stamper.size));
    const reading = read(logits, stamper.formats, logits.map(() => SHARES.scene / (TURNS * tried.length)));
    if (reading) return { ...reading, where: "picture in the picture", quad };
  }
  return null;
}
