/** Pooling, as PyTorch's MaxPool2d (floor, padded by nothing that wins), AvgPool2d and AdaptiveAvgPool2d(1). */

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
    explain: (input, unit) => explainWindow(input, windowOf(unit, geometry), explainLargest),
  };
}

/**
 * @param {import("inkwise/layers/entry.js").LayerEntry} entry
 * @returns {import("inkwise/layers/entry.js").Prepared}
 */
export function prepareAvgPool2d(entry) {
  const geometry = readGeometry(entry);
  if (Math.max(...geometry.padding) > 0) entry.refuse(`has padding [${geometry.padding}], expected none`, entry.inputShape);
  return {
    ...poolingOf(geometry, mean),
    summary: `the mean of each ${by(geometry.kernel)} values, ${mapsInWords(geometry.outputShape)}`,
    explain: (input, unit) => explainWindow(input, windowOf(unit, geometry), explainMean),
  };
}

/**
 * @param {import("inkwise/layers/entry.js").LayerEntry} entry
 * @returns {import("inkwise/layers/entry.js").Prepared}
 */
export function prepareGlobalAvgPool2d(entry) {
  const [channels, ...size] = entry.maps();
  const geometry = { inputShape: entry.inputShape, outputShape: [channels, 1, 1], kernel: size };
  Object.assign(geometry, { stride: [1, 1], padding: [0, 0] });
  return {
    ...poolingOf(geometry, mean),
    summary: `the mean of each of the ${channels} maps`,
    explain: (input, unit) => explainWindow(input, windowOf(unit, geometry), explainMean),
  };
}

function readGeometry(entry) {
  const [channels, ...size] = entry.maps();
  const kernel = entry.wholeNumbers("kernel", 2, 1);
  const stride = entry.wholeNumbers("stride", 2, 1);
  const padding = entry.wholeNumbers("padding", 2, 0);
  if (padding.some((width, axis) => width > kernel[axis] / 2)) {
    entry.refuse(`has padding [${padding}], expected at most half of its kernel [${kernel}]`, entry.inputShape);
  }
  const sizes = size.map((length, axis) =>
    numPlaces(length + 2 * padding[axis], { kernel: kernel[axis], stride: stride[axis] }),
  );
  return { inputShape: entry.inputShape, outputShape: entry.checkOutput([channels, ...sizes]), kernel, stride, padding };
}

function poolingOf(geometry, reduce) {
  const { outputShape, inputShape } = geometry;
  const count = outputShape[0] * outputShape[1] * outputShape[2];
  // Four numbers a unit: first row, end row, first column, end column, channels counted as rows.
  const windows = new Int32Array(count * 4);
  for (let unit = 0; unit < count; unit++) windows.set(edgesOf(unit, geometry), unit * 4);
  const columns = inputShape[2];
  const run = (input) => {
    const output = new Float32Array(count);
    for (let unit = 0, w = 0; unit < count; unit++, w += 4) {
      output[unit] = reduce(input, columns, { top: windows[w], bottom: windows[w + 1], left: windows[w + 2], right: windows[w + 3] });
    }
    return output;
  };
  return { outputShape, numParameters: 0, run };
}

/** The window of a unit without its padding: what lies outside the map never counts. */
function windowOf(unit, geometry) {
  const [top, bottom, left, right] = edgesOf(unit, geometry);
  const [, rows, columns] = geometry.inputShape;
  return { channel: placeOf(unit, geometry.outputShape)[0], rows, columns, top, bottom, left, right };
}

function edgesOf(unit, { inputShape: [, rows, columns], outputShape, kernel, stride, padding }) {
  const [channel, row, column] = placeOf(unit, outputShape);
  const y = row * stride[0] - padding[0];
  const x = column * stride[1] - padding[1];
  const first = channel * rows;
  return [first + Math.max(y, 0), first + Math.min(y + kernel[0], rows), Math.max(x, 0), Math.min(x + kernel[1], columns)];
}

function largest(input, columns, { top, bottom, left, right }) {
  let value = input[top * columns + left];
  for (let row = top; row < bottom; row++) {
    for (let i = row * columns + left; i < row * columns + right; i++) if (input[i] > value) value = input[i];
  }
  return value;
}

function mean(input, columns, { top, bottom, left, right }) {
  let sum = 0;
  for (let row = top; row < bottom; row++) {
    for (let i = row * columns + left; i < row * columns + right; i++) sum += input[i];
  }
  return sum / ((bottom - top) * (right - left));
}

/** @returns {Object} `PoolingArithmetic` of explain.js */
function explainWindow(input, { channel, rows, columns, top, bottom, left, right }, explain) {
  const shape = [bottom - top, right - left];
  const inputs = new Float32Array(shape[0] * shape[1]).map(
    (_, k) => input[(top + Math.floor(k / shape[1])) * columns + left + (k % shape[1])],
  );
  return { channel, row: top - channel * rows, column: left, shape, inputs, ...explain(inputs) };
}

function explainLargest(inputs) {
  const value = inputs.reduce((one, other) => Math.max(one, other));
  return { chosen: inputs.indexOf(value), value, formula: `largest of ${listed(inputs)} = ${decimal(value)}` };
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
