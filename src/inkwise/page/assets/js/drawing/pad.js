/**
 * The paper: what mouse, finger and pen do on it, and its picture on the screen.
 * @module
 */
import { fitCanvas } from "inkwise/dom.js";
import { PAPER, beginStroke, extendStroke } from "inkwise/drawing/strokes.js";
import { drawStroke } from "inkwise/pen.js";

/**
 * @typedef {Object} Pad
 * @property {(strokes: import("inkwise/drawing/strokes.js").Stroke[]) => void} paint
 *
 * Listen to the pen on canvas.
 * @param {HTMLCanvasElement} canvas
 * @param {Object} hand
 * @param {() => number} hand.penWidth in paper units
 * @param {(stroke: Object) => void} hand.draw called with the stroke under the pen, again and again as it grows
 * @param {() => void} hand.lift called when it is done
 * @returns {Pad}
 */
export function createPad(canvas, { penWidth, draw, lift }) {
  let current = null;
  let owner = null; // the pointer that draws; others, such as the palm beside the pen, do not

  canvas.addEventListener("pointerdown", (event) => {
    if ((owner !== null && owner !== event.pointerId) || event.button !== 0) return;
    lift(); // of a pointer whose end was never told
    owner = event.pointerId;
    canvas.setPointerCapture(owner);
    current = beginStroke(pointOf(canvas, event), penWidth());
    draw(current);
  });
  canvas.addEventListener("pointermove", (event) => {
    if (event.pointerId !== owner) return;
    const events = event.getCoalescedEvents?.() ?? [];
    current = extendStroke(current, (events.length ? events : [event]).map((each) => pointOf(canvas, each)));
    draw(current);
  });
  const end = (event) => {
    if (event.pointerId !== owner) return;
    owner = current = null;
    lift();
  };
  canvas.addEventListener("pointerup", end);
  canvas.addEventListener("pointercancel", end);
  // A long touch is a stroke, no request for a menu.
  canvas.addEventListener("contextmenu", (event) => event.preventDefault());

  return { paint: (strokes) => paintPaper(canvas, strokes) };
}

function pointOf(canvas, event) {
  const frame = canvas.getBoundingClientRect();
  return {
    x: ((event.clientX - frame.left) / frame.width) * PAPER.width,
    y: ((event.clientY - frame.top) / frame.height) * PAPER.height,
    pressure: event.pointerType === "pen" && event.pressure > 0 ? event.pressure : 0.5,
  };
}

function paintPaper(canvas, strokes) {
  const { width, height } = canvas.parentElement.getBoundingClientRect();
  const context = fitCanvas(canvas, width, height);
  context.scale(width / PAPER.width, height / PAPER.height);
  context.fillStyle = getComputedStyle(canvas).color;
  for (const stroke of strokes) drawStroke(context, stroke);
}
