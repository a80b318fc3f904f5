/**
 * An image at another size, to the grey level as OpenCV makes it: the mean over areas for smaller ones,
 * fixed-point bilinear interpolation for larger ones.
 */

import { roundHalfEven } from "inkwise/imaging/round.js";

const UNIT = 2048; // of a weight in fixed point

/**
 * The image made smaller: each pixel is the mean over the area it covers (cv2.INTER_AREA).
 *
 * @param {import("inkwise/imaging/cut_out.js").Plane} image - Uint8Array.
 * @param {number} width - 1 to image.width.
 * @param {number} height - 1 to image.height.
 * @returns {import("inkwise/imaging/cut_out.js").Plane} Uint8Array.
 */
export function shrunk(image, width, height) {
  const across = image.width / width;
  const down = image.height / height;
  const isWhole = Number.isInteger(across) && Number.isInteger(down);
  const meansOf = isWhole ? meansOfBlocks : meansOfAreas;
  const means = meansOf(image, { width, height, across, down });
  // 2x2 is rounded half up, all else half to even: so OpenCV does.
  const round = across === 2 && down === 2 ? Math.round : roundHalfEven;
  const data = new Uint8Array(width * height);
  for (let i = 0; i < data.length; i++) data[i] = round(means[i]);
  return { data, width, height };
}

/** Where areas are whole pixels they are summed, and the sum divided once, in single precision. */
function meansOfBlocks(image, { width, height, across, down }) {
  const sums = new Float32Array(width * height);
  for (let y = 0; y < height * down; y++) {
    const out = Math.floor(y / down) * width;
    for (let x = 0; x < width * across; x++) {
      sums[out + Math.floor(x / across)] += image.data[y * image.width + x];
    }
  }
  const share = Math.fround(1 / (across * down));
  return sums.map((sum) => sum * share);
}

/** Where they are not, shares of pixels are added up in single precision. */
function meansOfAreas(image, { width, height, across, down }) {
  const means = new Float32Array(width * height);
  const columns = overlaps(image.width, width, across);
  const rows = overlaps(image.height, height, down);
  const line = new Float32Array(width);
  for (let i = 0; i < rows.share.length; i++) {
    line.fill(0);
    const start = rows.from[i] * image.width;
    for (let j = 0; j < columns.share.length; j++) {
      line[columns.to[j]] += Math.fround(image.data[start + columns.from[j]] * columns.share[j]);
    }
    const out = rows.to[i] * width;
    for (let x = 0; x < width; x++) means[out + x] += Math.fround(line[x] * rows.share[i]);
  }
  return means;
}

/** Which of `many` cells lie in which of `few`, each `step` cells long, and which share of it they are. */
function overlaps(many, few, step) {
  const found = { from: [], to: [], share: [] };
  for (let to = 0; to < few; to++) {
    const begin = to * step;
    const end = Math.min(many, begin + step);
    for (let from = Math.floor(begin); from < end; from++) {
      const length = Math.min(from + 1, end) - Math.max(from, begin);
      if (length <= 1e-3) continue;
      found.from.push(from);
      found.to.push(to);
      found.share.push(length / (end - begin));
    }
  }
  return {
    from: Int32Array.from(found.from),
    to: Int32Array.from(found.to),
    share: Float32Array.from(found.share),
  };
}

/**
 * The image made larger by bilinear interpolation (cv2.INTER_LINEAR on 8 bits).
 *
 * @param {import("inkwise/imaging/cut_out.js").Plane} image - Uint8Array.
 * @param {number} width - pixels, >= 1.
 * @param {number} height - pixels, >= 1.
 * @returns {import("inkwise/imaging/cut_out.js").Plane} Uint8Array.
 */
export function enlarged(image, width, height) {
  const columns = neighbours(image.width, width);
  const rows = neighbours(image.height, height);
  const lines = Array.from({ length: image.height }, (_, y) => stretchedLine(image, y, columns));
  const data = new Uint8Array(width * height);
  for (let y = 0; y < height; y++) {
    const above = lines[rows.before[y]];
    const below = lines[rows.after[y]];
    const share = rows.share[y];
    for (let x = 0, out = y * width; x < width; x++, out++) {
      data[out] = (((above[x] * (UNIT - share)) >> 16) + ((below[x] * share) >> 16) + 2) >> 2;
    }
  }
  return { data, width, height };
}

/** One row at its new width, in 1/128 of a grey level. */
function stretchedLine(image, y, { before, after, share }) {
  const line = new Int32Array(before.length);
  const start = y * image.width;
  for (let x = 0; x < line.length; x++) {
    const left = image.data[start + before[x]] * (UNIT - share[x]);
    line[x] = (left + image.data[start + after[x]] * share[x]) >> 4;
  }
  return line;
}

/** For each of `many` pixels the two of `few` it lies between, and the share of the second, 0 to UNIT. */
function neighbours(few, many) {
  const before = new Int32Array(many);
  const after = new Int32Array(many);
  const share = new Int32Array(many);
  for (let i = 0; i < many; i++) {
    const place = (i + 0.5) * (few / many) - 0.5;
    const whole = Math.floor(place);
    before[i] = Math.max(0, Math.min(few - 1, whole));
    after[i] = Math.max(0, Math.min(few - 1, whole + 1));
    share[i] = roundHalfEven((place - whole) * UNIT);
  }
  return { before, after, share };
}
