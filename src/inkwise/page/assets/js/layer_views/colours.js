/**
 * From values to colours that colour-blind eyes tell apart: grey where nothing lies below 0, else from blue
 * over the page's ground to orange. One scale a layer, so that equal colours mean equal values.
 * @module
 */

const STEPS = 256; // on either side of 0
const SIGNED = {
  light: { below: ["#f7f6f3", "#8cc4e4", "#0072b2", "#003a5c"], above: ["#f7f6f3", "#f7b787", "#d55e00", "#6b2f00"] },
  dark: { below: ["#14181d", "#0b4a70", "#2f97d4", "#c4e5f8"], above: ["#14181d", "#6b3408", "#e8792a", "#ffdcc0"] },
};
const GREY = ["#000000", "#ffffff"];

/**
 * @typedef {Object} Scale
 * @property {number} low the least value of the layer, 0 where none is below
 * @property {number} high the largest
 * @property {number} zero the value of the ground's colour
 * @property {number} reach how far from there the strongest colour lies
 * @property {boolean} isSigned
 * @property {Uint32Array} colours of zero - reach to zero + reach, as the bytes of a canvas
 */

/**
 * Return the scale of a layer's values.
 * @param {Float32Array} values
 * @returns {Scale}
 */
export function scaleOf(values) {
  let [low, high] = [0, 0];
  for (const value of values) {
    if (value < low) low = value;
    else if (value > high) high = value;
  }
  return { low, high, zero: 0, reach: Math.max(high, -low), isSigned: low < 0, colours: ramp(low < 0) };
}

/**
 * Return the scale of a picture: black is low, white is high.
 * @param {number} low
 * @param {number} high
 * @returns {Scale}
 */
export function greyScale(low, high) {
  return { low, high, zero: low, reach: high - low, isSigned: false, colours: ramp(false) };
}

/** Return the place of value among the colours of scale. @param {Scale} scale @param {number} value */
export function placeOf({ zero, reach }, value) {
  const share = reach > 0 ? (value - zero) / reach : 0;
  return STEPS + Math.round((STEPS - 1) * Math.min(1, Math.max(-1, share)));
}

/** Return value's colour for CSS. @param {Scale} scale @param {number} value */
export function colourOf(scale, value) {
  const colour = scale.colours[placeOf(scale, value)];
  return `rgb(${colour & 255} ${(colour >> 8) & 255} ${(colour >> 16) & 255})`;
}

/**
 * Return whether white words on value's colour are read better than black ones.
 * @param {Scale} scale
 * @param {number} value
 */
export function isDark(scale, value) {
  const colour = scale.colours[placeOf(scale, value)];
  const [red, green, blue] = [0, 8, 16].map((shift) => linear(((colour >> shift) & 255) / 255));
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue < 0.179; // where both contrasts are 4.58 (WCAG 2)
}

function linear(share) {
  return share <= 0.03928 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
}

const ramps = new Map();

function ramp(isSigned) {
  const scheme = window.matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
  const name = isSigned ? scheme : "grey";
  if (!ramps.has(name)) ramps.set(name, isSigned ? bothSides(SIGNED[scheme]) : bothSides({ below: GREY, above: GREY }));
  return ramps.get(name);
}

function bothSides({ below, above }) {
  const colours = new Uint32Array(2 * STEPS);
  for (let step = 0; step < STEPS; step += 1) {
    colours[STEPS - step] = mixed(below, step / (STEPS - 1));
    colours[STEPS + step] = mixed(above, step / (STEPS - 1));
  }
  colours[0] = mixed(below, 1);
  return colours;
}

function mixed(stops, share) {
  const at = share * (stops.length - 1);
  const first = Math.min(stops.length - 2, Math.floor(at));
  const [from, to] = [parse(stops[first]), parse(stops[first + 1])];
  const [red, green, blue] = from.map((value, index) => Math.round(value + (at - first) * (to[index] - value)));
  return ((255 << 24) | (blue << 16) | (green << 8) | red) >>> 0;
}

function parse(colour) {
  return [1, 3, 5].map((start) => parseInt(colour.slice(start, start + 2), 16));
}
