/**
 * The one state of the page. Everything flows one way: what a person does changes the inputs, the inputs are
 * read (strokes, groups, images, results), and the views show the scene that this gives.
 * @module
 */

const LONGEST_REST = 200; // milliseconds
const LATEST = 400;

/**
 * @typedef {Object} Inputs everything that a person can change
 * @property {import("inkwise/drawing/strokes.js").History} drawing
 * @property {import("inkwise/drawing/strokes.js").Stroke|null} current the stroke under the pen
 * @property {Object|null} picture what the server read, or null while there is paper
 * @property {number} selected which glyph the views look into
 * @property {import("inkwise/scene/config.js").Loaded} classifier
 * @property {import("inkwise/scene/config.js").Loaded|null} compared
 */

/**
 * Return the state: inputs to change, and views that are shown each new scene, at most one a frame.
 * @template Scene
 * @param {Inputs} start
 * @param {(inputs: Inputs) => Scene} see from inputs to what is to be shown
 */
export function createState(start, see) {
  let inputs = start;
  let isWaiting = false;
  let [ended, took] = [0, 0]; // milliseconds: of the latest scene
  const views = [];

  function show() {
    if (!isWaiting) return;
    isWaiting = false;
    const began = performance.now();
    const scene = see(inputs);
    for (const view of views) view(scene);
    ended = performance.now();
    took = ended - began;
  }

  function wait() {
    if (isWaiting) return;
    isWaiting = true;
    // The pen comes first: reading takes at most half of the time, but is never put off for long.
    const rest = Math.max(0, ended + Math.min(took, LONGEST_REST) - performance.now());
    setTimeout(() => {
      requestAnimationFrame(show);
      setTimeout(show, LATEST); // a window in the background is given no frames
    }, rest);
  }

  return {
    /** Return the inputs as they are. @returns {Inputs} */
    inputs: () => inputs,
    /** Change some inputs; the views follow. @param {Partial<Inputs>} change */
    change(change) {
      inputs = { ...inputs, ...change };
      wait();
    },
    /** Show each scene from now on to view. @param {(scene: Scene) => void} view */
    watch(view) {
      views.push(view);
      wait();
    },
    /** Show the scene again: the page changed its size or its colours. */
    again: wait,
  };
}
