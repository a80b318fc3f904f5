/**
 * The ink of one glyph -> the 28x28 that MNIST's makers would have made of it, as
 * inkwise.handwriting.normalise makes it: the same within 2 grey levels.
 */

import { blurred } from "inkwise/imaging/blur.js";
import { boundingBox, cutOut, withMargin } from "inkwise/imaging/cut_out.js";
import { dilated } from "inkwise/imaging/dilate.js";
import { distanceToZero } from "inkwise/imaging/distance.js";
import { moments } from "inkwise/imaging/moments.js";
import { enlarged, shrunk } from "inkwise/imaging/resize.js";
import { roundHalfEven } from "inkwise/imaging/round.js";
import { strokeWidth } from "inkwise/imaging/stroke_width.js";
import { cubicWeights, warped, weighted } from "inkwise/imaging/warp.js";

const SIZE = 28;
const BOX = 20;
const CENTRE = 14; // MNIST's centres of mass lie about pixel 14, not about 13.5
const STROKE_RANGE = [2, 4]; // of the line's width, in pixels of the 20-pixel box
const SMALL = 28; // pixels of the longer side up to which grey says more than an outline
const WORKING_SIDE = 120; // pixels of the glyph's longer side while its outline is moved
const ROOM = 24; // around it

/**
 * The MNIST form of one glyph, light on dark; all 0 where there is no ink.
 *
 * @param {Uint8Array} coverage - width * height, 0 paper to 255 ink; ink of other glyphs already removed.
 * @param {number} width - pixels.
 * @param {number} height - pixels.
 * @returns {Uint8Array} (784,) 28 rows of 28.
 */
export function normaliseGlyph(coverage, width, height) {
  const glyph = { data: coverage, width, height };
  const box = boundingBox(glyph, 127) ?? boundingBox(glyph, 0);
  if (!box) return new Uint8Array(SIZE * SIZE);
  const cut = cutOut(glyph, box);
  if (isSmallAndGrey(cut)) return centredSmall(cut);
  const distance = signedDistance(atWorkingSize(cut));
  const inside = boundingBox(distance, 0);
  if (!inside) return new Uint8Array(SIZE * SIZE); // specks so far apart that they vanish
  return centred(withStrokeInRange(distance, Math.max(inside.width, inside.height) / BOX));
}

/** The glyph with a longer side of WORKING_SIDE and room around it, 0 to 255. */
function atWorkingSize(glyph) {
  const factor = WORKING_SIDE / Math.max(glyph.width, glyph.height);
  const margin = Math.max(1, roundHalfEven(ROOM / factor));
  const around = withMargin(glyph, margin);
  const [width, height] = [glyph.width, glyph.height].map(
    (side) => Math.max(1, roundHalfEven(side * factor)) + roundHalfEven(2 * margin * factor),
  );
  if (factor < 1) {
    const { data } = shrunk(around, width, height);
    return { data: Float32Array.from(data), width, height };
  }
  return blurred(enlarged(around, width, height), Math.max(0.5, 0.45 * factor));
}

/** How far inside the ink each pixel lies, in pixels; negative outside, 0 on the outline. */
function signedDistance(outline) {
  const { data, width, height } = outline;
  const ink = { data: inkOf(outline), width, height };
  const paper = { data: ink.data.map((value) => 1 - value), width, height };
  const inside = distanceToZero(ink).data;
  const outside = distanceToZero(paper).data;
  const signed = new Float32Array(data.length);
  for (let i = 0; i < data.length; i++) signed[i] = ink.data[i] ? inside[i] - 0.5 : 0.5 - outside[i];
  return { data: signed, width, height };
}

/** 1 where there is ink. A line thinner than a pixel is faint: half of its own peak is its edge. */
function inkOf(outline) {
  let peak = 0;
  for (const value of outline.data) if (value > peak) peak = value;
  const [least, most] = [Math.fround(0.35 * peak), Math.fround(0.9 * peak)];
  const near = dilated(blurred(outline, 1), 9).data;
  const ink = new Uint8Array(near.length);
  for (let i = 0; i < ink.length; i++) {
    ink[i] = outline.data[i] > 0.5 * Math.min(most, Math.max(least, near[i])) ? 1 : 0;
  }
  return ink;
}

/** The glyph 0 to 255 with its outline moved so that its lines are as wide as MNIST's; perPixel of the box. */
function withStrokeInRange(distance, perPixel) {
  const { data, width, height } = distance;
  const found = strokeWidth({ data: data.map((value) => (value > 0 ? 1 : 0)), width, height });
  const [least, most] = STROKE_RANGE;
  const wanted = Math.min(most * perPixel, Math.max(least * perPixel, found));
  const outwards = (wanted - found) / 2 + 0.5;
  const moved = data.map((value) => 255 * Math.min(1, Math.max(0, value + outwards)));
  return { data: moved, width, height };
}

/** The glyph scaled to the 20-pixel box with its centre of mass in the middle of 28x28. */
function centred(glyph) {
  const box = boundingBox(glyph, 127);
  const factor = BOX / Math.max(box.width, box.height);
  const fine = cutOut(glyph, widened(box, glyph));
  const { sum, x, y } = moments(fine);
  // One sampling at the sub-pixel place.
  const matrix = [factor, 0, CENTRE - (x / sum) * factor, 0, factor, CENTRE - (y / sum) * factor];
  const small = warped(blurred(fine, 0.4 / factor), matrix, { width: SIZE, height: SIZE });
  return Uint8Array.from(small.data, (value) => Math.min(255, Math.max(0, roundHalfEven(value))));
}

/** The box with 4 pixels more on every side, as far as the image goes. */
function widened(box, image) {
  const [x, y] = [Math.max(0, box.x - 4), Math.max(0, box.y - 4)];
  const right = Math.min(image.width, box.x + box.width + 4);
  const bottom = Math.min(image.height, box.y + box.height + 4);
  return { x, y, width: right - x, height: bottom - y };
}

/** Whether the glyph has so few pixels that its greys say more than an outline drawn through them. */
function isSmallAndGrey({ data, width, height }) {
  let [ink, grey] = [0, 0];
  for (const value of data) {
    if (value > 0) ink++;
    if (value > 0 && value < 255) grey++;
  }
  return Math.max(width, height) <= SMALL && grey > 0.2 * ink;
}

/** A glyph of a few pixels in the 20-pixel box, its greys as they are. */
function centredSmall(glyph) {
  const factor = BOX / Math.max(glyph.width, glyph.height);
  const { sum, x, y } = moments(glyph);
  const places = (middle) => Array.from({ length: SIZE }, (_, i) => (i - CENTRE) / factor + middle);
  const down = cubicWeights(places(y / sum), glyph.height);
  const across = cubicWeights(places(x / sum), glyph.width);
  return Uint8Array.from(weighted(glyph, { down, across }), (value) =>
    Math.min(255, Math.max(0, roundHalfEven(value))),
  );
}
