/**
 * The arithmetic of one value of one layer: what came in, what it was multiplied with, what came of it.
 *
 * Every kind of layer explains itself in its own file in layers/; here is what they return.
 */

import { ClassifierError } from "inkwise/network/classifier_error.js";

/**
 * What every explanation has.
 *
 * @typedef {Object} Arithmetic
 * @property {string} kind of the layer
 * @property {string} name of the layer
 * @property {number} layerIndex
 * @property {number} unit index in the layer's data
 * @property {number[]} place [channel, row, column] or [feature] in the layer's output
 * @property {number} value as worked out here, in float64
 * @property {number} recorded what the layer put out, in float32; equal to value within its rounding
 * @property {string} formula the sum as one line of text, "1.000 x 2.000 + bias 0.500 = 2.500"
 */

/**
 * conv2d: value = the sum over all patches of inputs x weights, + bias.
 *
 * @typedef {Object} Patch what the kernel sees of one input map
 * @property {number} channel of the input
 * @property {number} row of the patch's first value in the input map; negative in the padding above it
 * @property {number} column likewise
 * @property {[number, number]} shape rows and columns of the kernel
 * @property {[number, number]} dilation distance of neighbouring values in the input map, 1 unless spread out
 * @property {Float32Array} inputs rows x columns; 0 in the padding
 * @property {Float32Array} weights rows x columns
 * @property {Float32Array} products inputs x weights
 * @property {number} sum of the products
 *
 * @typedef {import("inkwise/layers/formula.js").SumOfProducts} SumOfProducts an index in `largest` counts
 *     through the patches: patch floor(index / area), place index % area in it
 * @typedef {Arithmetic & SumOfProducts & {patches: Patch[]}} ConvolutionArithmetic
 */

/**
 * linear: value = the sum of inputs x weights, + bias.
 *
 * @typedef {Object} Row
 * @property {Float32Array} inputs all that comes in
 * @property {Float32Array} weights as many
 * @property {Float32Array} products inputs x weights
 *
 * @typedef {Arithmetic & SumOfProducts & Row} LinearArithmetic
 */

/**
 * max_pool2d, avg_pool2d, global_avg_pool2d: value = the largest, or the mean, of inputs.
 *
 * @typedef {Object} Window
 * @property {number} channel of the input and the output
 * @property {number} row of the window's first value in the input map
 * @property {number} column likewise
 * @property {[number, number]} shape rows and columns; what lies outside the map is left out
 * @property {Float32Array} inputs rows x columns
 * @property {number | null} chosen index in inputs of the largest; null for a mean
 *
 * @typedef {Arithmetic & Window} PoolingArithmetic
 */

/**
 * batch_norm: value = (input - mean) / spread x weight + bias, spread = sqrt(variance + epsilon).
 *
 * @typedef {Arithmetic & {channel: number, input: number, mean: number, variance: number, epsilon: number,
 *     spread: number, weight: number, bias: number}} BatchNormArithmetic
 */

/**
 * relu: value = max(0, input). flatten: value = input, from the place `from` of what comes in.
 * softmax: value = power / total, power = exp(input), total = the sum of exp of all inputs (infinity where
 * the numbers are large; value is right all the same). log_softmax: value = input - log(total).
 *
 * @typedef {Arithmetic & {input: number, from?: number[], inputs?: Float32Array, power?: number,
 *     total?: number}} FunctionArithmetic
 */

/**
 * Work out one value of one layer.
 *
 * @param {import("inkwise/network/network.js").Network} network
 * @param {import("inkwise/network/network.js").Result} result of forward with this network
 * @param {number} layerIndex from 0
 * @param {number} unit index in the layer's data, from 0
 * @returns {ConvolutionArithmetic | LinearArithmetic | PoolingArithmetic | BatchNormArithmetic |
 *     FunctionArithmetic}
 * @throws {ClassifierError} there is no such layer or value
 */
export function explainPixel(network, result, layerIndex, unit) {
  const layer = network.layers[layerIndex];
  if (layer === undefined) {
    throw new ClassifierError(`no layer ${layerIndex}, expected 0 to ${network.layers.length - 1}`);
  }
  const output = result.layers[layerIndex].data;
  if (!Number.isInteger(unit) || unit < 0 || unit >= output.length) {
    const last = output.length - 1;
    throw new ClassifierError(`layer ${layerIndex} has no value ${unit}, expected 0 to ${last}`);
  }
  const input = layerIndex === 0 ? result.input.data : result.layers[layerIndex - 1].data;
  return {
    kind: layer.kind,
    name: layer.name,
    layerIndex,
    unit,
    place: placeIn(layer.shape, unit),
    recorded: output[unit],
    ...layer.explain(input, unit),
  };
}

function placeIn(shape, unit) {
  const place = [];
  for (const size of [...shape].reverse()) {
    place.unshift(unit % size);
    unit = Math.floor(unit / size);
  }
  return place;
}
