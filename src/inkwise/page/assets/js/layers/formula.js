/** Sums of products as numbers and as one line of text, for the arithmetic of a value. */

const NUM_TERMS = 3; // written out; the others are added up

/**
 * @typedef {Object} Term one product of a sum
 * @property {number} index of the product among all
 * @property {number} input
 * @property {number} weight
 * @property {number} product
 *
 * @typedef {Object} SumOfProducts
 * @property {Term[]} largest the products farthest from 0, at most 12, the farthest first
 * @property {number} sum of all products, added in float64
 * @property {number} bias 0 where the layer has none
 * @property {number} value sum + bias
 * @property {string} formula "1.000 x 2.000 + 1 other: 2.000 + bias 0.500 = 4.500"
 */

const NUM_LARGEST = 12;

/**
 * @param {Float32Array} inputs
 * @param {Float32Array} weights as many
 * @param {number} bias
 * @returns {SumOfProducts}
 */
export function sumOfProducts(inputs, weights, bias) {
  const products = Array.from(inputs, (input, index) => input * weights[index]);
  const sum = products.reduce((total, product) => total + product, 0);
  const sizes = products.map(Math.abs);
  const order = [...products.keys()].sort((one, other) => sizes[other] - sizes[one]);
  const largest = order.slice(0, NUM_LARGEST).map((index) => ({
    index,
    input: inputs[index],
    weight: weights[index],
    product: products[index],
  }));
  const value = sum + bias;
  const formula = writeSum(largest, { sum, bias, value, count: products.length });
  return { largest, sum, bias, value, formula };
}

function writeSum(largest, { sum, bias, value, count }) {
  const terms = largest.slice(0, NUM_TERMS);
  const words = terms.map(({ input, weight }) => `${signed(input)} x ${signed(weight)}`);
  const numOthers = count - terms.length;
  if (numOthers > 0) {
    const rest = terms.reduce((left, { product }) => left - product, sum);
    words.push(`${numOthers} ${numOthers > 1 ? "others" : "other"}: ${signed(rest)}`);
  }
  words.push(`bias ${signed(bias)}`);
  return `${words.join(" + ")} = ${decimal(value)}`;
}

/** @returns {string} three decimals, or powers of ten for what they cannot show; no "-0.000" */
export function decimal(value) {
  const size = Math.abs(value);
  if (size !== 0 && (size < 0.0005 || size >= 1e6)) return value.toExponential(2);
  return value.toFixed(3);
}

/** @returns {string} the same, in brackets where negative, to stand behind an operator */
export function signed(value) {
  const text = decimal(value);
  return text.startsWith("-") ? `(${text})` : text;
}
