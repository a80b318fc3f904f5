/**
 * The answer in large: what is written, how sure the network is, and which digit the other views look into.
 * @module
 */
import { element } from "inkwise/dom.js";
import { say } from "inkwise/answer/say.js";

/**
 * Return a view of the answer.
 * @param {Object} places
 * @param {HTMLElement} places.verdict
 * @param {HTMLFieldSetElement} places.digits where one of several digits is chosen
 * @param {HTMLElement} places.spoken a live region
 * @param {(index: number) => void} select
 * @returns {(scene: import("inkwise/scene/reading.js").Scene) => void}
 */
export function createVerdict({ verdict, digits, spoken }, select) {
  let wait = 0;
  return (scene) => {
    verdict.replaceChildren(...verdictOf(scene));
    verdict.classList.toggle("doubtful", scene.glyphs.some((glyph) => !glyph.isAccepted));
    verdict.classList.toggle("empty", scene.glyphs.length === 0);
    showDigits(digits, scene, select);
    clearTimeout(wait); // a screen reader is told when the pen rests, not at every point
    wait = setTimeout(() => speak(spoken, sentenceOf(scene)), 700);
  };
}

function speak(spoken, sentence) {
  if (spoken.textContent !== sentence) spoken.textContent = sentence;
}

function verdictOf({ glyphs, isPicture, lines }) {
  const digits = glyphs.filter(({ isDigit }) => isDigit);
  if (digits.length === 0) {
    const words = isPicture ? "No digits were found on this picture." : "The answer appears while you draw.";
    const [sign, told] = glyphs.length ? ["×", "This looks like none of them."] : ["?", words];
    return [element("p", { class: "read", "aria-hidden": "true" }, sign), element("p", { class: "sure" }, told)];
  }
  const read = element("p", { class: "read" });
  read.append(...linesWithDoubts(lines, digits));
  const longest = Math.max(...lines.map((line) => line.length));
  read.classList.toggle("long", longest > 3 || lines.length > 1);
  read.classList.toggle("longer", longest > 7 || lines.length > 3);
  return [read, sureness(digits)];
}

/** Return the lines, the doubtful digits in them marked. */
function linesWithDoubts(lines, digits) {
  const isOneEach = lines.join("").length === digits.length;
  const doubtful = isOneEach ? digits.map(({ isAccepted }) => !isAccepted) : [];
  let at = 0;
  return lines.map((line) => {
    const signs = isOneEach ? [...line] : [line];
    const spans = signs.map((sign) => element("span", { class: doubtful[at++] ? "doubtful" : null }, sign));
    return element("span", { class: "line" }, ...spans);
  });
}

function sureness(glyphs) {
  if (glyphs.length === 1) return glyphs[0].isAccepted ? sure(glyphs[0]) : asks(glyphs[0]);
  const doubtful = glyphs.filter((glyph) => !glyph.isAccepted);
  const words = doubtful.length
    ? `It would rather ask about ${doubtful.length} of ${glyphs.length}.`
    : `It is sure of ${glyphs.length === 2 ? "both" : `all ${glyphs.length}`}.`;
  return element("p", { class: "sure" }, words);
}

function sure({ probability }) {
  return element("p", { class: "sure" }, element("b", {}, say.percent(probability)), " sure");
}

function asks(glyph) {
  const question = `${alternatives(glyph).join(" or ")}?`;
  return element("p", { class: "sure" }, element("b", {}, "It would rather ask: "), question);
}

/** The likeliest class, and the second where it is not out of the question. */
function alternatives({ answer }) {
  const { probabilities, classes } = answer;
  const order = [...probabilities.keys()].sort((one, other) => probabilities[other] - probabilities[one]);
  const near = order.slice(0, 2).filter((index) => probabilities[index] > 0.1 * probabilities[order[0]]);
  return near.map((index) => `${classes[index]} (${say.percent(probabilities[index])})`);
}

function sentenceOf({ glyphs, lines, isPicture }) {
  const digits = glyphs.filter(({ isDigit }) => isDigit);
  if (digits.length === 0) return glyphs.length ? "This looks like none of them" : isPicture ? "No digits found" : "";
  if (digits.length === 1) {
    const { name, probability, isAccepted } = digits[0];
    return `${isAccepted ? "Read" : "Perhaps"} ${name}, ${say.percent(probability)}`;
  }
  const doubtful = digits.filter((glyph) => !glyph.isAccepted).length;
  return `Read ${lines.map((line) => [...line].join(" ")).join("; ")}${doubtful ? `, ${doubtful} doubtful` : ""}`;
}

function showDigits(digits, { glyphs, selected }, select) {
  digits.hidden = glyphs.length < 2;
  const labels = [...digits.querySelectorAll("label")];
  labels.slice(glyphs.length).forEach((label) => label.remove());
  glyphs.forEach((glyph, index) => {
    const label = labels[index] ?? digits.appendChild(choice(index, select));
    const [input, name, probability] = label.children;
    input.checked = index === selected;
    const differs = glyph.other && glyph.other.name !== glyph.answer.name;
    name.textContent = differs ? `${say.answer(glyph)} ≠` : say.answer(glyph);
    probability.textContent = say.percent(glyph.probability);
    label.classList.toggle("doubtful", !glyph.isAccepted);
  });
}

function choice(index, select) {
  const input = element("input", { type: "radio", name: "digit", value: index });
  input.addEventListener("change", () => select(index));
  return element("label", {}, input, element("b"), element("small"));
}
