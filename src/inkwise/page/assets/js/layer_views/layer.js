/**
 * One layer of the list: a line with a small picture of its values, and folded into it the values in large,
 * their scale, and how any of them is worked out.
 * @module
 */
import { element } from "inkwise/dom.js";
import { say } from "inkwise/answer/say.js";
import { createArithmetic } from "inkwise/arithmetic/arithmetic.js";
import { listenToCells } from "inkwise/cells.js";
import { scaleOf } from "inkwise/layer_views/colours.js";
import { plotOf } from "inkwise/layer_views/plot.js";
import { createLegend } from "inkwise/layer_views/legend.js";
import { placeWords, shapeWords, titleOf } from "inkwise/layer_views/words.js";

/**
 * Return a list item for a layer and the function that shows values in it.
 * @param {Object} about
 * @param {number} about.index in the order in which the layers run; -1 is the input
 * @param {string} about.kind
 * @param {number[]} about.shape of its output, without N
 * @param {string} about.lesson what it does, one sentence
 * @param {string[]|null} about.names of its values, where they stand for classes
 * @returns {{item: HTMLElement, show: (values: Float32Array|null, scene: Object) => void}}
 */
export function createLayer({ index, kind, shape, lesson, names }) {
  const plot = plotOf(shape, names);
  const [preview, canvas] = [element("canvas", { class: "preview", "aria-hidden": "true" }), chart(shape)];
  const { legend, show: showLegend } = createLegend(plot.isBars);
  const readout = element("output", { class: "readout" });
  const arithmetic = createArithmetic(index, (unit) => placeWords(unit, shape, names));
  const fold = element("details", {}, summaryOf({ index, kind, shape, preview }));
  const hint = element("p", { class: "aside" }, "Choose a value to see how it is worked out.");
  const parts = [element("p", {}, lesson), element("div", { class: "chart" }, canvas), legend, readout, hint];
  fold.append(element("div", { class: "inside" }, ...parts, arithmetic.holder));
  const item = element("li", { class: "layer" }, fold);

  let [values, scene, pointed, chosen] = [null, null, null, null];
  const isNear = watchNearness(item, () => paint());

  function paint() {
    if (!values) return;
    const scale = scaleOf(values);
    plot.preview(preview, values, { width: preview.parentElement.clientWidth, scale });
    if (!fold.open) return;
    const marks = [chosen, pointed].filter((mark) => mark !== null);
    plot.paint(canvas, values, { width: canvas.parentElement.clientWidth, scale, marks });
    showLegend(scale);
    tell();
  }

  function tell() {
    const unit = pointed ?? chosen;
    readout.textContent = unit === null ? "" : `${placeWords(unit, shape, names)}: ${say.number(values[unit])}`;
    hint.hidden = chosen !== null;
    arithmetic.show(chosen, scene);
  }

  listenToCells(canvas, {
    locate: plot.locate,
    step: plot.step,
    point: (unit) => unit !== pointed && ((pointed = unit), paint()),
    choose: (unit) => ((chosen = unit), paint()),
  });
  fold.addEventListener("toggle", paint);

  return {
    item,
    fold,
    show(newValues, newScene) {
      [values, scene] = [newValues, newScene];
      item.classList.toggle("blank", !values);
      if (!values && chosen !== null) arithmetic.show(null, scene);
      if (isNear() || !scene.inputs.current) paint();
    },
  };
}

/** Return whether an element is on the screen or nearly so: while the pen moves, only such a layer is drawn. */
function watchNearness(element, enter) {
  let isNear = false;
  const watch = ([entry]) => {
    isNear = entry.isIntersecting;
    if (isNear) enter();
  };
  new IntersectionObserver(watch, { rootMargin: "200px" }).observe(element);
  return () => isNear;
}

function chart(shape) {
  const words = `${shapeWords(shape)}. The arrow keys choose a value.`;
  return element("canvas", { tabindex: 0, role: "application", "aria-label": words });
}

function summaryOf({ index, kind, shape, preview }) {
  const number = element("span", { class: "step", "aria-hidden": "true" }, index < 0 ? "" : String(index + 1));
  const [title, size] = [element("b", {}, titleOf(kind)), element("small", {}, shapeWords(shape))];
  const words = element("span", { class: "title" }, title, " ", size);
  return element("summary", {}, number, words, element("span", { class: "small-picture" }, preview));
}
