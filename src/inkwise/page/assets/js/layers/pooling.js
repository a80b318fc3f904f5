/** Pooling, as PyTorch's MaxPool2d (its padding never wins), AvgPool2d and AdaptiveAvgPool2d(1). */

import { decimal, signed } from "inkwise/layers/formula.js";
import { by, mapsInWords, numPlaces, placeOf } from "inkwise/layers/windows.js";

/**
 * @param {import("inkwise/layers/entry.js").LayerEntry} entry
 * @returns {import("inkwise/layers/entry.js").Prepared}
 */
export function prepareMaxPool2d(entry) {
  const geometry = readGeometry(entry);
  return {
    ...poolingOf(geometry, largest),
    summary: `the largest of each ${by(geometry.kernel)} values, ${mapsInWords(geometry.outputShape)}`,
    explain: explainBy(explainLargest, geometry),
  };
}

/**
 * @param {import("inkwise/layers/entry.js").LayerEntry} entry
 * @returns {import("inkwise/layers/entry.js").Prepared}
 */
export function prepareAvgPool2d(entry) {
  const geometry = readGeometry(entry);
  if (Math.max(...geometry.padding) > 0) {
    entry.refuse(`has padding [${geometry.padding}], expected none`, entry.inputShape);
  }
  return {
    ...poolingOf(geometry, mean),
    summary: `the mean of each ${by(geometry.kernel)} values, ${mapsInWords(geometry.outputShape)}`,
    explain: explainBy(explainMean, geometry),
  };
}

/**
 * @param {import("inkwise/layers/entry.js").LayerEntry} entry
 * @returns {import("inkwise/layers/entry.js").Prepared}
 */
export function prepareGlobalAvgPool2d(entry) {
  const [channels, ...size] = entry.maps();
  const shapes = { inputShape: entry.inputShape, outputShape: [channels, 1, 1] };
  const geometry = { ...shapes, kernel: size, stride: [1, 1], padding: [0, 0] };
  return {
    ...poolingOf(geometry, mean),
    summary: `the mean of each of the ${channels} maps`,
    explain: explainBy(explainMean, geometry),
  };
}

function readGeometry(entry) {
  const [channels, ...size] = entry.maps();
  const kernel = entry.wholeNumbers("kernel", 2, 1);
  const stride = entry.wholeNumbers("stride", 2, 1);
  const padding = entry.wholeNumbers("padding", 2, 0);
  if (padding.some((width, axis) => width > kernel[axis] / 2)) {
    const most = `at most half of its kernel [${kernel}]`;
    entry.refuse(`has padding [${padding}], expected ${most}`, entry.inputShape);
  }
  const sizes = size.map((length, axis) =>
    numPlaces(length + 2 * padding[axis], { kernel: kernel[axis], stride: stride[axis] }),
  );
  const outputShape = entry.checkOutput([channels, ...sizes]);
  return { inputShape: entry.inputShape, outputShape, kernel, stride, padding };
}

/** What all poolings have; reduce makes one value of a window. */
function poolingOf(geometry, reduce) {
  const { outputShape, inputShape } = geometry;
  const count = outputShape[0] * outputShape[1] * outputShape[2];
  const windows = Array.from({ length: count }, (_, unit) => windowOf(unit, geometry));
  const run = (input) => {
    const output = new Float32Array(count);
    for (let unit = 0; unit < count; unit++) output[unit] = reduce(input, inputShape[2], windows[unit]);
    return output;
  };
  return { outputShape, numParameters: 0, run };
}

/**
 * Find the window of a unit without its padding: what lies outside the map never counts.
 *
 * @returns {{channel: number, first: number, top: number, bottom: number, left: number, right: number}}
 *     rows from top to before bottom, counted from the channel's first row, which is row `first` of all maps
 */
function windowOf(unit, { inputShape: [, rows, columns], outputShape, kernel, stride, padding }) {
  const [channel, row, column] = placeOf(unit, outputShape);
  const y = row * stride[0] - padding[0];
  const x = column * stride[1] - padding[1];
  const [top, bottom] = [Math.max(y, 0), Math.min(y + kernel[0], rows)];
  const [left, right] = [Math.max(x, 0), Math.min(x + kernel[1], columns)];
  return { channel, first: channel * rows, top, bottom, left, right };
}

function largest(input, columns, { first, top, bottom, left, right }) {
  let value = input[(first + top) * columns + left];
  for (let row = first + top; row < first + bottom; row++) {
    for (let i = row * columns + left; i < row * columns + right; i++) if (input[i] > value) value = input[i];
  }
  return value;
}

function mean(input, columns, { first, top, bottom, left, right }) {
  let sum = 0;
  for (let row = first + top; row < first + bottom; row++) {
    for (let i = row * columns + left; i < row * columns + right; i++) sum += input[i];
  }
  return sum / ((bottom - top) * (right - left));
}

function explainBy(explain, geometry) {
  const columns = geometry.inputShape[2];
  return (input, unit) => explainWindow(input, columns, { window: windowOf(unit, geometry), explain });
}

/** @returns {Object} `PoolingArithmetic` of explain.js */
function explainWindow(input, columns, { window, explain }) {
  const { channel, first, top, bottom, left, right } = window;
  const shape = [bottom - top, right - left];
  const inputs = new Float32Array(shape[0] * shape[1]).map((_, k) => {
    const row = first + top + Math.floor(k / shape[1]);
    return input[row * columns + left + (k % shape[1])];
  });
  return { channel, row: top, column: left, shape, inputs, ...explain(inputs) };
}

function explainLargest(inputs) {
  const value = inputs.reduce((one, other) => Math.max(one, other));
  const formula = `largest of ${listed(inputs)} = ${decimal(value)}`;
  return { chosen: inputs.indexOf(value), value, formula };
}

function explainMean(inputs) {
  const sum = inputs.reduce((total, value) => total + value, 0);
  const value = sum / inputs.length;
  return { chosen: null, value, formula: `(${addends(inputs)}) / ${inputs.length} = ${decimal(value)}` };
}

const MOST_LISTED = 9;

function listed(inputs) {
  return inputs.length > MOST_LISTED ? `${inputs.length} values` : [...inputs].map(decimal).join(", ");
}

function addends(inputs) {
  return inputs.length > MOST_LISTED ? `sum of ${inputs.length} values` : [...inputs].map(signed).join(" + ");
}
