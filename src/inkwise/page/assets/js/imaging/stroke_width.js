/** How wide the lines of a drawing are. */

import { withMargin } from "inkwise/imaging/cut_out.js";
import { dilated } from "inkwise/imaging/dilate.js";
import { distanceToZero } from "inkwise/imaging/distance.js";

/**
 * The median width of the lines in a mask; 0 for an empty one.
 *
 * Measured along the middle of each line, where the distance to the nearest paper is largest; a wide line
 * counts for as much more as it is wider.
 *
 * @param {import("inkwise/imaging/cut_out.js").Plane} mask - 0 paper, other values ink.
 * @returns {number} pixels.
 */
export function strokeWidth(mask) {
  const inside = distanceToZero(withMargin(mask, 1));
  const largest = dilated(inside, 3).data;
  const halves = inside.data.filter((value, i) => value > 0 && value >= largest[i]).sort();
  if (!halves.length) return 0;
  let total = 0;
  for (const half of halves) total += half;
  let sum = 0; // kept in single precision, as NumPy keeps it
  const middle = halves.findIndex((half) => (sum = Math.fround(sum + half)) >= total / 2);
  // A line one pixel wide is 1 away from paper, one three wide 2: the width is twice that less one.
  return 2 * halves[middle < 0 ? halves.length - 1 : middle] - 1;
}
