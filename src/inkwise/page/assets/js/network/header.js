/**
 * What a classifier file says of itself: its classes, its preprocessing and its layers.
 *
 * The layers themselves are checked one by one where the network is made of them (network.js).
 */

import { ClassifierError } from "inkwise/network/classifier_error.js";
import { readSafetensors } from "inkwise/network/safetensors.js";

const NEWEST_FORMAT = 2;
const MOST_LAYERS = 500;
const OUTPUTS = ["logits", "log_probabilities", "probabilities"];

/**
 * @typedef {Object} Header the JSON under the metadata key "inkwise", beside other keys
 * @property {number} format
 * @property {"logits" | "log_probabilities" | "probabilities"} output what the last layer returns
 * @property {{mean: number, std: number}} preprocessing a pixel becomes (pixel / 255 - mean) / std
 * @property {string[]} classes
 * @property {Object[]} layers in the order in which they run
 * @property {Object<string, number>} metrics
 * @property {Object} provenance
 *
 * @typedef {{header: Header, tensors: Map<string, import("inkwise/network/safetensors.js").Tensor>}} Parsed
 */

/**
 * Read a classifier file, classifier.safetensors of a run.
 *
 * @param {ArrayBuffer} buffer the whole file
 * @returns {Parsed}
 * @throws {ClassifierError} the file is cut short, altered, foreign, too old or too new
 */
export function parseClassifier(buffer) {
  const { metadata, tensors } = readSafetensors(buffer);
  if (typeof metadata.inkwise !== "string") {
    throw new ClassifierError(
      "a safetensors file, but not an inkwise classifier (its header has no 'inkwise' entry); " +
        "expected the classifier.safetensors of a run",
    );
  }
  return { header: checkHeader(parseText(metadata.inkwise)), tensors };
}

function parseText(text) {
  try {
    return JSON.parse(text);
  } catch {
    return refuse("the text", "not JSON");
  }
}

/** @returns {Header} */
function checkHeader(raw) {
  if (typeof raw !== "object" || raw === null) refuse("the text", "not an object");
  checkFormat(raw.format);
  checkLayers(raw.layers ?? []);
  if (!OUTPUTS.includes(raw.output)) refuse("output", `not one of ${OUTPUTS.join(", ")}`);
  const { classes } = raw;
  if (!Array.isArray(classes) || classes.length < 2 || !classes.every((name) => typeof name === "string")) {
    refuse("classes", "not a list of at least two names");
  }
  const preprocessing = checkPreprocessing(raw.preprocessing);
  return { ...raw, preprocessing, metrics: raw.metrics ?? {}, provenance: raw.provenance ?? {} };
}

/** A file of format 1 has no list of layers; that of a network which is no chain is empty. */
function checkLayers(layers) {
  if (!Array.isArray(layers) || layers.length > MOST_LAYERS) {
    refuse("layers", `not a list of at most ${MOST_LAYERS}`);
  }
  if (layers.length === 0) {
    throw new ClassifierError(
      "the file names no layers, expected those of format 2: load the run with this inkwise and save it " +
        "again (a network that is no chain of layers cannot run in a page)",
    );
  }
}

function checkFormat(format) {
  if (!Number.isSafeInteger(format) || format < 1) refuse("format", "not a whole number of at least 1");
  if (format > NEWEST_FORMAT) {
    throw new ClassifierError(
      `format ${format}, this page reads up to ${NEWEST_FORMAT}; make the page with a newer inkwise`,
    );
  }
}

function checkPreprocessing(raw) {
  const { mean = 0, std = 1 } = raw ?? {};
  if (typeof mean !== "number" || !(mean >= 0 && mean <= 1)) refuse("preprocessing.mean", "not in [0, 1]");
  if (typeof std !== "number" || !(std > 0 && std <= 1)) refuse("preprocessing.std", "not in (0, 1]");
  return { mean, std };
}

function refuse(where, fault) {
  throw new ClassifierError(
    `the header of the classifier is not as expected (${where}: ${fault}); ` +
      "the file was altered, take another copy",
  );
}
