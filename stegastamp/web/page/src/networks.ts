// The trained networks in onnxruntime-web. They lie beside the page, packed with gzip, and are fetched when they are first used.

import * as ort from "onnxruntime-web/wasm";
import { Facts, Format } from "./formats";
import { Planes } from "./pixels";

/** site.json, which `python -m stegastamp web` writes. */
export interface Site {
  formats: (Facts & { correctable: number })[];
  stampers: Record<string, { size: number; bits: number; strength: number; encoder: string; decoder: string; bytes: number }>;
  detector: { view: number; size: number; margin: number; file: string; bytes: number };
}

export type Progress = (words: string) => void;

export class Stamper {
  private constructor(
    readonly size: number,
    readonly bits: number,
    readonly strength: number,
    readonly formats: Format[],
    readonly correctable: Record<string, number>,
    private readonly encoder: ort.InferenceSession,
    private readonly decoder: ort.InferenceSession,
  ) {}

  static async load(site: Site, name: string, progress: Progress): Promise<Stamper> {
    const facts = site.stampers[name];
    progress(`Loading the networks (${megabytes(facts.bytes)})`);
    const [encoder, decoder] = await Promise.all([open(facts.encoder), open(facts.decoder)]);
    const fitting = site.formats.filter((format) => format.bits === facts.bits);
    const correctable = Object.fromEntries(fitting.map((format) => [format.name, format.correctable]));
    return new Stamper(facts.size, facts.bits, facts.strength, fitting.map((each) => new Format(each)), correctable, encoder, decoder);
  }

  /** What is added to a view (levels of 0 to 255) to make it say `bits`, in levels of 255. */
  async residual(view: Planes, bits: Uint8Array, strength: number): Promise<Planes> {
    const outputs = await this.encoder.run({
      image: tensor([view]),
      secret: new ort.Tensor("float32", Float32Array.from(bits), [1, this.bits]),
      strength: new ort.Tensor("float32", [strength], [1, 1]),
    });
    const data = (outputs.residual.data as Float32Array).map((value) => 255 * value);
    return { ...view, data };
  }

  /** Logits of each view (levels of 0 to 255); a bit is 1 where its logit is positive. */
  async logits(views: Planes[]): Promise<Float32Array[]> {
    const outputs = await this.decoder.run({ image: tensor(views) });
    const all = outputs.logits.data as Float32Array;
    return views.map((_, row) => all.slice(row * this.bits, (row + 1) * this.bits));
  }
}

export class Detector {
  private constructor(
    readonly view: number,
    readonly size: number,
    readonly margin: number,
    private readonly network: ort.InferenceSession,
  ) {}

  static async load(site: Site, progress: Progress): Promise<Detector> {
    const { view, size, margin, file, bytes } = site.detector;
    progress(`Loading the detector (${megabytes(bytes)})`);
    return new Detector(view, size, margin, await open(file));
  }

  /** Maps of views of one size, sides multiples of 32. */
  async maps(views: Planes[]) {
    const outputs = await this.network.run({ frames: tensor(views) });
    const [, height, width] = outputs.maps.dims;
    const all = outputs.maps.data as Float32Array;
    return views.map((_, index) => {
      const cells = width * height;
      const channel = (which: number) => Float32Array.from({ length: cells }, (_, cell) => all[(index * cells + cell) * 2 + which]);
      return { width, height, picture: channel(0), core: channel(1) };
    });
  }
}

function tensor(views: Planes[]): ort.Tensor {
  const { width, height } = views[0];
  const length = width * height * 3;
  const data = new Float32Array(views.length * length);
  views.forEach((view, index) => {
    for (let place = 0; place < length; place++) data[index * length + place] = view.data[place] / 255;
  });
  return new ort.Tensor("float32", data, [views.length, height, width, 3]);
}

async function open(file: string): Promise<ort.InferenceSession> {
  ort.env.wasm.wasmPaths = new URL("ort/", self.location.href).href;
  // Threads need a page that is isolated from others, which not every host allows. Half of the processors: as a rule two of them are one
  // core, and who waits for a second thread on the same core waits longer.
  const processors = navigator.hardwareConcurrency || 1;
  ort.env.wasm.numThreads = self.crossOriginIsolated ? Math.min(Math.max(Math.floor(processors / 2), 1), 4) : 1;
  ort.env.logLevel = "error";
  const response = await fetch(new URL(file, self.location.href));
  if (!response.ok || !response.body) throw new Error(`${file} could not be loaded (${response.status})`);
  const content = await unpacked(new Uint8Array(await response.arrayBuffer()));
  return ort.InferenceSession.create(content, { executionProviders: ["wasm"], graphOptimizationLevel: "all" });
}

/** Some servers unpack .gz files by themselves; the first two bytes tell. */
async function unpacked(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array> {
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes;
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}
