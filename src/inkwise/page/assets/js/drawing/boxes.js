/**
 * Frames around the digits on the paper or the picture, each with what was read. They are for the eye and the
 * pointer; by keyboard the same choice is made at the answer.
 * @module
 */
import { element } from "inkwise/dom.js";
import { say } from "inkwise/answer/say.js";

const TAB = 34; // CSS pixels above a frame that its tab needs

/**
 * Return a view that frames the glyphs of a scene where there is more than one, or a picture.
 * @param {HTMLElement} holder lies over the paper
 * @param {(index: number) => void} select
 * @returns {(scene: import("inkwise/scene/reading.js").Scene) => void}
 */
export function createBoxes(holder, select) {
  return ({ glyphs, selected, area, isPicture }) => {
    holder.classList.toggle("on-picture", isPicture);
    if (glyphs.length < 2 && !isPicture) return holder.replaceChildren();
    return holder.replaceChildren(...glyphs.map((glyph, index) => {
      const box = frame(glyph, area, () => select(index));
      box.classList.toggle("selected", index === selected);
      box.classList.toggle("at-top", (glyph.box.y / area.height) * holder.clientHeight < TAB);
      return box;
    }));
  };
}

function frame(glyph, area, select) {
  const room = 6;
  const tab = element("span", { class: "tab" }, say.answer(glyph));
  const box = element("div", { class: "box" }, tab);
  box.classList.toggle("doubtful", !glyph.isAccepted);
  const [left, top] = [glyph.box.x - room, glyph.box.y - room];
  box.style.left = share(left, area.width);
  box.style.top = share(top, area.height);
  box.style.width = share(glyph.box.width + 2 * room, area.width);
  box.style.height = share(glyph.box.height + 2 * room, area.height);
  box.addEventListener("click", select);
  return box;
}

function share(part, whole) {
  return `${((100 * part) / whole).toFixed(3)}%`;
}
