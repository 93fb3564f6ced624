// Everything that computes, away from the page, so that the page stays alive. The page calls it through Comlink.

import * as Comlink from "comlink";
import { fromBitmap, opened } from "./files";
import { Detector, Progress, Site, Stamper } from "./networks";
import { Found, inScene, SHARES, whole } from "./reading";
import { Stamped, stamped } from "./stamping";
import { Seen, Tracker } from "./tracking";

const site: Promise<Site> = fetch(new URL("site.json", self.location.href)).then((response) => response.json());
const stampers = new Map<string, Promise<Stamper>>();
let detector: Promise<Detector> | null = null;
let tracker: Tracker | null = null;

/** Kept once they are there; a failed download is tried again. */
function stamper(name: string, progress: Progress): Promise<Stamper> {
  if (!stampers.has(name)) {
    const loading = site.then((facts) => Stamper.load(facts, name, progress));
    stampers.set(name, loading);
    loading.catch(() => stampers.delete(name));
  }
  return stampers.get(name)!;
}

function finder(progress: Progress): Promise<Detector> {
  detector ??= site.then((facts) => Detector.load(facts, progress));
  detector.catch(() => (detector = null));
  return detector;
}

export interface Said<T> {
  result: T | null;
  notes: string[];
  /** One sentence for the person, where something is wrong with what was given. */
  problem: string | null;
}

async function said<T>(work: (notes: string[]) => Promise<T>): Promise<Said<T>> {
  const notes: string[] = [];
  try {
    return { result: await work(notes), notes, problem: null };
  } catch (error) {
    console.error(error);
    return { result: null, notes, problem: error instanceof Error ? error.message : String(error) };
  }
}

const engine = {
  stamp(file: File, message: string, formatName: string, type: "image/png" | "image/jpeg", progress: Progress): Promise<Said<Stamped>> {
    return said(async (notes) => {
      const name = formatName === "uuid" ? "uuid" : "text";
      const used = await stamper(name, progress);
      const format = used.formats.find((each) => each.name === formatName)!;
      progress("Opening the picture");
      const { picture, notes: more } = await opened(file, file.name);
      notes.push(...more);
      return stamped(used, format, picture, message, type, SHARES.upright, progress);
    });
  },

  read(file: File, progress: Progress): Promise<Said<Found | null>> {
    return said(async () => {
      progress("Opening the picture");
      const { picture } = await opened(file, file.name);
      for (const name of Object.keys((await site).stampers)) {
        const used = await stamper(name, progress);
        progress("Reading the whole picture and parts of it");
        const found = await whole(used, picture);
        if (found) return found;
      }
      const used = await stamper("text", progress);
      const finding = await finder(progress);
      progress("Looking for pictures in the picture");
      return inScene(used, finding, picture);
    });
  },

  /** Get ready for frames of a camera. */
  watch(progress: Progress): Promise<Said<boolean>> {
    return said(async () => {
      tracker = new Tracker(await stamper("text", progress), await finder(progress));
      return true;
    });
  },

  see(bitmap: ImageBitmap): Promise<Said<Seen[]>> {
    return said(async () => {
      const frame = fromBitmap(bitmap, bitmap.width, bitmap.height);
      bitmap.close();
      return tracker ? tracker.see(frame) : [];
    });
  },
};

export type Engine = typeof engine;
Comlink.expose(engine);
