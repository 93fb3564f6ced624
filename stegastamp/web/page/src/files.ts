// Files into pixels and back. The browser reads what it knows; PNG with transparency is read and written here, because a canvas
// would round colours that are partly transparent.

import { decode, encode, hasPngSignature } from "fast-png";
import { isOpaque, Picture } from "./pixels";

/** Something about a file that a person has to know; shown as it is. */
export class NoPicture extends Error {}

export interface Opened {
  picture: Picture;
  notes: string[];
}

export const LARGEST_PIXELS = 100e6;

export async function opened(file: Blob, name: string): Promise<Opened> {
  const head = new Uint8Array(await file.slice(0, 32).arrayBuffer());
  if (hasPngSignature(head)) {
    // The header's last bytes: width, height, depth, kind of colour.
    const depth = head[24];
    const colour = head[25];
    const pixels = new DataView(head.buffer).getUint32(16) * new DataView(head.buffer).getUint32(20);
    if (pixels > LARGEST_PIXELS) throw tooLarge(name);
    if (colour === 6 && depth === 8) {
      let png;
      try {
        png = decode(new Uint8Array(await file.arrayBuffer()));
      } catch {
        throw new NoPicture(`${name} is damaged: it is no whole PNG.`);
      }
      return { picture: { width: png.width, height: png.height, data: Uint8ClampedArray.from(png.data) }, notes: [] };
    }
    const opened = await byBrowser(file, name);
    return depth === 16 ? { ...opened, notes: ["The picture has 16 bits a channel; the result has 8."] } : opened;
  }
  return byBrowser(file, name);
}

async function byBrowser(file: Blob, name: string): Promise<Opened> {
  let bitmap: ImageBitmap;
  try {
    bitmap = await createImageBitmap(file, { imageOrientation: "from-image", premultiplyAlpha: "none" });
  } catch {
    throw new NoPicture(`${name} is no picture that this browser can open. JPEG, PNG and WebP always work.`);
  }
  try {
    if (bitmap.width * bitmap.height > LARGEST_PIXELS) throw tooLarge(name);
    return { picture: fromBitmap(bitmap, bitmap.width, bitmap.height), notes: [] };
  } finally {
    bitmap.close();
  }
}

export function fromBitmap(bitmap: ImageBitmap, width: number, height: number): Picture {
  const context = new OffscreenCanvas(width, height).getContext("2d", { willReadFrequently: true })!;
  context.drawImage(bitmap, 0, 0, width, height);
  return { width, height, data: context.getImageData(0, 0, width, height).data };
}

export async function fileOf(picture: Picture, type: "image/png" | "image/jpeg", quality = 0.95): Promise<Blob> {
  if (type === "image/png" && !isOpaque(picture)) {
    const { width, height } = picture;
    const data = new Uint8Array(picture.data.buffer, picture.data.byteOffset, picture.data.byteLength);
    return new Blob([encode({ width, height, data, channels: 4, depth: 8 }) as Uint8Array<ArrayBuffer>], { type });
  }
  const canvas = new OffscreenCanvas(picture.width, picture.height);
  const context = canvas.getContext("2d")!;
  context.putImageData(new ImageData(picture.data as Uint8ClampedArray<ArrayBuffer>, picture.width, picture.height), 0, 0);
  return canvas.convertToBlob({ type, quality });
}

function tooLarge(name: string): NoPicture {
  return new NoPicture(`${name} has more than ${LARGEST_PIXELS / 1e6} megapixels, which a browser cannot hold; use the command line.`);
}
