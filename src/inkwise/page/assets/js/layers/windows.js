/** Where a kernel or a pooling window lies on the maps: the geometry that both share. */

/**
 * Count the places of a window along one axis, as PyTorch does (floor).
 *
 * @param {number} size of the axis, padding included
 * @param {{kernel: number, stride: number, dilation?: number}} window
 */
export function numPlaces(size, { kernel, stride, dilation = 1 }) {
  return Math.floor((size - dilation * (kernel - 1) - 1) / stride) + 1;
}

/**
 * Find the place that a number in a layer's output stands for.
 *
 * @param {number} unit index in the flat output
 * @param {number[]} shape [channels, rows, columns]
 * @returns {[number, number, number]} channel, row, column
 */
export function placeOf(unit, [, rows, columns]) {
  return [Math.floor(unit / (rows * columns)), Math.floor(unit / columns) % rows, unit % columns];
}

/** @returns {string} "5x5" */
export function by([rows, columns]) {
  return `${rows}x${columns}`;
}

/** @returns {string} "20 maps of 12x12" */
export function mapsInWords([channels, rows, columns]) {
  return `${channels} ${channels > 1 ? "maps" : "map"} of ${rows}x${columns}`;
}
