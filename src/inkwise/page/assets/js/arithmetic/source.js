/**
 * The input map that a convolution looks at, with a frame around what it sees.
 * @module
 */
import { frame, layTiles, paintMaps } from "inkwise/layer_views/maps.js";

const SIDE = 150; // CSS pixels

/**
 * Draw one map of a layer's input.
 * @param {HTMLCanvasElement} canvas
 * @param {{shape: number[], data: Float32Array}} input
 * @param {Object} how
 * @param {import("inkwise/network/explain.js").Patch} how.patch
 * @param {import("inkwise/layer_views/colours.js").Scale} how.scale
 */
export function paintSource(canvas, { shape, data }, { patch, scale }) {
  const [, rows, columns] = shape;
  const map = data.subarray(patch.channel * rows * columns, (patch.channel + 1) * rows * columns);
  const tiles = layTiles([1, rows, columns], SIDE, { tile: SIDE });
  paintMaps(canvas, map, { tiles, scale });
  const [high, wide] = patch.shape.map((size, axis) => ((size - 1) * patch.dilation[axis] + 1) * tiles.cell);
  frame(canvas.getContext("2d"), [patch.column * tiles.cell, patch.row * tiles.cell], wide, high);
}
