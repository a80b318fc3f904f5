/**
 * From a drawing to its ink, as inkwise.handwriting.ink finds it on a picture of the same pixels.
 *
 * A drawing is clean: one plain ground, one colour of ink, edges smoothed by the canvas. So only that part of
 * the reader's work is done here that changes such pictures: which colour the ink has, how strong a full line
 * is, where a faint one ends, and how grey values become coverage.
 */

import { connectedTo } from "inkwise/imaging/components.js";
import { boundingBox } from "inkwise/imaging/cut_out.js";
import { dilated } from "inkwise/imaging/dilate.js";

const MIN_CONTRAST = 14; // grey levels between ground and ink, below which nobody sees a line
const LOW = 0.32; // of the ink's level: a line begins above HIGH and runs on above LOW
const HIGH = 0.55;
const FULL = 0.8; // the share of the ink's pixels that are at most as strong as a full line
const LONGEST = 600; // pixels of a side of which each is looked at to find how strong that is

/**
 * How far each pixel of a drawing is covered by its ink.
 *
 * @param {Uint8ClampedArray | Uint8Array} pixels - width * height * 4: red, green, blue, opaque alpha.
 * @param {number} width - pixels.
 * @param {number} height - pixels.
 * @returns {Uint8Array} (width * height,) 0 ground to 255 full ink; all 0 where nothing was drawn.
 */
export function coverageOfDrawing(pixels, width, height) {
  const coverage = new Uint8Array(width * height);
  const ground = groundColour(pixels, width, height);
  const drawn = drawnBox(pixels, { ground, width, height });
  if (!drawn) return coverage;
  const strength = inkStrength(pixels, { ground, drawn, width });
  const level = fullStrength(strength, 1 + Math.floor(Math.max(width, height) / LONGEST));
  if (!level) return coverage;
  const around = dilated(connectedTo(strength, LOW * level, HIGH * level), 3).data;
  for (let y = 0, i = 0; y < drawn.height; y++) {
    const start = (drawn.y + y) * width + drawn.x;
    for (let x = 0; x < drawn.width; x++, i++) {
      if (!around[i]) continue;
      const share = (strength.data[i] - 0.1 * level) / (0.8 * level);
      coverage[start + x] = 255 * Math.min(1, Math.max(0, share));
    }
  }
  return coverage;
}

/** The colour that most pixels along the edges have: [red, green, blue]. */
function groundColour(pixels, width, height) {
  const counts = new Map();
  const count = (place) => {
    const key = (pixels[4 * place] << 16) | (pixels[4 * place + 1] << 8) | pixels[4 * place + 2];
    counts.set(key, (counts.get(key) ?? 0) + 1);
  };
  for (let x = 0; x < width; x++) [x, (height - 1) * width + x].forEach(count);
  for (let y = 0; y < height; y++) [y * width, y * width + width - 1].forEach(count);
  const [[key]] = [...counts].sort((a, b) => b[1] - a[1]);
  return [key >> 16, (key >> 8) & 255, key & 255];
}

/** The box around what differs from the ground, two pixels wider where there is room; null for nothing. */
function drawnBox(pixels, { ground, width, height }) {
  const differs = new Uint8Array(width * height);
  const [red, green, blue] = ground;
  for (let i = 0, place = 0; i < differs.length; i++, place += 4) {
    if (pixels[place] !== red || pixels[place + 1] !== green || pixels[place + 2] !== blue) differs[i] = 1;
  }
  const box = boundingBox({ data: differs, width, height }, 0);
  if (!box) return null;
  const [x, y] = [Math.max(0, box.x - 2), Math.max(0, box.y - 2)];
  const right = Math.min(width, box.x + box.width + 2);
  const bottom = Math.min(height, box.y + box.height + 2);
  return { x, y, width: right - x, height: bottom - y };
}

/** By how many grey levels each pixel of a box differs from the ground, in the direction of the ink's colour. */
function inkStrength(pixels, { ground, drawn, width }) {
  const [red, green, blue] = inkWeights(pixels, { ground, drawn, width });
  const ofGround = red * ground[0] + green * ground[1] + blue * ground[2];
  const data = new Float32Array(drawn.width * drawn.height);
  for (let y = 0, i = 0; y < drawn.height; y++) {
    let place = 4 * ((drawn.y + y) * width + drawn.x);
    for (let x = 0; x < drawn.width; x++, place += 4, i++) {
      data[i] = ofGround - (red * pixels[place] + green * pixels[place + 1] + blue * pixels[place + 2]);
    }
  }
  return { data, width: drawn.width, height: drawn.height };
}

/**
 * How much red, green and blue count: halfway between plain grey and the way from ground to ink; negative
 * throughout for ink lighter than its ground.
 */
function inkWeights(pixels, { ground, drawn, width }) {
  let furthest = 0;
  let away = [0, 0, 0];
  for (let y = drawn.y; y < drawn.y + drawn.height; y++) {
    for (let x = drawn.x; x < drawn.x + drawn.width; x++) {
      const place = 4 * (y * width + x);
      const red = ground[0] - pixels[place];
      const green = ground[1] - pixels[place + 1];
      const blue = ground[2] - pixels[place + 2];
      const distance = red * red + green * green + blue * blue;
      if (distance > furthest) [furthest, away] = [distance, [red, green, blue]];
    }
  }
  const isLight = 0.299 * away[0] + 0.587 * away[1] + 0.114 * away[2] < 0;
  const sign = away[0] + away[1] + away[2] < 0 ? -1 : 1;
  const mixed = away.map((value) => (sign * value) / Math.sqrt(furthest) + Math.sqrt(1 / 3));
  const total = mixed.reduce((sum, value) => sum + Math.abs(value), 0);
  return mixed.map((value) => ((isLight ? -1 : 1) * value) / total);
}

/** How strong a full line is: four fifths of what is clearly ink are at most so strong; 0 for no ink. */
function fullStrength({ data, width, height }, step) {
  const clear = new Float32Array(Math.ceil(width / step) * Math.ceil(height / step));
  let [count, largest, numLargest] = [0, 0, 0];
  for (let y = 0; y < height; y += step) {
    for (let x = 0; x < width; x += step) {
      const value = data[y * width + x];
      if (!(value > MIN_CONTRAST)) continue;
      clear[count++] = value;
      if (value === largest) numLargest++;
      if (value > largest) [largest, numLargest] = [value, 1];
    }
  }
  if (count < 3) return 0;
  if (numLargest > (1 - FULL) * count + 1) return largest; // most often so, and quicker than to sort
  return percentile(clear.subarray(0, count).sort(), FULL);
}

/** The value below which that share of sorted values lies, with linear interpolation as NumPy does it. */
function percentile(sorted, share) {
  const place = share * (sorted.length - 1);
  const below = Math.floor(place);
  const above = Math.min(sorted.length - 1, below + 1);
  return sorted[below] + (place - below) * (sorted[above] - sorted[below]);
}
