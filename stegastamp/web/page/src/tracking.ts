// Pictures before a camera, followed from frame to frame: logits are summed until the sum can be read.

import { read, Reading } from "./acceptance";
import { contains, numbered, overlap, Point, Quad, rectified } from "./geometry";
import { Detector, Stamper } from "./networks";
import { inTurns, lookedAtAgain, seenIn, VIEWS } from "./reading";
import { onGround, Picture } from "./pixels";

/** Most quads of a search; every frame is searched at another size, and known pictures are looked for where they were. */
const MOST = 2;
/** Pictures that are read in one frame. */
const READS = 2;
/** Overlap from which a found quad and a followed one are the same. */
const SAME = 0.6;
/** Frames for which a picture may go unread before it makes room for others. */
const PATIENCE = 24;

/** Orientations of a picture that are tried in one frame. */
const TRIES = 2;
/** Turns of a picture that the network is shown, one list after the other: most cameras do not mirror what they see. */
const SHOWN = [
  [0, 1, 2, 3],
  [4, 5, 6, 7],
];

interface Track {
  quad: Quad;
  logits: Float32Array[];
  frames: number;
  unseen: number;
  reading: Reading | null;
}

export interface Seen {
  quad: Quad;
  message: string | null;
  falseAcceptProbability: number | null;
}

export class Tracker {
  private tracks: Track[] = [];
  private count = 0;

  constructor(
    private readonly stamper: Stamper,
    private readonly detector: Detector,
  ) {}

  async see(scene: Picture): Promise<Seen[]> {
    const frame = onGround(scene, 255);
    // Those that were read are followed in every frame, the others when it is their turn to be read.
    const followed = [...this.tracks.filter(({ reading }) => reading), ...this.due()];
    const again = await lookedAtAgain(this.detector, frame, followed.map(({ quad }) => quad));
    followed.forEach((track, index) => {
      const seen = again[index];
      if (seen) track.quad = numbered(seen.quad, track.quad);
      track.unseen = seen ? 0 : track.unseen + 1;
    });
    const found = await seenIn(this.detector, scene, VIEWS[this.count++ % VIEWS.length], MOST);
    found.forEach(({ quad }) => this.take(quad));
    for (const track of this.due()) {
      const turns = SHOWN[track.frames % SHOWN.length];
      const logits = await inTurns(this.stamper, rectified(frame, track.quad, this.stamper.size), turns);
      logits.forEach((row, index) => row.forEach((logit, bit) => (track.logits[turns[index]][bit] += logit)));
      track.frames++;
      // Only the surest orientations are tried; how sure says nothing of the code, so the choice is no try by itself.
      const surest = [...track.logits].sort((a, b) => sureness(b) - sureness(a)).slice(0, TRIES);
      // 1/2 + 1/6 + 1/12 + ... = 1: however long somebody looks, all tries of a picture share one risk.
      const share = 1 / (track.frames * (track.frames + 1) * TRIES);
      track.reading = read(surest, this.stamper.formats, surest.map(() => share));
    }
    this.tracks = this.tracks.filter(({ quad, unseen, frames, reading }) => {
      return unseen <= VIEWS.length && (reading !== null || (frames < PATIENCE && !this.isRead(quad)));
    });
    return this.tracks.map(({ quad, reading }) => ({
      quad,
      message: reading?.message ?? null,
      falseAcceptProbability: reading?.falseAcceptProbability ?? null,
    }));
  }

  /** Those whose turn it is to be read: what was just found, then what was read in the fewest frames. */
  private due(): Track[] {
    const unread = this.tracks.filter((track) => !track.reading);
    return unread.sort((a, b) => a.frames - b.frames).slice(0, READS);
  }

  /** A quad that a search found: of a picture that is followed already, or a new one. A part of a stamp that was read is neither. */
  private take(quad: Quad): void {
    if (this.isRead(quad)) return;
    const known = this.tracks.find((track) => overlap(track.quad, quad) > SAME);
    if (known) {
      known.unseen = 0;
      return;
    }
    const logits = Array.from({ length: 8 }, () => new Float32Array(this.stamper.bits));
    this.tracks.push({ quad, logits, frames: 0, unseen: 0, reading: null });
  }

  private isRead(quad: Quad): boolean {
    const centre = [0, 1].map((axis) => quad.reduce((sum, corner) => sum + corner[axis] / 4, 0)) as Point;
    return this.tracks.some((track) => track.reading !== null && track.quad !== quad && contains(track.quad, centre));
  }
}

function sureness(logits: Float32Array): number {
  return logits.reduce((sum, logit) => sum + Math.abs(logit), 0);
}
