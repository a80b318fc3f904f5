/** The pen of the drawing page: strokes on a canvas, and the ink of some of them alone. */

import { coverageOfDrawing } from "inkwise/ink.js";

/**
 * One stroke of the pen, from down to up.
 *
 * @typedef {object} Stroke
 * @property {{x: number, y: number, pressure: number}[]} points - at least one; CSS pixels from the corner of
 *   the drawing; pressure 0 to 1, 0.5 where the device has none.
 * @property {number} width - of the line at pressure 0.5, CSS pixels.
 */

const MARGIN = 2; // pixels around the ink of a group
const ROOM = 32; // ... and beyond them: close to its end a canvas smooths edges otherwise
const SMOOTH_STEP = 2; // CSS pixels between the points of the curve that is drawn through a stroke's own

/**
 * The width of a stroke's line where the pen was pressed so hard: half to one and a half times its own.
 *
 * @param {Stroke} stroke
 * @param {number} pressure - 0 to 1.
 * @returns {number} CSS pixels.
 */
export function widthAt(stroke, pressure) {
  return stroke.width * (0.5 + pressure);
}

/**
 * Draw a stroke with the context's fill style, in one piece: where it crosses itself its edge stays even.
 *
 * @param {CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D} context - scaled so that its unit is
 *   a CSS pixel.
 * @param {Stroke} stroke
 */
export function drawStroke(context, stroke) {
  const line = smoothed(stroke.points).map(({ x, y, pressure }) => ({
    x,
    y,
    radius: widthAt(stroke, pressure) / 2,
  }));
  context.beginPath();
  addDisc(context, line[0]);
  for (let i = 1; i < line.length; i++) addPiece(context, line[i - 1], line[i]);
  context.fill("nonzero");
}

/** Points along a curve that passes near the points of a stroke, and through its first and last one. */
function smoothed(points) {
  if (points.length < 3) return points;
  const line = [points[0]];
  for (let i = 1; i < points.length - 1; i++) {
    const from = i === 1 ? points[0] : between(points[i - 1], points[i], 0.5);
    const to = i === points.length - 2 ? points[i + 1] : between(points[i], points[i + 1], 0.5);
    const length = distance(from, points[i]) + distance(points[i], to);
    const count = Math.max(1, Math.ceil(length / SMOOTH_STEP));
    for (let step = 1; step <= count; step++) {
      const share = step / count; // of a quadratic Bezier curve
      line.push(between(between(from, points[i], share), between(points[i], to, share), share));
    }
  }
  return line;
}

function distance(a, b) {
  return Math.hypot(b.x - a.x, b.y - a.y);
}

function between(a, b, share) {
  return {
    x: a.x + (b.x - a.x) * share,
    y: a.y + (b.y - a.y) * share,
    pressure: a.pressure + (b.pressure - a.pressure) * share,
  };
}

function addDisc(context, { x, y, radius }) {
  context.moveTo(x + radius, y);
  context.arc(x, y, radius, 0, 2 * Math.PI);
  context.closePath();
}

/** Two discs and what lies between their common tangents; outlines all run the same way round. */
function addPiece(context, from, to) {
  const length = distance(from, to);
  if (length <= Math.abs(to.radius - from.radius)) {
    addDisc(context, to.radius > from.radius ? to : from);
    return;
  }
  const along = Math.atan2(to.y - from.y, to.x - from.x);
  const lean = Math.acos((from.radius - to.radius) / length);
  context.moveTo(to.x + to.radius * Math.cos(along - lean), to.y + to.radius * Math.sin(along - lean));
  context.arc(to.x, to.y, to.radius, along - lean, along + lean);
  context.arc(from.x, from.y, from.radius, along + lean, along - lean + 2 * Math.PI);
  context.closePath();
}

/**
 * The ink of some strokes alone, all others left out: black on white, read back, as coverage.
 *
 * They are drawn where they stand in the drawing: moved, even by whole pixels, their edges would be smoothed
 * a little otherwise than on the screen.
 *
 * @param {Stroke[]} strokes - of the drawing.
 * @param {number[]} group - indices into strokes, such as groupStrokes returns; at least one.
 * @param {{scale?: number}} [options] - scale: pixels of the result per CSS pixel, such as devicePixelRatio.
 * @returns {{coverage: Uint8Array, width: number, height: number, x: number, y: number}} coverage: width *
 *   height, 0 to 255; x, y: of its corner in the drawing, in its pixels (CSS pixels times scale). What lies
 *   beyond the drawing's upper or left edge is cut off.
 */
export function renderGroup(strokes, group, { scale = 1 } = {}) {
  const chosen = group.map((index) => strokes[index]);
  const box = boxOf(chosen);
  const [x, y] = [box.left, box.top].map((start) => Math.max(0, Math.floor(start * scale) - MARGIN));
  const width = Math.max(1, Math.ceil(box.right * scale) + MARGIN - x);
  const height = Math.max(1, Math.ceil(box.bottom * scale) + MARGIN - y);
  const context = sheetOf(x + width + ROOM, y + height + ROOM);
  context.setTransform(1, 0, 0, 1, 0, 0);
  context.fillStyle = "#fff";
  context.fillRect(x, y, width, height);
  context.setTransform(scale, 0, 0, scale, 0, 0);
  context.fillStyle = "#000";
  for (const stroke of chosen) drawStroke(context, stroke);
  const pixels = context.getImageData(x, y, width, height).data;
  return { coverage: coverageOfDrawing(pixels, width, height), width, height, x, y };
}

let sheet = null; // kept, for a new canvas takes longer than the drawing

/** A context on which there is room for so many pixels. */
function sheetOf(width, height) {
  if (!sheet || sheet.canvas.width < width || sheet.canvas.height < height) {
    const canvas = new OffscreenCanvas(
      Math.max(width, sheet?.canvas.width ?? 0),
      Math.max(height, sheet?.canvas.height ?? 0),
    );
    sheet = canvas.getContext("2d", { willReadFrequently: true });
  }
  return sheet;
}

/**
 * The box around the ink of strokes, CSS pixels.
 *
 * @param {Stroke[]} strokes - at least one.
 * @returns {{left: number, top: number, right: number, bottom: number}}
 */
export function boxOf(strokes) {
  const box = { left: Infinity, top: Infinity, right: -Infinity, bottom: -Infinity };
  for (const stroke of strokes) {
    for (const { x, y, pressure } of stroke.points) {
      const radius = widthAt(stroke, pressure) / 2;
      box.left = Math.min(box.left, x - radius);
      box.right = Math.max(box.right, x + radius);
      box.top = Math.min(box.top, y - radius);
      box.bottom = Math.max(box.bottom, y + radius);
    }
  }
  return box;
}
