/**
 * Pointing at one value of a drawing on a canvas, by pointer and by arrow keys alike.
 * @module
 */

const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

/**
 * Listen on canvas for values that are pointed at and chosen.
 * @param {HTMLCanvasElement} canvas
 * @param {Object} grid
 * @param {(x: number, y: number) => number|null} grid.locate the value at a place in CSS pixels
 * @param {(index: number|null, dx: number, dy: number) => number} grid.step from a value to its neighbour
 * @param {(index: number|null) => void} grid.point null: at none
 * @param {(index: number) => void} grid.choose by click, Enter, Space, or by walking there with the arrows
 */
export function listenToCells(canvas, { locate, step, point, choose }) {
  let at = null;
  const find = (event) => {
    const frame = canvas.getBoundingClientRect();
    return locate(event.clientX - frame.left, event.clientY - frame.top);
  };
  canvas.addEventListener("pointermove", (event) => point(find(event)));
  canvas.addEventListener("pointerleave", () => point(null));
  canvas.addEventListener("click", (event) => {
    const found = find(event);
    if (found !== null) choose((at = found));
  });
  canvas.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || !(event.key in ARROWS)) return;
    event.preventDefault();
    const stride = event.shiftKey ? 5 : 1;
    for (let i = 0; i < stride; i += 1) at = step(at, ...ARROWS[event.key]);
    choose(at);
  });
}
