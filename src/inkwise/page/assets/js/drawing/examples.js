/**
 * Digits the page can write by itself, for whoever wants to see before drawing.
 * @module
 */
import { PAPER, beginStroke, extendStroke } from "inkwise/drawing/strokes.js";

// Each digit as strokes of x, y pairs in a box of 100 x 140; the pen runs smoothly through the points.
const SHAPES = [
  [[52, 6, 26, 16, 10, 48, 10, 90, 26, 126, 54, 134, 80, 118, 92, 80, 86, 38, 70, 12, 46, 6]],
  [[34, 34, 58, 8, 57, 48, 55, 92, 54, 134]],
  [[14, 38, 26, 12, 54, 4, 80, 20, 78, 50, 54, 84, 26, 114, 10, 132, 48, 130, 92, 131]],
  [[18, 18, 46, 4, 76, 16, 74, 46, 44, 64, 76, 72, 90, 100, 70, 128, 38, 134, 12, 118]],
  [[62, 6, 42, 42, 14, 88, 54, 88, 94, 87], [70, 52, 68, 92, 66, 136]],
  [[82, 8, 52, 9, 26, 10, 22, 36, 18, 62, 50, 54, 80, 68, 86, 98, 66, 126, 36, 132, 12, 120]],
  [[72, 6, 40, 34, 18, 76, 20, 114, 48, 134, 78, 118, 82, 90, 58, 74, 34, 84, 20, 106]],
  [[12, 12, 50, 10, 90, 9, 70, 44, 52, 88, 42, 136]],
  [[76, 22, 48, 6, 24, 22, 34, 50, 60, 68, 82, 96, 72, 126, 44, 134, 20, 118, 26, 92, 52, 68, 76, 46, 78, 24]],
  [[82, 30, 58, 8, 28, 18, 18, 46, 38, 66, 66, 58, 82, 32, 80, 70, 70, 108, 54, 136]],
];
const HEIGHT = 140;

/**
 * Return the strokes of a digit, about as a hand would write it: each time a little otherwise.
 * @param {number} digit 0 to 9
 * @param {number} penWidth
 * @param {() => number} chance from 0 to 1
 * @returns {import("inkwise/drawing/strokes.js").Stroke[]}
 */
export function writeDigit(digit, penWidth, chance = Math.random) {
  const scale = (0.62 + 0.1 * chance()) * (PAPER.height / HEIGHT);
  const lean = 0.3 * (chance() - 0.5);
  const middle = [PAPER.width / 2, PAPER.height / 2];
  return SHAPES[digit].map((line) => {
    const points = [];
    for (let i = 0; i < line.length; i += 2) {
      const wobble = () => 5 * (chance() - 0.5);
      const [x, y] = [line[i] - 50 + wobble(), line[i + 1] - HEIGHT / 2 + wobble()];
      points.push({ x: middle[0] + scale * (x - lean * y), y: middle[1] + scale * y, pressure: 0.5 });
    }
    const [first, ...others] = smooth(points);
    return extendStroke(beginStroke(first, penWidth), others);
  });
}

/** Return a curve through all points, ten steps from each to the next (Catmull and Rom's spline). */
function smooth(points) {
  const curve = [points[0]];
  for (let i = 0; i < points.length - 1; i += 1) {
    const four = [points[i - 1] ?? points[i], points[i], points[i + 1], points[i + 2] ?? points[i + 1]];
    for (let step = 1; step <= 10; step += 1) curve.push(between(four, step / 10));
  }
  return curve;
}

function between([a, b, c, d], t) {
  const mix = (key) => {
    const [before, from, to, after] = [a[key], b[key], c[key], d[key]];
    const cubic = 3 * (from - to) + after - before;
    const square = 2 * before - 5 * from + 4 * to - after;
    return from + 0.5 * t * (to - before + t * (square + t * cubic));
  };
  return { x: mix("x"), y: mix("y"), pressure: 0.5 };
}

/**
 * Draw strokes bit by bit, as a pen would; the promise is kept when the last is done.
 * @param {import("inkwise/drawing/strokes.js").Stroke[]} strokes
 * @param {{draw: (stroke: Object) => void, lift: () => void, isStopped: () => boolean}} hand
 */
export async function playStrokes(strokes, { draw, lift, isStopped }) {
  for (const stroke of strokes) {
    for (let length = 1; length < stroke.points.length; length += 2) {
      if (isStopped()) return;
      draw({ ...stroke, points: stroke.points.slice(0, length) });
      await new Promise(requestAnimationFrame);
    }
    if (isStopped()) return;
    draw(stroke);
    lift();
  }
}
