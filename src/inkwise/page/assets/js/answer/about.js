/**
 * Which classifier this is: how good it is and where it comes from, folded away until somebody asks.
 * @module
 */
import { element } from "inkwise/dom.js";
import { say } from "inkwise/answer/say.js";

/**
 * Return a view that tells about the classifier of a scene, and the one it is compared with.
 * @param {HTMLElement} holder
 * @returns {(scene: import("inkwise/scene/reading.js").Scene) => void}
 */
export function createAbout(holder) {
  let shown = [];
  return ({ inputs }) => {
    const classifiers = [inputs.classifier, inputs.compared].filter(Boolean);
    const isShown = classifiers.every((classifier, index) => classifier === shown[index]);
    if (isShown && classifiers.length === shown.length) return;
    shown = classifiers;
    holder.replaceChildren(...classifiers.map(tell));
  };
}

function listed(...words) {
  return words.filter(Boolean).join(", ");
}

function tell(classifier) {
  const facts = factsOf(classifier).map(([name, value]) =>
    element("div", {}, element("dt", {}, name), element("dd", {}, value)),
  );
  const summary = element("summary", {}, "About the classifier ", element("b", {}, classifier.entry.title));
  return element("details", { class: "about" }, summary, element("dl", { class: "facts" }, ...facts));
}

function factsOf({ entry, header, classes, acceptProbability, isCalibrated, numBytes, network }) {
  const { provenance = {}, metrics = {}, recipe } = header;
  const { num_train: numTrain, inkwise, commit } = provenance;
  const facts = [
    ["Recognises", classes.join(", ")],
    ["Right on test images", entry.accuracy === undefined ? null : say.percent(entry.accuracy)],
    ["Right on validation images", metrics.validation_accuracy ? say.percent(metrics.validation_accuracy) : null],
    ["Would rather ask", isCalibrated ? `below ${say.percent(acceptProbability)}` : null],
    ["Learned parameters", say.count(network.numParameters)],
    ["Recipe", [provenance.recipe, recipe?.summary].filter(Boolean).join(": ")],
    ["Learned from", listed(provenance.dataset, numTrain && `${say.count(numTrain)} images`)],
    ["Made by", listed(inkwise && `inkwise ${inkwise}`, commit && `commit ${commit}`)],
    ["File", `${say.count(Math.round(numBytes / 1000))} kB`],
    ...Object.entries(entry.details ?? {}),
  ];
  return facts.filter(([, value]) => value).map(([name, value]) => [name, String(value)]);
}
