/**
 * What the page was given: its configuration, and the classifiers in it.
 * @module
 */
import { forward, parseClassifier, prepareNetwork } from "inkwise/classifier.js";

const DEFAULT_ACCEPT_PROBABILITY = 0.9; // of a classifier that was never calibrated

/**
 * @typedef {Object} Entry one classifier on offer
 * @property {string} title
 * @property {string} [url] of its safetensors file
 * @property {string} [data] the file itself, in base64
 * @property {number} [accuracy] share of the test images that it recognises
 * @property {Object<string, string>} [details] names and values to tell about it
 *
 * @typedef {Object} Config
 * @property {"server"|"offline"} mode
 * @property {boolean} [corrections] false: the server keeps none
 * @property {Entry[]} classifiers
 *
 * @typedef {Object} Loaded a classifier that can answer
 * @property {Entry} entry
 * @property {Object} header of its file
 * @property {Object} network as prepareNetwork returns it
 * @property {string[]} classes
 * @property {number} acceptProbability below which it would rather ask
 * @property {boolean} isCalibrated whether that was measured; else it is a guess, as in Python
 * @property {Map<string, {shape: number[], data: Float32Array}>} tensors
 * @property {number[][]} shapes of what each layer puts out, without N
 * @property {number} numBytes of its file
 */

/** Return the configuration that stands in the page. @returns {Config} */
export function readConfig() {
  const block = document.getElementById("inkwise-config");
  const config = block ? JSON.parse(block.textContent) : {};
  if (!Array.isArray(config.classifiers) || config.classifiers.length === 0) {
    throw new Error("This page was made without a classifier. Make it again: inkwise export RUN --to page FILE");
  }
  return config;
}

/**
 * Return a classifier ready to answer.
 * @param {Entry} entry
 * @returns {Promise<Loaded>}
 */
export async function loadClassifier(entry) {
  const bytes = entry.data === undefined ? await fetchBytes(entry) : bytesOf(entry.data);
  try {
    return ready(entry, bytes);
  } catch (error) {
    throw new Error(
      `The classifier “${entry.title}” cannot be used: ${error.message}. ` +
        "Save it again with this version of inkwise, or choose another.",
    );
  }
}

function ready(entry, bytes) {
  const parsed = parseClassifier(bytes);
  const { header } = parsed;
  const network = prepareNetwork(parsed);
  const first = forward(network, new Uint8Array(784)); // the first run is slow: better now than under the pen
  return {
    entry,
    header,
    network,
    tensors: parsed.tensors,
    shapes: first.layers.map(shapeOf),
    classes: header.classes,
    acceptProbability: header.metrics?.accept_probability ?? DEFAULT_ACCEPT_PROBABILITY,
    isCalibrated: header.metrics?.accept_probability !== undefined,
    numBytes: bytes.byteLength,
  };
}

/** Return the shape of a layer's output without N. */
function shapeOf({ shape }) {
  return shape.length === 4 || shape.length === 2 ? shape.slice(1) : [...shape];
}

async function fetchBytes(entry) {
  let response;
  try {
    response = await fetch(entry.url);
  } catch {
    throw lost(entry, "the server does not answer. Is it running? Then load the page again.");
  }
  if (!response.ok) {
    throw lost(entry, `the server answers ${response.status}. Load the page again, or choose another.`);
  }
  return response.arrayBuffer();
}

function lost({ title }, why) {
  return new Error(`The classifier “${title}” did not arrive: ${why}`);
}

function bytesOf(base64) {
  const text = atob(base64);
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i += 1) bytes[i] = text.charCodeAt(i);
  return bytes.buffer;
}
