/**
 * Convolution, as PyTorch's Conv2d (cross-correlation): any padding, stride, dilation and groups.
 *
 * What the kernels see of the padded maps is copied out for two places at a time, then all kernels are
 * multiplied with it at once (matrix.js).
 */

import { sumOfProducts } from "inkwise/layers/formula.js";
import { COLUMNS, multiplyPacked, packRows, ROWS } from "inkwise/layers/matrix.js";
import { by, mapsInWords, numPlaces, placeOf } from "inkwise/layers/windows.js";

/**
 * @typedef {Object} Geometry
 * @property {[number, number, number]} inputShape
 * @property {[number, number, number]} outputShape
 * @property {[number, number]} kernel rows and columns, as the next three
 * @property {[number, number]} stride
 * @property {[number, number, number, number]} padding top, left, bottom, right
 * @property {[number, number]} dilation
 * @property {number} groups
 */

/**
 * @param {import("inkwise/layers/entry.js").LayerEntry} entry
 * @returns {import("inkwise/layers/entry.js").Prepared}
 */
export function prepareConv2d(entry) {
  const weight = entry.tensor("weight", 4);
  const bias = entry.optionalVector("bias", weight.shape[0]);
  const geometry = readGeometry(entry, weight.shape);
  const parameters = { weight: weight.data, bias, geometry };
  return {
    outputShape: geometry.outputShape,
    numParameters: weight.data.length + (bias?.length ?? 0),
    summary: summarise(geometry),
    run: makeRun(parameters),
    explain: (input, unit) => explainConv2d(input, unit, parameters),
  };
}

/** @returns {Geometry} */
function readGeometry(entry, [numKernels, channelsSeen, ...kernel]) {
  const [channels, rows, columns] = entry.maps();
  const stride = entry.wholeNumbers("stride", 2, 1);
  const padding = entry.wholeNumbers("padding", 4, 0);
  const dilation = entry.wholeNumbers("dilation", 2, 1);
  const { groups } = entry.fields;
  const isWhole = Number.isSafeInteger(groups) && groups >= 1;
  if (!isWhole || channelsSeen * groups !== channels || numKernels % groups !== 0) {
    const shape = [numKernels, channelsSeen, ...kernel];
    entry.refuse(`has weights [${shape}] in ${groups} groups`, entry.inputShape);
  }
  const [top, left, bottom, right] = padding;
  const padded = [rows + top + bottom, columns + left + right];
  entry.checkOutput([channels, ...padded]);
  const sizes = padded.map((size, axis) =>
    numPlaces(size, { kernel: kernel[axis], stride: stride[axis], dilation: dilation[axis] }),
  );
  const outputShape = entry.checkOutput([numKernels, ...sizes]);
  return { inputShape: entry.inputShape, outputShape, kernel, stride, padding, dilation, groups };
}

function summarise({ inputShape, outputShape, kernel, stride, padding, dilation, groups }) {
  const maps = `${inputShape[0]} to ${mapsInWords(outputShape)}`;
  const words = [`${outputShape[0]} convolutions ${by(kernel)}, ${maps}`];
  if (Math.max(...stride) > 1) words.push(`in steps of ${by(stride)}`);
  if (Math.max(...padding) > 0) words.push("zeros around the edges");
  if (Math.max(...dilation) > 1) words.push(`spread out by ${by(dilation)}`);
  if (groups > 1) words.push(`in ${groups} groups`);
  return words.join(", ");
}

/** Everything that does not depend on the image is made once, here. */
function makeRun({ weight, bias, geometry }) {
  const { outputShape, groups } = geometry;
  const numKernels = outputShape[0] / groups;
  const depth = weight.length / outputShape[0];
  const scene = makeScene(geometry);
  const work = {
    patches: new Float64Array(depth * COLUMNS),
    sums: new Float64Array(Math.ceil(numKernels / ROWS) * ROWS * COLUMNS),
    taps: listTaps(geometry, scene),
    corners: listCorners(geometry, scene),
  };
  const kernels = Array.from({ length: groups }, (_, group) =>
    packRows(weight.subarray(group * numKernels * depth, (group + 1) * numKernels * depth), numKernels),
  );
  return (input) => {
    scene.fill(input);
    const output = new Float32Array(outputShape[0] * work.corners.length);
    kernels.forEach((rows, group) => {
      const start = (group * scene.values.length) / groups;
      const first = group * numKernels;
      convolve(scene.values, rows, { ...work, bias, numKernels, first, start, output });
    });
    return output;
  };
}

/** The maps with their padding; the zeros stay, the middle is filled anew for each image. */
function makeScene({ inputShape: [channels, rows, columns], padding: [top, left, bottom, right] }) {
  const width = columns + left + right;
  const size = (rows + top + bottom) * width;
  const values = new Float64Array(channels * size);
  const fill = (input) => {
    for (let row = 0; row < channels * rows; row++) {
      const start = Math.floor(row / rows) * size + (top + (row % rows)) * width + left;
      for (let column = 0; column < columns; column++) values[start + column] = input[row * columns + column];
    }
  };
  return { values, width, size, fill };
}

/** @returns {Int32Array} how far each weight of a kernel reaches from the kernel's corner */
function listTaps({ inputShape, kernel, dilation, groups }, { width, size }) {
  const [numRows, numColumns] = kernel;
  const taps = new Int32Array((inputShape[0] / groups) * numRows * numColumns);
  return taps.map((_, k) => {
    const [channel, row, column] = placeOf(k, [0, numRows, numColumns]);
    return channel * size + row * dilation[0] * width + column * dilation[1];
  });
}

/** @returns {Int32Array} where the kernel's corner lies for each place of an output map */
function listCorners({ outputShape: [, rows, columns], stride }, { width }) {
  const corners = new Int32Array(rows * columns);
  return corners.map((_, place) => {
    const [, row, column] = placeOf(place, [1, rows, columns]);
    return row * stride[0] * width + column * stride[1];
  });
}

/** Convolve one group of channels: scene from start on, kernels from first on. */
function convolve(scene, kernels, { patches, sums, taps, corners, bias, numKernels, first, start, output }) {
  const numPlaces = corners.length;
  for (let place = 0; place < numPlaces; place += COLUMNS) {
    const isPair = place + 1 < numPlaces;
    const left = start + corners[place];
    const right = isPair ? start + corners[place + 1] : left;
    for (let k = 0, p = 0; k < taps.length; k++, p += COLUMNS) {
      patches[p] = scene[left + taps[k]];
      patches[p + 1] = scene[right + taps[k]];
    }
    multiplyPacked(kernels, patches, sums);
    for (let kernel = 0; kernel < numKernels; kernel++) {
      const offset = bias === null ? 0 : bias[first + kernel];
      const to = (first + kernel) * numPlaces + place;
      output[to] = sums[kernel * COLUMNS] + offset;
      if (isPair) output[to + 1] = sums[kernel * COLUMNS + 1] + offset;
    }
  }
}

/**
 * Work out one output: what the kernel sees of each input map, times its weights, plus the bias.
 *
 * @param {Float32Array} input of the layer
 * @param {number} unit index in the output
 * @returns {Object} `ConvolutionArithmetic` of explain.js
 */
function explainConv2d(input, unit, { weight, bias, geometry }) {
  const { inputShape, outputShape, kernel, groups } = geometry;
  const place = placeOf(unit, outputShape);
  const numSeen = inputShape[0] / groups;
  const firstSeen = Math.floor(place[0] / (outputShape[0] / groups)) * numSeen;
  const area = kernel[0] * kernel[1];
  const patches = Array.from({ length: numSeen }, (_, seen) => {
    const start = (place[0] * numSeen + seen) * area;
    const weights = weight.subarray(start, start + area);
    return cutPatch(input, weights, { channel: firstSeen + seen, place, geometry });
  });
  const inputs = Float32Array.from(patches.flatMap((patch) => [...patch.inputs]));
  const weights = Float32Array.from(patches.flatMap((patch) => [...patch.weights]));
  return { patches, ...sumOfProducts(inputs, weights, bias === null ? 0 : bias[place[0]]) };
}

function cutPatch(input, weights, { channel, place, geometry }) {
  const { inputShape, kernel, stride, padding, dilation } = geometry;
  const [, rows, columns] = inputShape;
  const row = place[1] * stride[0] - padding[0];
  const column = place[2] * stride[1] - padding[1];
  const inputs = weights.map((_, k) => {
    const y = row + Math.floor(k / kernel[1]) * dilation[0];
    const x = column + (k % kernel[1]) * dilation[1];
    const isInside = y >= 0 && y < rows && x >= 0 && x < columns;
    return isInside ? input[(channel * rows + y) * columns + x] : 0;
  });
  const products = inputs.map((value, k) => value * weights[k]);
  const sum = inputs.reduce((total, value, k) => total + value * weights[k], 0);
  return { channel, row, column, shape: kernel, dilation, inputs, weights, products, sum };
}
