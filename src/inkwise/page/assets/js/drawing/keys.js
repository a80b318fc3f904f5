/**
 * Drawing by keyboard: the arrows move the tip of the pen over the paper, Space sets it down and lifts it.
 * @module
 */
import { PAPER, beginStroke, extendStroke } from "inkwise/drawing/strokes.js";

const STEP = 20;
const SMALL_STEP = 4;
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

/**
 * Listen to the keys while the paper has the focus.
 * @param {HTMLElement} canvas
 * @param {HTMLElement} mark shown where the tip is
 * @param {Object} hand
 * @param {() => number} hand.penWidth
 * @param {(stroke: Object) => void} hand.draw
 * @param {() => void} hand.lift
 * @param {(words: string) => void} hand.say to those who cannot see the tip
 */
export function createKeyPen(canvas, mark, { penWidth, draw, lift, say }) {
  const tip = { x: PAPER.width / 2, y: PAPER.height / 4, pressure: 0.5 };
  const held = new Set();
  let current = null;

  function place() {
    mark.style.left = `${(100 * tip.x) / PAPER.width}%`;
    mark.style.top = `${(100 * tip.y) / PAPER.height}%`;
    mark.classList.toggle("down", current !== null);
  }

  function move(step) {
    const directions = [...held].map((key) => ARROWS[key]);
    const shift = (axis) => step * Math.sign(directions.reduce((sum, direction) => sum + direction[axis], 0));
    tip.x = Math.min(PAPER.width, Math.max(0, tip.x + shift(0)));
    tip.y = Math.min(PAPER.height, Math.max(0, tip.y + shift(1)));
    if (current) draw((current = extendStroke(current, [{ ...tip }])));
    place();
  }

  function raise() {
    if (!current) return;
    current = null;
    lift();
    say("Pen up");
    place();
  }

  function setDown() {
    current = beginStroke({ ...tip }, penWidth());
    draw(current);
    say("Pen down");
    place();
  }

  canvas.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (!(event.key in ARROWS || event.key === " " || event.key === "Escape")) return;
    event.preventDefault();
    mark.hidden = false;
    if (event.key in ARROWS) {
      held.add(event.key);
      move(event.shiftKey ? SMALL_STEP : STEP);
    } else if (event.key === "Escape" || (current && !event.repeat)) raise();
    else if (!event.repeat) setDown();
  });
  canvas.addEventListener("keyup", (event) => held.delete(event.key));
  const leave = () => {
    held.clear();
    raise();
    mark.hidden = true;
  };
  canvas.addEventListener("blur", leave);
  canvas.addEventListener("pointerdown", leave);
  canvas.addEventListener("focus", () => {
    mark.hidden = !canvas.matches(":focus-visible");
    place();
  });
}
