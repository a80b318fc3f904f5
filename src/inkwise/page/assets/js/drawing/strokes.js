/**
 * Strokes, kept as lines of points in paper units, so that no resize ever loses them; and their undoing.
 * @module
 */

/** The paper's size in its own units, whatever its size on the screen. */
export const PAPER = { width: 800, height: 600 };
/** The pen's width at first: a line of three pixels in a digit of 28x28 that is a third of the paper high. */
export const PEN_WIDTH = 26;

/**
 * @typedef {{x: number, y: number, pressure: number}} Point pressure 0 to 1, 0.5 where it is not measured
 * @typedef {{id: number, points: Point[], width: number}} Stroke width in paper units at pressure 0.5
 * @typedef {{past: Stroke[][], strokes: Stroke[], future: Stroke[][]}} History
 */

let numBegun = 0;

/** Return a new stroke of one point. @param {Point} point @param {number} width @returns {Stroke} */
export function beginStroke(point, width) {
  numBegun += 1;
  return { id: numBegun, points: [point], width };
}

/** Return stroke with more points. @param {Stroke} stroke @param {Point[]} points @returns {Stroke} */
export function extendStroke(stroke, points) {
  const kept = [...stroke.points];
  for (const point of points) {
    const last = kept.at(-1);
    if (Math.hypot(point.x - last.x, point.y - last.y) >= 1) kept.push(point);
  }
  return { ...stroke, points: kept };
}

/** Return an empty history. @returns {History} */
export function emptyHistory() {
  return { past: [], strokes: [], future: [] };
}

/** Return history with other strokes on the paper. @param {History} history @param {Stroke[]} strokes */
export function replaceStrokes(history, strokes) {
  return { past: [...history.past, history.strokes], strokes, future: [] };
}

/** Return history one step earlier; as it is at its beginning. @param {History} history */
export function undo({ past, strokes, future }) {
  if (past.length === 0) return { past, strokes, future };
  return { past: past.slice(0, -1), strokes: past.at(-1), future: [strokes, ...future] };
}

/** Return history one step later; as it is at its end. @param {History} history */
export function redo({ past, strokes, future }) {
  if (future.length === 0) return { past, strokes, future };
  return { past: [...past, strokes], strokes: future[0], future: future.slice(1) };
}

/** Return a name that changes with every change of strokes. @param {Stroke[]} strokes @returns {string} */
export function nameOf(strokes) {
  return strokes.map((stroke) => `${stroke.id}:${stroke.points.length}`).join(" ");
}
