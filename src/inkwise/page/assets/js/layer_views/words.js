/**
 * What each layer is and does, in a title and a plain sentence.
 * @module
 */
import { say } from "inkwise/answer/say.js";

const TITLES = {
  conv2d: "Convolution",
  batch_norm: "Batch normalisation",
  relu: "ReLU",
  max_pool2d: "Max pooling",
  avg_pool2d: "Mean pooling",
  global_avg_pool2d: "Mean of each map",
  flatten: "Flatten",
  linear: "Linear",
  softmax: "Softmax",
  log_softmax: "Log-softmax",
};

/** Return the title of a kind of layer. @param {string} kind */
export function titleOf(kind) {
  return TITLES[kind] ?? kind;
}

/** Return a shape in words: 32 maps of 28 × 28, or 128 numbers. @param {number[]} shape */
export function shapeWords(shape) {
  if (shape.length === 1 || (shape[1] === 1 && shape[2] === 1)) return `${say.count(shape[0])} numbers`;
  const [channels, rows, columns] = shape;
  return channels === 1 ? `one picture of ${rows} × ${columns}` : `${channels} maps of ${rows} × ${columns}`;
}

/**
 * Return what a layer does, for those who meet it for the first time.
 * @param {Object} layer of the header
 * @param {number[]} before shape of its input
 * @param {number[]} after shape of its output
 * @param {Map<string, {shape: number[]}>} tensors
 */
export function lessonOf(layer, { before, after, tensors }) {
  const lesson = LESSONS[layer.kind];
  return lesson ? lesson({ layer, before, after, tensors }) : "";
}

const by = (sides) => sides.join(" × ");
const size = (shape) => shape.reduce((product, side) => product * side, 1);

const LESSONS = {
  conv2d: ({ layer, after, tensors }) => {
    const [, , ...kernel] = tensors.get(layer.weight).shape;
    return (
      `${after[0]} small patterns of ${by(kernel)} weights are laid on every place of the picture: ` +
      "where it looks like the pattern, the output is high."
    );
  },
  batch_norm: ({ after }) =>
    `Each ${after.length > 1 ? "map" : "number"} is shifted and scaled by what it was like in training, ` +
    "so that all of them lie in a similar range.",
  relu: () => "What lies below 0 becomes 0, the rest stays. Without it, layer after layer would still be one sum.",
  max_pool2d: ({ layer }) =>
    `Of every ${by(layer.kernel)} values only the largest is kept: the picture shrinks, and where exactly ` +
    "a stroke lies matters less.",
  avg_pool2d: ({ layer }) => `Of every ${by(layer.kernel)} values the mean is kept: the picture shrinks.`,
  global_avg_pool2d: () => "Of each map only the mean is kept: how much of its pattern there is, wherever it lies.",
  flatten: ({ after }) => `No value changes: the maps are laid out as one row of ${say.count(size(after))} numbers.`,
  linear: ({ before, after }) =>
    `Each of the ${say.count(after[0])} outputs adds up all ${say.count(size(before))} inputs, ` +
    "each times its own weight, and a bias.",
  softmax: () => "The numbers become probabilities: each lies between 0 and 1, and together they are 1.",
  log_softmax: () => "The numbers become logarithms of probabilities: the nearer to 0, the likelier the class.",
};

/** Return how the last layer's numbers become probabilities. @param {string} output of the header */
export function endingOf(output) {
  const softmax = " Softmax makes the probabilities of them: e to the power of each, as a share of their sum.";
  if (output === "logits") return softmax;
  return output === "log_probabilities" ? " e to the power of each is its probability." : "";
}

/**
 * Return where a value stands: "Map 3, row 4, column 5" or "Number 7".
 * @param {number} index
 * @param {number[]} shape
 * @param {string[]|null} classes
 */
export function placeWords(index, shape, classes = null) {
  if (shape.length === 1 || (shape[1] === 1 && shape[2] === 1)) {
    return classes ? `Class ${classes[index]}` : `Number ${index}`;
  }
  const [, rows, columns] = shape;
  const inMap = index % (rows * columns);
  const map = shape[0] > 1 ? `Map ${Math.floor(index / (rows * columns))}, row` : "Row";
  return `${map} ${Math.floor(inMap / columns)}, column ${inMap % columns}`;
}
