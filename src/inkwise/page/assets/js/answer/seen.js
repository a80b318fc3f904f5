/**
 * The 28x28 the network sees, large enough to count its pixels.
 * @module
 */
import { fitCanvas } from "inkwise/dom.js";
import { listenToCells } from "inkwise/cells.js";

const SIDE = 28;

/**
 * Return a view of the selected glyph's image.
 * @param {HTMLCanvasElement} canvas
 * @param {HTMLElement} words where the value of a pixel is said
 * @returns {(scene: import("inkwise/scene/reading.js").Scene) => void}
 */
export function createSeen(canvas, words) {
  let image = new Uint8Array(SIDE * SIDE);
  let [pointed, chosen] = [null, null];

  function show() {
    paint(canvas, image, pointed ?? chosen);
    words.textContent = describe(image, pointed ?? chosen);
  }
  listenToCells(canvas, {
    locate: (x, y) => locate(canvas, x, y),
    step: (index, dx, dy) => step(index ?? chosen, dx, dy),
    point: (index) => ((pointed = index), show()),
    choose: (index) => ((chosen = index), show()),
  });
  canvas.addEventListener("blur", () => ((chosen = null), show()));
  return ({ glyphs, selected }) => {
    image = glyphs[selected]?.image ?? new Uint8Array(SIDE * SIDE);
    show();
  };
}

function locate(canvas, x, y) {
  const cell = canvas.clientWidth / SIDE;
  const [column, row] = [Math.floor(x / cell), Math.floor(y / cell)];
  const isInside = column >= 0 && row >= 0 && column < SIDE && row < SIDE;
  return isInside ? row * SIDE + column : null;
}

function step(index, dx, dy) {
  if (index === null) return (SIDE / 2) * SIDE + SIDE / 2;
  const column = Math.min(SIDE - 1, Math.max(0, (index % SIDE) + dx));
  const row = Math.min(SIDE - 1, Math.max(0, Math.floor(index / SIDE) + dy));
  return row * SIDE + column;
}

function paint(canvas, image, marked) {
  const width = Math.floor(canvas.parentElement.clientWidth);
  const context = fitCanvas(canvas, width, width);
  const cell = width / SIDE;
  const edge = (index) => Math.round(index * cell * devicePixelRatio) / devicePixelRatio;
  for (let index = 0; index < image.length; index += 1) {
    const [column, row] = [index % SIDE, Math.floor(index / SIDE)];
    context.fillStyle = `rgb(${image[index]} ${image[index]} ${image[index]})`;
    context.fillRect(edge(column), edge(row), edge(column + 1) - edge(column), edge(row + 1) - edge(row));
  }
  if (marked === null) return;
  const [column, row] = [marked % SIDE, Math.floor(marked / SIDE)];
  context.strokeStyle = "#ff9a52";
  context.lineWidth = 2;
  context.strokeRect(edge(column), edge(row), cell, cell);
}

function describe(image, index) {
  if (index === null) return image.some((value) => value > 0) ? "0 is paper, 255 is ink" : "";
  return `Row ${Math.floor(index / SIDE)}, column ${index % SIDE}: ${image[index]} of 255`;
}
