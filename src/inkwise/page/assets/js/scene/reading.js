/**
 * From the inputs to the scene: strokes become groups, groups images, images results. Nothing is computed
 * twice: a digit that did not change keeps its image, and an image its result.
 * @module
 */
import { createGlyphs } from "inkwise/drawing/glyphs.js";
import { PAPER } from "inkwise/drawing/strokes.js";
import { forward } from "inkwise/classifier.js";

const LEAST = 0.25; // as in Python: a mark whose likeliest digit is less likely than this is none

/**
 * @typedef {Object} Answer
 * @property {number} label index of the likeliest class
 * @property {string} name of it
 * @property {number} probability
 * @property {Float32Array} probabilities
 * @property {string[]} classes their names
 * @property {Object} result as forward returns it
 * @property {boolean} isDigit false: so unlike all classes that it is likely none of them
 * @property {boolean} isAccepted
 *
 * @typedef {Object} Glyph one digit
 * @property {{x: number, y: number, width: number, height: number}} box in units of the scene's area
 * @property {Uint8Array} image 28 x 28
 * @property {Answer} answer of the classifier
 * @property {Answer|null} other of the one it is compared with
 * @property {string} name what it was read as
 * @property {number} probability
 * @property {boolean} isDigit false where it is left out of the lines
 * @property {boolean} isAccepted false where it would rather ask
 *
 * @typedef {Object} Scene what the views show
 * @property {Glyph[]} glyphs in reading order
 * @property {number} selected index into glyphs; -1 where there are none
 * @property {string[]} lines the names of the glyphs, line by line
 * @property {{width: number, height: number}} area
 * @property {boolean} isPicture
 * @property {import("inkwise/scene/state.js").Inputs} inputs
 */

/** Return a function from inputs to scene that remembers what it has computed. */
export function createReading() {
  const glyphsOf = createGlyphs();
  const results = new WeakMap(); // network -> (image -> result)

  function resultOf(network, image) {
    if (!results.has(network)) results.set(network, new WeakMap());
    const known = results.get(network);
    if (!known.has(image)) known.set(image, forward(network, image));
    return known.get(image);
  }

  function answerOf(classifier, image) {
    return classifier && toAnswer(classifier, resultOf(classifier.network, image));
  }

  return (inputs) => {
    const seen = inputs.picture ? fromPicture(inputs.picture) : fromPaper(glyphsOf(allStrokes(inputs)));
    const glyphs = seen.glyphs.map((glyph) => {
      const answer = answerOf(inputs.classifier, glyph.image);
      const other = answerOf(inputs.compared, glyph.image);
      const { name, probability, isDigit, isAccepted } = glyph.read ?? answer;
      return { ...glyph, answer, other, name, probability, isDigit, isAccepted };
    });
    const lines = seen.lines ?? linesOf(glyphs);
    const selected = Math.min(selectedOf(inputs, glyphs), glyphs.length - 1);
    return { glyphs, lines, selected, area: seen.area, isPicture: Boolean(inputs.picture), inputs };
  };
}

function fromPaper(glyphs) {
  return { glyphs, lines: null, area: PAPER };
}

function fromPicture({ glyphs, lines, area }) {
  return { glyphs, lines, area };
}

/**
 * Return the strokes on the paper, the one under the pen last.
 * @param {import("inkwise/scene/state.js").Inputs} inputs
 */
export function allStrokes({ drawing, current }) {
  return current ? [...drawing.strokes, current] : drawing.strokes;
}

/** Where nothing was chosen, the digit that the pen drew last. */
function selectedOf({ selected, picture }, glyphs) {
  if (selected !== null || picture) return selected ?? 0;
  const ages = glyphs.map((glyph) => Math.max(...glyph.strokes.map((stroke) => stroke.id)));
  return ages.indexOf(Math.max(...ages));
}

/** Digits are read as one word, longer names one by one. */
function linesOf(glyphs) {
  const numLines = glyphs.reduce((most, { line }) => Math.max(most, line + 1), 0);
  return Array.from({ length: numLines }, (_, number) => {
    const names = glyphs.filter(({ line, isDigit }) => line === number && isDigit).map(({ name }) => name);
    return names.join(names.every((name) => name.length === 1) ? "" : ", ");
  });
}

function toAnswer({ classes, acceptProbability, isCalibrated }, result) {
  const { probabilities } = result;
  const label = probabilities.reduce((best, value, index) => (value > probabilities[best] ? index : best), 0);
  const probability = probabilities[label];
  const isAccepted = probability >= acceptProbability;
  // One that was never taught what is no digit is unsure of much that is one.
  const name = classes[label];
  const named = isCalibrated ? nameGlyph(name, probability) : { name, isDigit: true };
  return { ...named, label, probability, probabilities, classes, result, isAccepted };
}

/** Return the name of a glyph, × where it is likely nothing. @param {string} name @param {number} probability */
export function nameGlyph(name, probability) {
  const isDigit = probability >= LEAST;
  return { name: isDigit ? name : "×", isDigit };
}
