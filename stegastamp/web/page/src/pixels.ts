// Pictures as arrays, and the two ways to resize them that the networks were trained with (OpenCV's INTER_AREA and INTER_CUBIC).

/** Red, green, blue and alpha of each pixel, row by row. */
export interface Picture {
  width: number;
  height: number;
  data: Uint8ClampedArray;
}

/** Values of `channels` a pixel, row by row. */
export interface Planes {
  width: number;
  height: number;
  channels: number;
  data: Float32Array;
}

export function isOpaque(picture: Picture): boolean {
  for (let place = 3; place < picture.data.length; place += 4) if (picture.data[place] !== 255) return false;
  return true;
}

/** A square network view of RGB on a ground of 0 (black) to 255 (white), whole levels as in a file; (side, side, 3). */
export function networkView(picture: Picture, side: number, ground = 255): Planes {
  const shrinks = side < picture.height;
  const view = shrinks ? shrunk(picture, side, side, ground) : enlarged(onGround(picture, ground), side, side);
  for (let place = 0; place < view.data.length; place++) view.data[place] = clampedLevel(view.data[place]);
  return view;
}

/** RGB flattened on a ground. */
export function onGround(picture: Picture, ground: number): Planes {
  const data = new Float32Array(picture.width * picture.height * 3);
  for (let pixel = 0; pixel < picture.width * picture.height; pixel++) {
    const alpha = picture.data[4 * pixel + 3] / 255;
    for (let channel = 0; channel < 3; channel++) {
      const value = picture.data[4 * pixel + channel];
      data[3 * pixel + channel] = alpha === 1 ? value : Math.round(alpha * value + (1 - alpha) * ground);
    }
  }
  return { width: picture.width, height: picture.height, channels: 3, data };
}

interface Tap {
  first: number;
  weights: number[];
}

/** For each place of the result, the places of the source that it covers and the shares of them. */
function areaTaps(from: number, to: number): Tap[] {
  const scale = from / to;
  if (scale <= 1) return linearTaps(from, to);
  return Array.from({ length: to }, (_, place) => {
    const start = place * scale;
    const end = Math.min(start + scale, from);
    const first = Math.floor(start);
    const weights: number[] = [];
    for (let source = first; source < end - 1e-9; source++) {
      weights.push((Math.min(source + 1, end) - Math.max(source, start)) / (end - start));
    }
    return { first, weights };
  });
}

function linearTaps(from: number, to: number): Tap[] {
  return Array.from({ length: to }, (_, place) => {
    const at = Math.min(Math.max(((place + 0.5) * from) / to - 0.5, 0), from - 1);
    const first = Math.min(Math.floor(at), Math.max(from - 2, 0));
    return { first, weights: from > 1 ? [1 - (at - first), at - first] : [1] };
  });
}

/** Averages while the height shrinks. Rows of the source are added up as they come, so a large picture needs no large copy. */
export function shrunk(picture: Picture, width: number, height: number, ground = 255): Planes {
  const across = areaTaps(picture.width, width);
  const down = areaTaps(picture.height, height);
  const data = new Float32Array(width * height * 3);
  const row = new Float32Array(picture.width * 3);
  const narrow = new Float32Array(width * 3);
  let last = -1;
  for (let target = 0; target < height; target++) {
    const { first, weights } = down[target];
    weights.forEach((weight, step) => {
      const source = first + step;
      if (source !== last) {
        flatRow(picture, source, ground, row);
        for (let place = 0; place < width; place++) {
          const tap = across[place];
          for (let channel = 0; channel < 3; channel++) {
            let sum = 0;
            for (let index = 0; index < tap.weights.length; index++) sum += tap.weights[index] * row[3 * (tap.first + index) + channel];
            narrow[3 * place + channel] = sum;
          }
        }
        last = source;
      }
      for (let place = 0; place < narrow.length; place++) data[target * narrow.length + place] += weight * narrow[place];
    });
  }
  return { width, height, channels: 3, data };
}

function flatRow(picture: Picture, row: number, ground: number, target: Float32Array): void {
  let source = 4 * row * picture.width;
  for (let place = 0; place < target.length; place += 3, source += 4) {
    const alpha = picture.data[source + 3];
    for (let channel = 0; channel < 3; channel++) {
      const value = picture.data[source + channel];
      target[place + channel] = alpha === 255 ? value : Math.round((alpha * value + (255 - alpha) * ground) / 255);
    }
  }
}

const SHARPNESS = -0.75; // OpenCV's.

function cubicTaps(from: number, to: number): { places: number[]; weights: number[] }[] {
  const near = (x: number) => ((SHARPNESS + 2) * x - (SHARPNESS + 3)) * x * x + 1;
  const far = (x: number) => ((SHARPNESS * x - 5 * SHARPNESS) * x + 8 * SHARPNESS) * x - 4 * SHARPNESS;
  return Array.from({ length: to }, (_, place) => {
    const at = ((place + 0.5) * from) / to - 0.5;
    const first = Math.floor(at);
    const part = at - first;
    const weights = [far(part + 1), near(part), near(1 - part), far(2 - part)];
    const places = [-1, 0, 1, 2].map((step) => Math.min(Math.max(first + step, 0), from - 1));
    return { places, weights };
  });
}

/** Bicubic, row by row: `take` is given each row of the result, which is used again for the next. */
export function eachEnlargedRow(source: Planes, width: number, height: number, take: (row: number, values: Float32Array) => void): void {
  const { channels } = source;
  const across = cubicTaps(source.width, width);
  const down = cubicTaps(source.height, height);
  const wide = new Float32Array(source.height * width * channels);
  for (let row = 0; row < source.height; row++) {
    for (let place = 0; place < width; place++) {
      const { places, weights } = across[place];
      for (let channel = 0; channel < channels; channel++) {
        let sum = 0;
        for (let tap = 0; tap < 4; tap++) sum += weights[tap] * source.data[(row * source.width + places[tap]) * channels + channel];
        wide[(row * width + place) * channels + channel] = sum;
      }
    }
  }
  const length = width * channels;
  const values = new Float32Array(length);
  for (let row = 0; row < height; row++) {
    const { places, weights } = down[row];
    const [a, b, c, d] = places.map((place) => place * length);
    for (let index = 0; index < length; index++) {
      values[index] = weights[0] * wide[a + index] + weights[1] * wide[b + index] + weights[2] * wide[c + index] + weights[3] * wide[d + index];
    }
    take(row, values);
  }
}

export function enlarged(source: Planes, width: number, height: number): Planes {
  const data = new Float32Array(width * height * source.channels);
  eachEnlargedRow(source, width, height, (row, values) => data.set(values, row * values.length));
  return { width, height, channels: source.channels, data };
}

/** The picture with a residual (in levels of 255) added where it is seen; what is fully transparent stays as it is. */
export function withResidual(picture: Picture, residual: Planes): Picture {
  const data = picture.data.slice();
  const add = (row: number, values: Float32Array) => {
    let place = 4 * row * picture.width;
    for (let index = 0; index < values.length; index += 3, place += 4) {
      if (data[place + 3] === 0) continue;
      for (let channel = 0; channel < 3; channel++) data[place + channel] = picture.data[place + channel] + values[index + channel];
    }
  };
  if (picture.height < residual.height) {
    const small = averaged(residual, picture.width, picture.height);
    const length = 3 * picture.width;
    for (let row = 0; row < picture.height; row++) add(row, small.data.subarray(row * length, (row + 1) * length));
  } else {
    eachEnlargedRow(residual, picture.width, picture.height, add);
  }
  return { ...picture, data };
}

function averaged(source: Planes, width: number, height: number): Planes {
  const across = areaTaps(source.width, width);
  const down = areaTaps(source.height, height);
  const data = new Float32Array(width * height * 3);
  down.forEach((vertical, row) =>
    across.forEach((horizontal, place) => {
      for (let channel = 0; channel < 3; channel++) {
        let sum = 0;
        vertical.weights.forEach((high, up) =>
          horizontal.weights.forEach((wide, along) => {
            sum += high * wide * source.data[((vertical.first + up) * source.width + horizontal.first + along) * 3 + channel];
          }),
        );
        data[(row * width + place) * 3 + channel] = sum;
      }
    }),
  );
  return { width, height, channels: 3, data };
}

/** The middle of a picture (frame below 1), or the picture in the middle of a larger one filled with its mean colour (above 1). */
export function framed(picture: Picture, frame: number): Picture {
  const margin = (length: number) => Math.round((length * (frame - 1)) / 2);
  const [right, down] = [margin(picture.width), margin(picture.height)];
  const [width, height] = [picture.width + 2 * right, picture.height + 2 * down];
  const data = new Uint8ClampedArray(width * height * 4);
  if (frame > 1) {
    const mean = [0, 0, 0];
    for (let place = 0; place < picture.data.length; place += 4) for (let c = 0; c < 3; c++) mean[c] += picture.data[place + c];
    const pixels = picture.width * picture.height;
    for (let place = 0; place < data.length; place += 4) {
      for (let c = 0; c < 3; c++) data[place + c] = Math.round(mean[c] / pixels);
      data[place + 3] = 255;
    }
  }
  for (let row = 0; row < height; row++) {
    const source = row - down;
    if (source < 0 || source >= picture.height) continue;
    const from = Math.max(0, -right);
    const count = Math.min(picture.width, width + from);
    const start = 4 * (source * picture.width + from);
    data.set(picture.data.subarray(start, start + 4 * Math.min(count - from, width)), 4 * (row * width + Math.max(0, right)));
  }
  return { width, height, data };
}

export function psnr(first: Picture, second: Picture): number {
  let sum = 0;
  for (let place = 0; place < first.data.length; place += 4) {
    for (let channel = 0; channel < 3; channel++) sum += (first.data[place + channel] - second.data[place + channel]) ** 2;
  }
  const error = sum / ((3 * first.data.length) / 4);
  return error === 0 ? Infinity : 10 * Math.log10(255 ** 2 / error);
}

/** A square view turned back by `turn` quarters counterclockwise; from 4 on mirrored after that. */
export function turned(view: Planes, turn: number): Planes {
  const side = view.width;
  const data = new Float32Array(view.data.length);
  for (let row = 0; row < side; row++) {
    for (let column = 0; column < side; column++) {
      const across = turn >= 4 ? side - 1 - column : column;
      // Where a pixel of the result comes from, as numpy.rot90 has it.
      const [from, at] = [
        [row, across],
        [across, side - 1 - row],
        [side - 1 - row, side - 1 - across],
        [side - 1 - across, row],
      ][turn % 4];
      for (let channel = 0; channel < 3; channel++) data[(row * side + column) * 3 + channel] = view.data[(from * side + at) * 3 + channel];
    }
  }
  return { ...view, data };
}

function clampedLevel(value: number): number {
  return Math.min(255, Math.max(0, Math.round(value)));
}
