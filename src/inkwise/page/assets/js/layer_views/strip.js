/**
 * A row of numbers as bars, up from 0 and down from it: for linear layers and what follows them.
 * @module
 */
import { fitCanvas } from "inkwise/dom.js";
import { colourOf } from "inkwise/layer_views/colours.js";

const NAMES = 26; // CSS pixels below the bars for the names of classes

/**
 * Draw numbers as bars.
 * @param {HTMLCanvasElement} canvas
 * @param {Float32Array} values
 * @param {Object} how
 * @param {number} how.width CSS pixels
 * @param {number} how.height
 * @param {import("inkwise/layer_views/colours.js").Scale} how.scale
 * @param {string[]|null} [how.names] of the bars, written below where there is room
 * @param {number[]} [how.marks] bars to point at
 */
export function paintStrip(canvas, values, { width, height, scale, names = null, marks = [] }) {
  const context = fitCanvas(canvas, width, height);
  const style = getComputedStyle(canvas);
  const deep = height - (names ? NAMES : 0);
  const span = scale.high - scale.low || 1;
  const zero = (scale.high / span) * (deep - 4) + 2;
  const step = width / values.length;
  const room = step > 6 ? Math.min(6, 0.2 * step) : step > 2 ? 1 : 0;
  const colours = barColours(style, scale);
  values.forEach((value, index) => {
    const length = (value / span) * (deep - 4);
    context.fillStyle = value < 0 ? colours.below : colours.above;
    const high = Math.max(Math.abs(length), 0.5);
    context.fillRect(index * step + room / 2, Math.min(zero, zero - length), step - room, high);
  });
  context.fillStyle = style.color;
  context.globalAlpha = 0.5;
  context.fillRect(0, zero - 0.5, width, 1);
  context.globalAlpha = 1;
  for (const mark of marks) point(context, { x: (mark + 0.5) * step, step, deep });
  if (names) write(context, { names, step, y: height - 8, style });
}

function barColours(style, scale) {
  if (!scale.isSigned) return { above: style.getPropertyValue("--blue"), below: style.getPropertyValue("--blue") };
  return { above: colourOf(scale, 0.66 * scale.reach), below: colourOf(scale, -0.66 * scale.reach) };
}

function point(context, { x, step, deep }) {
  context.strokeStyle = context.fillStyle;
  context.lineWidth = 2;
  const wide = Math.max(step, 7);
  context.strokeRect(x - wide / 2, 1, wide, deep - 2);
}

function write(context, { names, step, y, style }) {
  context.font = `600 15px ${style.fontFamily}`;
  context.textAlign = "center";
  context.fillStyle = style.color;
  names.forEach((name, index) => {
    const isTooLong = context.measureText(name).width > step - 2;
    context.fillText(isTooLong ? String(index) : name, (index + 0.5) * step, y);
  });
}

/** Return the bar at a place in CSS pixels. */
export function locateInStrip({ count, width }, x) {
  const index = Math.floor((x / width) * count);
  return index >= 0 && index < count ? index : null;
}

/** Return the neighbour of a bar. */
export function stepInStrip({ count }, index, [dx, dy]) {
  if (index === null) return 0;
  return Math.min(count - 1, Math.max(0, index + dx - dy));
}
