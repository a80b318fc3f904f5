/**
 * One entry of the file's list of layers, read field by field: each number and each tensor is checked.
 *
 * Shapes are without the batch axis: [channels, rows, columns] or [features].
 */

import { ClassifierError } from "inkwise/network/classifier_error.js";

const MOST_VALUES = 2 ** 22; // that one layer may put out; more is no network for 28x28 images

/**
 * What a layer is, once it is checked against what comes in.
 *
 * @typedef {Object} Prepared
 * @property {number[]} outputShape
 * @property {number} numParameters weights and biases, those too that no training changes
 * @property {string} summary what it does, in words
 * @property {(input: Float32Array) => Float32Array} run
 * @property {(input: Float32Array, unit: number, output: Float32Array) => Object} explain the arithmetic of
 *     output[unit]; see explain.js
 */

export class LayerEntry {
  /**
   * @param {Object} fields as in the file
   * @param {{index: number, inputShape: number[], tensors: Map<string, Object>}} place
   */
  constructor(fields, { index, inputShape, tensors }) {
    const isObject = typeof fields === "object" && fields !== null;
    this.fields = isObject ? fields : {};
    this.inputShape = inputShape;
    this.tensors = tensors;
    this.kind = String(this.fields.kind);
    this.name = typeof this.fields.name === "string" ? this.fields.name : String(index);
    this.words = `layer ${index} (${this.kind} ${JSON.stringify(this.name)})`;
  }

  /** @returns {[number, number, number]} channels, rows and columns of what comes in */
  maps() {
    if (this.inputShape.length !== 3) this.refuse("takes maps", this.inputShape);
    return this.inputShape;
  }

  /** @returns {number} how many values come in, in one row */
  features() {
    if (this.inputShape.length !== 1) this.refuse("takes one row of values", this.inputShape);
    return this.inputShape[0];
  }

  /** @returns {number[]} count whole numbers, each least or more */
  wholeNumbers(key, count, least) {
    const numbers = this.fields[key];
    const fits = (number) => Number.isSafeInteger(number) && number >= least;
    if (!Array.isArray(numbers) || numbers.length !== count || !numbers.every(fits)) {
      throw new ClassifierError(
        `${this.words}: ${key} is ${JSON.stringify(numbers)}, ` +
          `expected ${count} whole numbers of at least ${least}`,
      );
    }
    return numbers;
  }

  /** @returns {number} a number above 0 */
  positive(key) {
    const number = this.fields[key];
    if (typeof number !== "number" || !(number > 0)) {
      const given = JSON.stringify(number);
      throw new ClassifierError(`${this.words}: ${key} is ${given}, expected a number above 0`);
    }
    return number;
  }

  /** @returns {{shape: number[], data: Float32Array}} the tensor that the field names, of numAxes axes */
  tensor(key, numAxes) {
    const name = this.fields[key];
    const tensor = this.tensors.get(name);
    if (tensor === undefined) {
      throw new ClassifierError(
        `${this.words}: its ${key} ${JSON.stringify(name)} is not in the file as F32 or F16; ` +
          "take another copy",
      );
    }
    if (tensor.shape.length !== numAxes || tensor.data.length === 0) {
      throw new ClassifierError(
        `${this.words}: its ${key} has shape [${tensor.shape}], expected ${numAxes} axes, none empty`,
      );
    }
    return tensor;
  }

  /** @returns {Float32Array} length numbers: the tensor that the field names */
  vector(key, length) {
    const { data } = this.tensor(key, 1);
    if (data.length !== length) {
      throw new ClassifierError(`${this.words}: its ${key} has ${data.length} numbers, expected ${length}`);
    }
    return data;
  }

  /** @returns {Float32Array | null} the same, or null where the field is null */
  optionalVector(key, length) {
    return this.fields[key] === null ? null : this.vector(key, length);
  }

  /** @returns {number[]} shape, if it is one that a layer can put out */
  checkOutput(shape) {
    const count = shape.reduce((product, size) => product * size, 1);
    if (!shape.every((size) => size >= 1) || count > MOST_VALUES) {
      this.refuse(`would put out [${shape}]`, this.inputShape);
    }
    return shape;
  }

  refuse(what, shape) {
    throw new ClassifierError(`${this.words} ${what}, but [${shape}] comes in; the file was altered`);
  }
}
