/** Linear layer, as PyTorch's Linear: an output is the sum of all inputs by its weights, plus its bias. */

import { sumOfProducts } from "inkwise/layers/formula.js";
import { multiplyVector } from "inkwise/layers/matrix.js";

/**
 * @param {import("inkwise/layers/entry.js").LayerEntry} entry
 * @returns {import("inkwise/layers/entry.js").Prepared}
 */
export function prepareLinear(entry) {
  const numInputs = entry.features();
  const { shape, data: weight } = entry.tensor("weight", 2);
  const [numOutputs] = shape;
  if (shape[1] !== numInputs) entry.refuse(`has weights [${shape}]`, entry.inputShape);
  const bias = entry.optionalVector("bias", numOutputs);
  return {
    outputShape: entry.checkOutput([numOutputs]),
    numParameters: weight.length + (bias?.length ?? 0),
    summary: `${numOutputs} sums, each of all ${numInputs} values by its own weights`,
    run: (input) => {
      const output = new Float32Array(numOutputs);
      multiplyVector(weight, input, { bias, output });
      return output;
    },
    explain: (input, unit) => {
      const weights = weight.slice(unit * numInputs, (unit + 1) * numInputs);
      const products = weights.map((value, index) => value * input[index]);
      const sum = sumOfProducts(input, weights, bias === null ? 0 : bias[unit]);
      return { inputs: input, weights, products, ...sum };
    },
  };
}
