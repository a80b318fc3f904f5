/**
 * "Wrong? Correct it": a person says what the digit is, the server keeps it for a later training.
 * @module
 */
import { element } from "inkwise/dom.js";
import { keepCorrection } from "inkwise/picture/server.js";

/**
 * Return a view that lets the selected digit be corrected.
 * @param {HTMLElement} holder
 * @returns {(scene: import("inkwise/scene/reading.js").Scene) => void}
 */
export function createCorrect(holder) {
  let [glyph, asked, classes, numKept] = [null, null, [], 0];
  const words = element("p", { class: "thanks", role: "status" });
  const question = element("legend");
  const buttons = element("div", { class: "labels" });
  const choice = element("fieldset", {}, question, buttons);
  holder.replaceChildren(element("details", {}, element("summary", {}, "Wrong? Correct it"), choice, words));

  async function keep(label) {
    const { image, answer } = glyph;
    try {
      await keepCorrection({ image, label, readAs: answer.label, probability: answer.probability });
      numKept += 1;
      words.replaceChildren(...thanks(classes[label], numKept));
    } catch (error) {
      words.replaceChildren(`Not kept. ${error.message}`);
    }
  }

  return ({ glyphs, selected, inputs }) => {
    glyph = glyphs[selected] ?? null;
    holder.hidden = !glyph || !isOfDigits(inputs.classifier);
    if (holder.hidden) return;
    if (classes !== inputs.classifier.classes) {
      classes = inputs.classifier.classes;
      buttons.replaceChildren(...classes.map((name, label) => labelButton(name, () => keep(label))));
    }
    question.textContent = glyph.isDigit ? `It was read as ${glyph.name}. What is it?` : "What is it?";
    if (glyph.image !== asked) words.replaceChildren();
    asked = glyph.image;
  };
}

/** Return whether a classifier tells the ten digits apart: only these are kept. */
function isOfDigits({ classes }) {
  return classes.join("") === "0123456789";
}

function labelButton(name, keep) {
  const button = element("button", { type: "button" }, name);
  button.addEventListener("click", keep);
  return button;
}

function thanks(name, numKept) {
  return [
    element("b", {}, "Thank you. "),
    `The ${name} is kept on the server’s machine, `,
    `${numKept === 1 ? "the first" : `number ${numKept}`} of this visit. `,
    element("code", {}, "inkwise train --from-corrections"),
    " teaches the reader what was kept.",
  ];
}
