/**
 * A layer's output as tiles, a map a tile: for convolutions and what follows them. A long row of numbers is
 * shown as one map of several rows.
 * @module
 */
import { fitCanvas } from "inkwise/dom.js";
import { placeOf } from "inkwise/layer_views/colours.js";

const GAP = 3; // CSS pixels between tiles
const sheet = document.createElement("canvas"); // where values become pixels, before they are enlarged

/**
 * @typedef {Object} Tiles how maps lie on a canvas
 * @property {number} maps
 * @property {number} rows of one map
 * @property {number} columns of one map
 * @property {number} across tiles beside each other
 * @property {number} cell CSS pixels of one value
 * @property {number} width CSS pixels of all
 * @property {number} height
 */

/**
 * Return how maps fit into a width.
 * @param {number[]} shape (maps, rows, columns)
 * @param {number} width CSS pixels there are
 * @param {{tile: number, most?: number}} wish tile: about how wide a map is to be; most: rows of tiles
 * @returns {Tiles}
 */
export function layTiles([maps, rows, columns], width, { tile, most = Infinity }) {
  const fit = Math.max(1, Math.floor((width + GAP) / (tile + GAP)));
  const across = Math.min(maps, most === Infinity ? evenly(maps, fit) : fit);
  const cell = Math.min((width - (across - 1) * GAP) / across / columns, (2 * tile) / columns);
  const shown = Math.min(maps, across * most);
  const down = Math.ceil(shown / across);
  const [wide, high] = [across * (columns * cell + GAP) - GAP, down * (rows * cell + GAP) - GAP];
  return { maps: shown, rows, columns, across, cell, width: wide, height: high };
}

/** Return a number of tiles a row, at most fit, that leaves the last row full where there is one. */
function evenly(maps, fit) {
  for (let across = Math.min(fit, maps); across >= 0.75 * fit; across -= 1) {
    if (maps % across === 0) return across;
  }
  return fit;
}

/**
 * Draw maps in the colours of a scale.
 * @param {HTMLCanvasElement} canvas
 * @param {Float32Array} values
 * @param {{tiles: Tiles, scale: import("inkwise/layer_views/colours.js").Scale, marks?: number[]}} how
 */
export function paintMaps(canvas, values, { tiles, scale, marks = [] }) {
  const { maps, rows, columns, across, cell, width, height } = tiles;
  const context = fitCanvas(canvas, width, height);
  fillSheet(values, { maps, rows, columns, scale });
  context.imageSmoothingEnabled = false;
  for (let map = 0; map < maps; map += 1) {
    const [x, y] = cornerOf(map, tiles);
    context.drawImage(sheet, 0, map * rows, columns, rows, x, y, columns * cell, rows * cell);
  }
  for (const mark of marks) frame(context, cellAt(mark, tiles), cell);
}

function fillSheet(values, { maps, rows, columns, scale }) {
  [sheet.width, sheet.height] = [columns, maps * rows];
  const context = sheet.getContext("2d");
  const picture = context.createImageData(columns, maps * rows);
  const pixels = new Uint32Array(picture.data.buffer);
  const most = Math.min(pixels.length, values.length);
  for (let index = 0; index < most; index += 1) pixels[index] = scale.colours[placeOf(scale, values[index])];
  context.putImageData(picture, 0, 0);
}

function cornerOf(map, { across, rows, columns, cell }) {
  const [column, row] = [map % across, Math.floor(map / across)];
  return [column * (columns * cell + GAP), row * (rows * cell + GAP)];
}

function cellAt(index, tiles) {
  const { rows, columns, cell } = tiles;
  const inMap = index % (rows * columns);
  const [x, y] = cornerOf(Math.floor(index / (rows * columns)), tiles);
  return [x + (inMap % columns) * cell, y + Math.floor(inMap / columns) * cell];
}

/** A light line in a dark one: seen on every colour. */
export function frame(context, [x, y], width, height = width) {
  for (const [colour, line] of [["#000000", 4], ["#ffffff", 2]]) {
    context.strokeStyle = colour;
    context.lineWidth = line;
    context.strokeRect(x - 1, y - 1, width + 2, height + 2);
  }
}

/** Return the value at a place in CSS pixels, null between the tiles. @param {Tiles} tiles */
export function locateInMaps({ maps, rows, columns, across, cell }, x, y) {
  const [wide, high] = [columns * cell + GAP, rows * cell + GAP];
  const [tileX, tileY] = [Math.floor(x / wide), Math.floor(y / high)];
  const [column, row] = [Math.floor((x - tileX * wide) / cell), Math.floor((y - tileY * high) / cell)];
  const map = tileY * across + tileX;
  const isInside = tileX >= 0 && tileX < across && map >= 0 && map < maps && column < columns && row >= 0 && row < rows;
  return isInside ? (map * rows + row) * columns + column : null;
}

/** Return the neighbour of a value; past the edge of a map comes the next map. @param {Tiles} tiles */
export function stepInMaps({ maps, rows, columns, across }, index, [dx, dy]) {
  if (index === null) return Math.floor(rows / 2) * columns + Math.floor(columns / 2);
  let map = Math.floor(index / (rows * columns));
  let row = Math.floor((index % (rows * columns)) / columns) + dy;
  let column = (index % columns) + dx;
  const turn = (column < 0 ? -1 : column >= columns ? 1 : 0) + across * (row < 0 ? -1 : row >= rows ? 1 : 0);
  if (map + turn < 0 || map + turn >= maps) return index;
  map += turn;
  row = (row + rows) % rows;
  column = (column + columns) % columns;
  return (map * rows + row) * columns + column;
}
