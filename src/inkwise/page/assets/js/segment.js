/**
 * Which strokes of a drawing make one digit, and in which order the digits are read: by geometry and by the
 * order of writing alone. A stroke is never cut: two digits written in one go stay one.
 */

import { boxOf, widthAt } from "inkwise/pen.js";

const WIDEST = 1.25; // of one digit, in heights of the drawing's digits
const HIGHEST = 1.45;
const TOUCHING = 0.04; // gap, in heights of a digit, of strokes meant to meet
const NEAR = 0.3; // ... and beyond which nothing belongs to one digit
const LOW = 0.6; // of a digit's height: a lower stroke may be a part of one
const BAR = 0.45; // ... and one so low can hardly be a digit
const BESIDE = 0.35; // of the narrower stroke's width: digits that touch share less of their columns
const GOES_ON = 0.06; // gap, in heights of a stroke, that the pen leaves where it was lifted for a moment
const STEPS = 32; // pieces of a stroke, for each length of its box, between which gaps are measured
const LEAST_OVERLAP = 0.35; // of two neighbours' heights, as a share of the lower one's, to stand in one line
const SPECK = 1.5; // widths of the pen: what is no longer, beside digits, is a slip

/**
 * Return the digits of a drawing, each as the indices of its strokes.
 *
 * @param {import("inkwise/pen.js").Stroke[]} strokes - in the order they were written.
 * @returns {number[][][]} lines from top to bottom, of each its digits from left to right, of each digit the
 *   indices of its strokes in the order they were written. Slips of the pen, no longer than it is wide, are
 *   left out where there is more.
 */
export function groupStrokes(strokes) {
  if (!strokes.length) return [];
  const parts = strokes.map((stroke, index) => partOf(stroke, index));
  const gaps = parts.map((a) => parts.map((b) => (a.index < b.index ? gapBetween(a, b) : Infinity)));
  const rough = joined(parts, { gaps, isOne: isCrossing });
  const height = digitHeight(rough);
  const groups = joined(rough, { gaps, isOne: (a, b, gap) => isOneDigit(a, b, { gap, height }) });
  return linesOf(withoutSpecks(groups, height)).map((line) => line.map((group) => group.indices));
}

/** One stroke as a group of its own. */
function partOf(stroke, index) {
  const pressure = stroke.points.reduce((sum, point) => sum + point.pressure, 0) / stroke.points.length;
  const radius = widthAt(stroke, pressure) / 2;
  const box = boxOf([stroke]);
  const step = Math.max(radius / 2, (box.right - box.left) / STEPS, (box.bottom - box.top) / STEPS);
  return { index, indices: [index], radius, line: thinned(stroke.points, step), ...box };
}

/** The points at least `step` apart, the last one included. */
function thinned(points, step) {
  const line = [points[0]];
  for (const point of points) {
    const last = line[line.length - 1];
    if (Math.hypot(point.x - last.x, point.y - last.y) >= step) line.push(point);
  }
  line.push(points[points.length - 1]);
  return line;
}

/**
 * The empty space between two strokes, in pixels; below 0 where they overlap, -Infinity where they cross or
 * the second goes on from the first.
 */
function gapBetween(a, b) {
  const across = Math.max(a.left, b.left) - Math.min(a.right, b.right);
  const down = Math.max(a.top, b.top) - Math.min(a.bottom, b.bottom);
  const apart = Math.max(across, down);
  const taller = Math.max(a.bottom - a.top, b.bottom - b.top);
  if (apart > 0.5 * taller) return apart; // too far to look closer
  if (b.index === a.index + 1 && goesOn(a, b, a.radius + GOES_ON * taller)) return -Infinity;
  let least = Infinity;
  for (let i = 1; i < a.line.length; i++) {
    for (let j = 1; j < b.line.length; j++) {
      least = Math.min(least, squaredDistance(a.line[i - 1], a.line[i], b.line[j - 1], b.line[j]));
    }
    if (least === 0) return -Infinity;
  }
  return Math.sqrt(least) - a.radius - b.radius;
}

/** Whether b begins where a ended, or both run from one place to another: ( and ) of a 0. */
function goesOn(a, b, reach) {
  const [[from, to], [begin, end]] = [a, b].map(({ line }) => [line[0], line[line.length - 1]]);
  const isNear = (p, q) => Math.hypot(p.x - q.x, p.y - q.y) < reach;
  return isNear(to, begin) || (isNear(from, begin) && isNear(to, end));
}

/** The squared distance of two pieces of line; 0 where they cross. */
function squaredDistance(a, b, c, d) {
  if (side(a, b, c) * side(a, b, d) < 0 && side(c, d, a) * side(c, d, b) < 0) return 0;
  return Math.min(fromPiece(a, c, d), fromPiece(b, c, d), fromPiece(c, a, b), fromPiece(d, a, b));
}

function side(from, to, point) {
  return (to.x - from.x) * (point.y - from.y) - (to.y - from.y) * (point.x - from.x);
}

function fromPiece(point, from, to) {
  const [dx, dy] = [to.x - from.x, to.y - from.y];
  const share = ((point.x - from.x) * dx + (point.y - from.y) * dy) / (dx * dx + dy * dy || 1);
  const place = Math.min(1, Math.max(0, share));
  return (point.x - from.x - place * dx) ** 2 + (point.y - from.y - place * dy) ** 2;
}

/** The groups after all that are one are joined, the nearest first. */
function joined(groups, { gaps, isOne }) {
  const left = [...groups];
  for (;;) {
    let best = null;
    for (let i = 0; i < left.length; i++) {
      for (let j = i + 1; j < left.length; j++) {
        const gap = gapOfGroups(left[i], left[j], gaps);
        if ((!best || gap < best.gap) && isOne(left[i], left[j], gap)) best = { i, j, gap };
      }
    }
    if (!best) return left;
    left[best.i] = union(left[best.i], left[best.j]);
    left.splice(best.j, 1);
  }
}

function gapOfGroups(a, b, gaps) {
  let least = Infinity;
  for (const i of a.indices) {
    for (const j of b.indices) least = Math.min(least, gaps[Math.min(i, j)][Math.max(i, j)]);
  }
  return least;
}

function union(a, b) {
  return {
    indices: [...a.indices, ...b.indices].sort((i, j) => i - j),
    radius: Math.max(a.radius, b.radius),
    left: Math.min(a.left, b.left),
    right: Math.max(a.right, b.right),
    top: Math.min(a.top, b.top),
    bottom: Math.max(a.bottom, b.bottom),
  };
}

/** Whether two groups were written one after the other. */
function isConsecutive(a, b) {
  return a.indices.some((i) => b.indices.includes(i + 1) || b.indices.includes(i - 1));
}

/** The share of the narrower group's width that the other one covers; below 0 where they stand apart. */
function sharedWidth(a, b) {
  const shared = Math.min(a.right, b.right) - Math.max(a.left, b.left);
  return shared / Math.max(1, Math.min(a.right - a.left, b.right - b.left));
}

/** Whether two strokes certainly belong together, whatever the size of the writing. */
function isCrossing(a, b, gap) {
  return gap <= 0 && sharedWidth(a, b) > 0.6 && isConsecutive(a, b);
}

/** The height of the drawing's digits: half of the height of all groups stands in groups at least so high. */
function digitHeight(groups) {
  const heights = groups.map((group) => group.bottom - group.top).sort((a, b) => b - a);
  const total = heights.reduce((sum, value) => sum + value, 0);
  let sum = 0;
  return heights.find((value) => (sum += value) >= total / 2);
}

/** Whether two groups are parts of one digit, so far apart as `gap` says. */
function isOneDigit(a, b, { gap, height }) {
  const both = union(a, b);
  if (both.right - both.left > WIDEST * height || both.bottom - both.top > HIGHEST * height) return false;
  const shared = sharedWidth(a, b);
  const lower = Math.min(a.bottom - a.top, b.bottom - b.top) / height;
  const isNext = isConsecutive(a, b);
  if (gap === -Infinity && (isNext || shared > BESIDE)) return true;
  if (gap <= TOUCHING * height) return shared > BESIDE || (isNext && lower < LOW);
  if (gap > NEAR * height) return false;
  if (lower < BAR) return shared > 0.5 || (isNext && shared > 0);
  return isNext && shared > 0.75;
}

/** The groups without those that are only a slip of the pen. */
function withoutSpecks(groups, height) {
  const longer = (group) => Math.max(group.right - group.left, group.bottom - group.top);
  const isSpeck = (group) => longer(group) < Math.min(2 * SPECK * group.radius, 0.3 * height);
  const kept = groups.filter((group) => !isSpeck(group));
  return kept.length ? kept : groups;
}

/** The groups in lines from top to bottom, each from left to right. */
function linesOf(groups) {
  const middle = (group) => (group.left + group.right) / 2;
  const lines = [];
  for (const group of [...groups].sort((a, b) => middle(a) - middle(b))) {
    // The last three, for one low 2 between two tall 7s must not hide the second from the first.
    const beside = lines.map((line) => Math.max(...line.slice(-3).map((other) => sharedHeight(group, other))));
    const most = Math.max(...beside);
    if (most >= LEAST_OVERLAP) lines[beside.indexOf(most)].push(group);
    else lines.push([group]);
  }
  const height = (line) => line.reduce((sum, group) => sum + group.top + group.bottom, 0) / line.length;
  return lines.sort((a, b) => height(a) - height(b));
}

/** The share of the lower group's height that the other one covers; below 0 where one is above the other. */
function sharedHeight(a, b) {
  const shared = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
  return shared / Math.max(1, Math.min(a.bottom - a.top, b.bottom - b.top));
}
