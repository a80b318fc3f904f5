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
    explain: (input, unit) => explainSoftmax(input, unit),
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
    explain: (input, unit) => explainLogSoftmax(input, unit),
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
      const value = input[unit];
      return { input: value, from, value, formula: `value ${unit} = ${decimal(value)}` };
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

/** @returns {Object} `FunctionArithmetic` of explain.js */
function explainSoftmax(logits, unit) {
  const logTotal = logOfTotal(logits);
  const [input, power, total] = [logits[unit], Math.exp(logits[unit]), Math.exp(logTotal)];
  const value = Math.exp(input - logTotal);
  // Of large numbers exp is beyond all numbers; the difference of their logarithms never is.
  const words = Number.isFinite(total)
    ? `exp(${decimal(input)}) / the sum of exp of all = ${decimal(power)} / ${decimal(total)}`
    : `exp(${decimal(input)} - ${signed(logTotal)})`;
  return { input, inputs: logits, power, total, value, formula: `${words} = ${decimal(value)}` };
}

/** @returns {Object} `FunctionArithmetic` of explain.js */
function explainLogSoftmax(logits, unit) {
  const { input, power, total, ...rest } = explainSoftmax(logits, unit);
  const value = input - logOfTotal(logits);
  const sum = Number.isFinite(total) ? `log(${decimal(total)})` : signed(logOfTotal(logits));
  return { ...rest, input, power, total, value, formula: `${decimal(input)} - ${sum} = ${decimal(value)}` };
}
