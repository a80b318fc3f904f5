/** Functions without weights: ReLU, softmax and its logarithm, and flatten. */

import { decimal, signed } from "inkwise/layers/formula.js";
import { mapsInWords, placeOf } from "inkwise/layers/windows.js";

/**
 * @param {import("inkwise/layers/entry.js").LayerEntry} entry
 * @returns {import("inkwise/layers/entry.js").Prepared}
 */
export function prepareRelu(entry) {
  return {
    outputShape: entry.inputShape,
    numParameters: 0,
    summary: "negative values become 0",
    run: relu,
    explain: (input, unit) => {
      const value = Math.max(0, input[unit]);
      return { input: input[unit], value, formula: `max(0, ${decimal(input[unit])}) = ${decimal(value)}` };
    },
  };
}

function relu(input) {
  const output = new Float32Array(input.length);
  for (let i = 0; i < input.length; i++) {
    const value = input[i];
    output[i] = value > 0 ? value : 0;
  }
  return output;
}

/**
 * @param {import("inkwise/layers/entry.js").LayerEntry} entry
 * @returns {import("inkwise/layers/entry.js").Prepared}
 */
export function prepareSoftmax(entry) {
  const numClasses = entry.features();
  return {
    outputShape: entry.inputShape,
    numParameters: 0,
    summary: `${numClasses} probabilities, which add up to 1`,
    run: softmax,
    explain: (input, unit) => {
      const { power, total } = powers(input, unit);
      const value = power / total;
      return { input: input[unit], inputs: input, power, total, value, formula: `${share(input[unit], { power, total })} = ${decimal(value)}` };
    },
  };
}

/**
 * @param {import("inkwise/layers/entry.js").LayerEntry} entry
 * @returns {import("inkwise/layers/entry.js").Prepared}
 */
export function prepareLogSoftmax(entry) {
  const numClasses = entry.features();
  return {
    outputShape: entry.inputShape,
    numParameters: 0,
    summary: `the logarithms of ${numClasses} probabilities`,
    run: logSoftmax,
    explain: (input, unit) => {
      const { power, total } = powers(input, unit);
      const value = input[unit] - logOfTotal(input);
      const formula = `${decimal(input[unit])} - log(${decimal(total)}) = ${decimal(value)}`;
      return { input: input[unit], inputs: input, power, total, value, formula };
    },
  };
}

/**
 * @param {import("inkwise/layers/entry.js").LayerEntry} entry
 * @returns {import("inkwise/layers/entry.js").Prepared}
 */
export function prepareFlatten(entry) {
  const { inputShape } = entry;
  const count = inputShape.reduce((product, size) => product * size, 1);
  const words = inputShape.length === 3 ? mapsInWords(inputShape) : `${count} values`;
  return {
    outputShape: [count],
    numParameters: 0,
    summary: `${words} in one row of ${count} values`,
    run: (input) => input,
    explain: (input, unit) => {
      const from = inputShape.length === 3 ? placeOf(unit, inputShape) : [unit];
      return { input: input[unit], from, value: input[unit], formula: `value ${unit} = ${decimal(input[unit])}` };
    },
  };
}

/**
 * Turn numbers into probabilities: exp of each, over the sum of all.
 *
 * @param {Float32Array} logits
 * @returns {Float32Array} each in [0, 1], sum 1
 */
export function softmax(logits) {
  const highest = logits.reduce((one, other) => Math.max(one, other));
  const exponentials = Float64Array.from(logits, (logit) => Math.exp(logit - highest));
  const total = exponentials.reduce((sum, value) => sum + value, 0);
  return Float32Array.from(exponentials, (value) => value / total);
}

function logSoftmax(logits) {
  const total = logOfTotal(logits);
  return logits.map((logit) => logit - total);
}

/** The logarithm of the sum of exp of each; by the largest, whose exp alone could be beyond all numbers. */
function logOfTotal(logits) {
  const highest = logits.reduce((one, other) => Math.max(one, other));
  return highest + Math.log(logits.reduce((sum, logit) => sum + Math.exp(logit - highest), 0));
}

function powers(logits, unit) {
  return { power: Math.exp(logits[unit]), total: logits.reduce((sum, logit) => sum + Math.exp(logit), 0) };
}

function share(logit, { power, total }) {
  return `exp(${decimal(logit)}) / sum of all exp = ${signed(power)} / ${signed(total)}`;
}
