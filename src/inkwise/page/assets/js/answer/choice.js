/**
 * Choosing a classifier, and a second one to compare it with, where there are several.
 * @module
 */
import { element } from "inkwise/dom.js";

/**
 * Fill the two choices.
 * @param {HTMLElement} holder hidden where there is nothing to choose
 * @param {import("inkwise/scene/config.js").Entry[]} entries
 * @param {Object} on
 * @param {(index: number) => void} on.choose
 * @param {(index: number) => void} on.compare -1: with none
 */
export function createChoice(holder, entries, { choose, compare }) {
  holder.hidden = entries.length < 2;
  const [classifier, compared] = holder.querySelectorAll("select");
  const options = () => entries.map(({ title }, index) => element("option", { value: index }, title));
  classifier.replaceChildren(...options());
  compared.replaceChildren(element("option", { value: -1 }, "none"), ...options());
  classifier.addEventListener("change", () => choose(Number(classifier.value)));
  compared.addEventListener("change", () => compare(Number(compared.value)));
}
