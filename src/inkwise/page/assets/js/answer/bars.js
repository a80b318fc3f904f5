/**
 * How likely each class is: one bar a class, in the order of the classes, the best marked by more than colour.
 * With two classifiers there are two columns side by side.
 * @module
 */
import { element } from "inkwise/dom.js";
import { say } from "inkwise/answer/say.js";

/**
 * Return a view of the probabilities.
 * @param {HTMLElement} holder
 * @returns {(scene: import("inkwise/scene/reading.js").Scene) => void}
 */
export function createBars(holder) {
  let shown = "";
  let columns = [];
  return ({ glyphs, selected, inputs }) => {
    const classifiers = [inputs.classifier, inputs.compared].filter(Boolean);
    const wanted = classifiers.map((classifier) => classifier.entry.title).join("\n");
    if (wanted !== shown) columns = build(holder, classifiers);
    shown = wanted;
    const glyph = glyphs[selected];
    const answers = glyph ? [glyph.answer, glyph.other] : [];
    columns.forEach((column, index) => fill(column, answers[index], classifiers[index]));
    if (classifiers.length > 1) compare(holder.querySelector(".compared"), answers);
  };
}

function build(holder, classifiers) {
  const columns = classifiers.map((classifier) => buildColumn(classifier, classifiers.length > 1));
  const compared = classifiers.length > 1 ? [element("p", { class: "compared" })] : [];
  holder.replaceChildren(...compared, element("div", { class: "bar-columns" }, ...columns.map(({ figure }) => figure)));
  holder.classList.toggle("two", classifiers.length > 1);
  return columns;
}

function buildColumn({ classes, acceptProbability, isCalibrated, entry }, isCompared) {
  const rows = classes.map((name) => buildRow(name, acceptProbability));
  const words = `Probability of each class, by ${entry.title}`;
  const list = element("ul", { class: "bars", "aria-label": words }, ...rows.map(({ row }) => row));
  list.classList.toggle("named", classes.some((name) => name.length > 2));
  const figure = element("div", { class: "bar-column" });
  if (isCompared) figure.append(element("h3", {}, entry.title));
  figure.append(list);
  const mark = element("i", { class: "mark", "aria-hidden": "true" });
  const guess = isCalibrated ? "" : " A guess: nobody measured how far it can be trusted.";
  const told = `Below ${say.percent(acceptProbability)} it would rather ask.${guess}`;
  figure.append(element("p", { class: "aside key" }, mark, told));
  return { figure, rows };
}

function buildRow(name, acceptProbability) {
  const bar = element("i", { class: "bar" });
  const threshold = element("i", { class: "threshold" });
  threshold.style.left = `${100 * acceptProbability}%`;
  const track = element("span", { class: "track", "aria-hidden": "true" }, bar, threshold);
  const value = element("span", { class: "value" });
  const row = element("li", {}, element("span", { class: "name" }, name), track, value);
  return { row, bar, value };
}

function fill({ rows }, answer) {
  rows.forEach(({ row, bar, value }, index) => {
    const probability = answer?.probabilities[index] ?? 0;
    bar.style.width = `${100 * probability}%`;
    value.textContent = answer ? say.percent(probability) : "";
    row.classList.toggle("best", answer?.label === index);
    row.classList.toggle("doubtful", answer?.label === index && !answer.isAccepted);
  });
}

function compare(words, [one, other]) {
  const differ = Boolean(one && other && one.name !== other.name);
  words.classList.toggle("differ", differ);
  words.hidden = !one;
  if (!one || !other) return;
  words.textContent = differ ? `≠ They differ: ${one.name} and ${other.name}` : `= Both read ${one.name}`;
}
