/**
 * How one layer's values are drawn: maps as tiles, a long row of numbers as one map, a short one as bars.
 * @module
 */
import { layTiles, locateInMaps, paintMaps, stepInMaps } from "inkwise/layer_views/maps.js";
import { locateInStrip, paintStrip, stepInStrip } from "inkwise/layer_views/strip.js";

const MOST_BARS = 512;
const STRIP_HEIGHT = 150;
const PREVIEW_HEIGHT = 34; // of a desk; larger for a projector, as the page's words are

/**
 * @typedef {Object} Plot
 * @property {boolean} isBars
 * @property {(canvas: HTMLCanvasElement, values: Float32Array, how: Object) => void} paint
 * @property {(canvas: HTMLCanvasElement, values: Float32Array, how: Object) => void} preview in one row
 * @property {(x: number, y: number) => number|null} locate the value at a place
 * @property {(index: number|null, dx: number, dy: number) => number} step its neighbour
 *
 * Return how a layer of a shape is drawn.
 * @param {number[]} shape without N
 * @param {string[]|null} names of its values
 * @returns {Plot}
 */
export function plotOf(shape, names) {
  const count = shape.reduce((product, side) => product * side, 1);
  const isMaps = shape.length === 3 && shape[1] * shape[2] > 1;
  if (isMaps) return mapPlot(shape);
  return count > MOST_BARS ? mapPlot(foldRow(count)) : stripPlot(count, names);
}

/** Return rows and columns for a long row of numbers: as near to four times as wide as high as divides it. */
function foldRow(count) {
  let best = [1, 1, count];
  for (let rows = 2; rows * rows <= count; rows += 1) {
    if (count % rows === 0 && count / rows >= 4 * rows) best = [1, rows, count / rows];
  }
  return best;
}

function mapPlot(shape) {
  let tiles = null;
  const isSingle = shape[0] === 1;
  return {
    isBars: false,
    paint(canvas, values, { width, scale, marks }) {
      tiles = layTiles(shape, width, { tile: isSingle ? singleTile(shape, width) : tileOf(shape) });
      paintMaps(canvas, values, { tiles, scale, marks });
    },
    preview(canvas, values, { width, scale }) {
      const height = PREVIEW_HEIGHT * unit();
      const row = layTiles(shape, width, { tile: (height * shape[2]) / shape[1], most: 1 });
      paintMaps(canvas, values, { tiles: resized(row, height / shape[1], width), scale });
    },
    locate: (x, y) => (tiles ? locateInMaps(tiles, x, y) : null),
    step: (index, dx, dy) => (tiles ? stepInMaps(tiles, index, [dx, dy]) : 0),
  };
}

/** Return how large the page's words are, 1 on a phone; drawings grow with them. */
function unit() {
  return parseFloat(getComputedStyle(document.documentElement).fontSize) / 16;
}

/** Return about how wide a map is to be, in CSS pixels: the more columns, the wider. */
function tileOf([, , columns]) {
  return unit() * Math.min(130, Math.max(44, 7 * columns));
}

function singleTile([, , columns], width) {
  return Math.min(width, columns > 40 ? 900 : 300) / 2;
}

/** Return a single row of tiles with cells of another size, as many as fit. */
function resized(tiles, wanted, width) {
  const cell = Math.min(wanted, width / tiles.columns);
  const maps = Math.max(1, Math.min(tiles.maps, Math.floor((width + 3) / (tiles.columns * cell + 3))));
  const wide = maps * (tiles.columns * cell + 3) - 3;
  return { ...tiles, cell, maps, across: maps, width: wide, height: tiles.rows * cell };
}

function stripPlot(count, names) {
  let drawn = 0;
  return {
    isBars: true,
    paint(canvas, values, { width, scale, marks }) {
      drawn = Math.min(width, Math.max(320, count * (names ? 70 : 16)) * unit());
      paintStrip(canvas, values, { width: drawn, height: STRIP_HEIGHT * unit(), scale, names, marks });
    },
    preview(canvas, values, { width, scale }) {
      const narrow = Math.min(width, Math.max(120, count * 10) * unit());
      paintStrip(canvas, values, { width: narrow, height: PREVIEW_HEIGHT * unit(), scale });
    },
    locate: (x) => (drawn ? locateInStrip({ count, width: drawn }, x) : null),
    step: (index, dx, dy) => stepInStrip({ count }, index, [dx, dy]),
  };
}
