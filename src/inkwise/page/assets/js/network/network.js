/**
 * The network as a chain of layers, and one image on its way through it.
 *
 * Values are float32 and lie row by row, as PyTorch's, without the batch axis: a layer's shape is
 * [channels, rows, columns] or [features]. Each layer's own output is kept, so that it can be shown; none is
 * merged with its neighbour for speed.
 */

import { LayerEntry } from "inkwise/layers/entry.js";
import { prepareLayer } from "inkwise/layers/kinds.js";
import { softmax } from "inkwise/layers/activations.js";
import { ClassifierError } from "inkwise/network/classifier_error.js";

const IMAGE_SIZE = 28;
const NUM_PIXELS = IMAGE_SIZE * IMAGE_SIZE;

/**
 * @typedef {Object} Layer what a layer is, the same for every image
 * @property {number} index 0 for the first
 * @property {string} name its path in the network, "0" or "conv1"
 * @property {string} kind "conv2d", "linear" ...; as in the file
 * @property {number[]} inputShape
 * @property {number[]} shape of what it puts out
 * @property {number} numParameters weights and biases, those too that no training changes
 * @property {string} summary what it does, in words
 *
 * @typedef {Layer & {run: Function, explain: Function}} PreparedLayer
 *
 * @typedef {Object} Network
 * @property {import("inkwise/network/header.js").Header} header
 * @property {string[]} classes
 * @property {PreparedLayer[]} layers
 * @property {number} numParameters of all layers
 * @property {Float32Array} pixelValues what each grey level, 0 to 255, becomes
 *
 * @typedef {Layer & {data: Float32Array}} LayerResult a layer with what it put out for one image
 *
 * @typedef {Object} Result
 * @property {Float32Array} probabilities one for each class, sum 1
 * @property {number} label the class of the largest probability
 * @property {{shape: number[], data: Float32Array}} input what the first layer takes, preprocessed
 * @property {LayerResult[]} layers in the order in which they ran
 */

/**
 * Check a parsed classifier file as a whole and make it ready to run.
 *
 * @param {import("inkwise/network/header.js").Parsed} parsed of parseClassifier
 * @returns {Network}
 * @throws {ClassifierError} a layer does not fit its tensors, or what comes in
 */
export function prepareNetwork({ header, tensors }) {
  const layers = [];
  let inputShape = [1, IMAGE_SIZE, IMAGE_SIZE];
  header.layers.forEach((fields, index) => {
    const entry = new LayerEntry(fields, { index, inputShape, tensors });
    const { outputShape: shape, ...prepared } = prepareLayer(entry);
    layers.push({ index, name: entry.name, kind: entry.kind, inputShape, shape, ...prepared });
    inputShape = shape;
  });
  if (inputShape.length !== 1 || inputShape[0] !== header.classes.length) {
    throw new ClassifierError(
      `the last layer puts out [${inputShape}], expected [${header.classes.length}], one value a class`,
    );
  }
  const numParameters = layers.reduce((sum, layer) => sum + layer.numParameters, 0);
  const values = pixelValues(header.preprocessing);
  return { header, classes: header.classes, layers, numParameters, pixelValues: values };
}

/** Scale in float32 and in the order of the file's description, so that not even the last bit differs. */
function pixelValues({ mean, std }) {
  return new Float32Array(256).map((_, pixel) =>
    Math.fround(Math.fround(Math.fround(pixel / 255) - Math.fround(mean)) / Math.fround(std)),
  );
}

/**
 * Run the network on one image.
 *
 * @param {Network} network
 * @param {Uint8Array | Uint8ClampedArray} image 784 grey levels, 28 rows of 28: ink 255, ground 0
 * @returns {Result}
 * @throws {ClassifierError} the image is none of 784 bytes
 */
export function forward(network, image) {
  const input = { shape: [1, IMAGE_SIZE, IMAGE_SIZE], data: preprocess(network, image) };
  let data = input.data;
  const layers = network.layers.map(({ run, explain, ...layer }) => {
    data = run(data);
    return { ...layer, data };
  });
  const probabilities = toProbabilities(data, network.header.output);
  return { probabilities, label: indexOfLargest(probabilities), input, layers };
}

function preprocess({ pixelValues }, image) {
  const isBytes = image instanceof Uint8Array || image instanceof Uint8ClampedArray;
  if (!isBytes || image.length !== NUM_PIXELS) {
    const given = isBytes ? `${image.length} bytes` : Object.prototype.toString.call(image);
    const expected = `a Uint8Array of ${NUM_PIXELS} (28 rows of 28)`;
    throw new ClassifierError(`the image is ${given}, expected ${expected}`);
  }
  return Float32Array.from(image, (pixel) => pixelValues[pixel]);
}

function toProbabilities(outputs, convention) {
  if (convention === "logits") return softmax(outputs);
  return convention === "log_probabilities" ? outputs.map(Math.exp) : outputs.slice();
}

function indexOfLargest(values) {
  return values.reduce((best, value, index) => (value > values[best] ? index : best), 0);
}
