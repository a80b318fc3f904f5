/**
 * Every layer of the classifier, in the order in which the image runs through them.
 * @module
 */
import { createLayer } from "inkwise/layer_views/layer.js";
import { endingOf, lessonOf } from "inkwise/layer_views/words.js";

/**
 * Return a view of all layers for the selected glyph.
 * @param {HTMLOListElement} list
 * @param {HTMLButtonElement} unfold opens and closes all
 * @returns {(scene: import("inkwise/scene/reading.js").Scene) => void}
 */
export function createLayerList(list, unfold) {
  let [shown, layers] = [null, []];
  const isAllOpen = () => layers.every(({ fold }) => fold.open);
  const name = () => (unfold.textContent = isAllOpen() ? "Fold all" : "Unfold all");
  unfold.addEventListener("click", () => {
    const open = !isAllOpen();
    layers.forEach(({ fold }) => (fold.open = open));
    name();
  });

  return (scene) => {
    const { classifier } = scene.inputs;
    if (classifier !== shown) {
      layers = build(classifier);
      layers.forEach(({ fold }) => fold.addEventListener("toggle", name));
      list.replaceChildren(...layers.map(({ item }) => item));
    }
    shown = classifier;
    const result = scene.glyphs[scene.selected]?.answer.result;
    layers.forEach((layer, index) => layer.show(result?.layers[index].data ?? null, scene));
  };
}

function build({ header, shapes, tensors, classes }) {
  return header.layers.map((layer, index) => {
    const [before, after] = [index ? shapes[index - 1] : [1, 28, 28], shapes[index]];
    const isAnswer = index === header.layers.length - 1 && after.length === 1 && after[0] === classes.length;
    return createLayer({
      index,
      kind: layer.kind,
      shape: after,
      lesson: lessonOf(layer, { before, after, tensors }) + (isAnswer ? endingOf(header.output) : ""),
      names: isAnswer ? classes : null,
    });
  });
}
