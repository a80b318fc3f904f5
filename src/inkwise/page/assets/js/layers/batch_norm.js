/** Batch normalisation in use, as PyTorch's BatchNorm1d and BatchNorm2d in evaluation mode. */

import { decimal, signed } from "inkwise/layers/formula.js";

/**
 * @param {import("inkwise/layers/entry.js").LayerEntry} entry
 * @returns {import("inkwise/layers/entry.js").Prepared}
 */
export function prepareBatchNorm(entry) {
  const { inputShape } = entry;
  const [channels, rows = 1, columns = 1] = inputShape;
  const statistics = readStatistics(entry, channels);
  const size = rows * columns;
  const what = inputShape.length === 3 ? "maps" : "values";
  return {
    outputShape: inputShape,
    numParameters: 2 * channels,
    summary: `each of ${channels} ${what} shifted and scaled as training found`,
    run: (input) => normalise(input, size, statistics),
    explain: (input, unit) => explainBatchNorm(input[unit], Math.floor(unit / size), statistics),
  };
}

function readStatistics(entry, channels) {
  const statistics = { epsilon: entry.positive("epsilon") };
  for (const key of ["weight", "bias", "mean", "variance"]) statistics[key] = entry.vector(key, channels);
  if (statistics.variance.some((variance) => variance < 0)) {
    entry.refuse("has a variance below 0", entry.inputShape);
  }
  return statistics;
}

function normalise(input, size, { weight, bias, mean, variance, epsilon }) {
  const output = new Float32Array(input.length);
  for (let channel = 0; channel < mean.length; channel++) {
    const scale = weight[channel] / Math.sqrt(variance[channel] + epsilon);
    const shift = bias[channel] - mean[channel] * scale;
    for (let i = channel * size; i < (channel + 1) * size; i++) output[i] = input[i] * scale + shift;
  }
  return output;
}

/** @returns {Object} `BatchNormArithmetic` of explain.js */
function explainBatchNorm(input, channel, { weight, bias, mean, variance, epsilon }) {
  const spread = Math.sqrt(variance[channel] + epsilon);
  const value = ((input - mean[channel]) / spread) * weight[channel] + bias[channel];
  const numbers = { input, mean: mean[channel], variance: variance[channel], epsilon, spread };
  const formula =
    `(${decimal(input)} - ${signed(mean[channel])}) / ${decimal(spread)} x ${signed(weight[channel])}` +
    ` + ${signed(bias[channel])} = ${decimal(value)}`;
  return { channel, ...numbers, weight: weight[channel], bias: bias[channel], value, formula };
}
