// Pictures before a camera, followed from frame to frame: logits are summed until the sum can be read.
//
// A frame is worth one run of the detector and one or two of the decoder, so that there are several frames a second in one thread.

import { read, Reading } from "./acceptance";
import { snapped } from "./edges";
import { contains, numbered, overlap, Point, Quad, rectified } from "./geometry";
import { Detector, Stamper } from "./networks";
import { Picture } from "./pixels";
import { inTurns, lookedAtAgain, seenIn, TURNS, VIEWS } from "./reading";

/** Most quads of a search; every search is at another size. */
const MOST = 2;
/** Overlap from which a found quad and a followed one are the same. */
const SAME = 0.6;
/** Frames for which a picture may go unread before it makes room for others. */
const PATIENCE = 24;
/** Frames from one search to the next: while a picture is being read, and while all were read and are followed. */
const SEARCH_EVERY = { reading: 2, following: 4 };

/** How much surer than of the others the decoder is of the turn in which a stamp is held: twice as sure as a rule. */
const STANDS_OUT = 1.3;

interface Track {
  quad: Quad;
  turns: Turn[];
  frames: number;
  unseen: number;
  reading: Reading | null;
}

/** A picture in one of its eight turns. */
interface Turn {
  turn: number;
  /** Sums over the frames in which the decoder was shown it. */
  logits: Float32Array;
  looks: number;
}

export interface Seen {
  quad: Quad;
  message: string | null;
  falseAcceptProbability: number | null;
}

export class Tracker {
  private tracks: Track[] = [];
  private frames = 0;
  private searches = 0;

  constructor(
    private readonly stamper: Stamper,
    private readonly detector: Detector,
  ) {}

  async see(scene: Picture): Promise<Seen[]> {
    const every = this.due() ? SEARCH_EVERY.reading : SEARCH_EVERY.following;
    if (this.tracks.length === 0 || this.frames++ % every === 0) await this.search(scene);
    else await this.follow(scene);
    const track = this.due();
    if (track) await this.look(scene, track);
    this.tracks = this.tracks.filter(({ quad, unseen, frames, reading }) => {
      return unseen <= VIEWS.length && (reading !== null || (frames < PATIENCE && !this.isRead(quad)));
    });
    return this.tracks.map(({ quad, reading }) => ({
      quad,
      message: reading?.message ?? null,
      falseAcceptProbability: reading?.falseAcceptProbability ?? null,
    }));
  }

  private async search(scene: Picture): Promise<void> {
    const found = await seenIn(this.detector, scene, VIEWS[this.searches++ % VIEWS.length], MOST);
    found.forEach(({ quad }) => this.take(quad));
  }

  /** Those that were read are looked for where they were, and the one that is to be read now. */
  private async follow(scene: Picture): Promise<void> {
    const due = this.due();
    const followed = this.tracks.filter((track) => track.reading || track === due);
    const again = await lookedAtAgain(this.detector, scene, followed.map(({ quad }) => quad));
    followed.forEach((track, index) => {
      const seen = again[index];
      if (seen) track.quad = numbered(seen.quad, track.quad);
      track.unseen = seen ? 0 : track.unseen + 1;
    });
  }

  /** The next to be read: what was just found, then what was read in the fewest frames. */
  private due(): Track | undefined {
    return this.tracks.filter((track) => !track.reading).sort((a, b) => a.frames - b.frames)[0];
  }

  /** Show the decoder a picture in the turn of which it was surest so far, and in the one that it saw least. */
  private async look(scene: Picture, track: Track): Promise<void> {
    const [surest, ...others] = [...track.turns].sort((a, b) => sureness(b) - sureness(a));
    const seen = others.filter(({ looks }) => looks > 0);
    const usual = seen.reduce((sum, turn) => sum + sureness(turn), 0) / Math.max(seen.length, 1);
    const next = others.sort((a, b) => a.looks - b.looks || a.turn - b.turn)[0];
    const shown = sureness(surest) >= STANDS_OUT * usual ? [surest, next] : [surest.looks < next.looks ? surest : next];
    // As the edges around it say, but in every third frame: a border within a border may be taken for the picture's own.
    const quad = track.frames % 3 === 2 ? track.quad : snapped(scene, track.quad);
    const view = rectified(scene, quad, this.stamper.size);
    const logits = await inTurns(this.stamper, view, shown.map(({ turn }) => turn));
    logits.forEach((row, index) => {
      row.forEach((logit, bit) => (shown[index].logits[bit] += logit));
      shown[index].looks++;
    });
    track.frames++;
    // How sure it is says nothing of the code, so the choice of a turn is no try by itself. 1/2 + 1/6 + 1/12 + ... = 1: however long
    // somebody looks, all tries of a picture share one risk.
    const best = track.turns.reduce((one, other) => (sureness(other) > sureness(one) ? other : one));
    track.reading = read([best.logits], this.stamper.formats, [1 / (track.frames * (track.frames + 1))]);
  }

  /** A quad that a search found: of a picture that is followed already, or a new one. A part of a stamp that was read is neither. */
  private take(quad: Quad): void {
    if (this.isRead(quad)) return;
    const known = this.tracks.find((track) => overlap(track.quad, quad) > SAME);
    if (known) {
      known.unseen = 0;
      if (!known.reading) known.quad = numbered(quad, known.quad); // What could not be read there may be read here.
      return;
    }
    const turns = Array.from({ length: TURNS }, (_, turn) => ({ turn, logits: new Float32Array(this.stamper.bits), looks: 0 }));
    this.tracks.push({ quad, turns, frames: 0, unseen: 0, reading: null });
  }

  private isRead(quad: Quad): boolean {
    const centre = [0, 1].map((axis) => quad.reduce((sum, corner) => sum + corner[axis] / 4, 0)) as Point;
    return this.tracks.some((track) => track.reading !== null && track.quad !== quad && contains(track.quad, centre));
  }
}

/** Of the decoder, a frame; none of what it was not shown. */
function sureness({ logits, looks }: Turn): number {
  return logits.reduce((sum, logit) => sum + Math.abs(logit), 0) / Math.max(looks, 1);
}
