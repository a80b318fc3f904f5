/**
 * Numbers and answers in words, the same all over the page.
 * @module
 */
const NARROW = "\u00a0";

/** Return a share as percent; never 0 % or 100 %, for no network is so sure. @param {number} share 0 to 1 */
function percent(share) {
  if (share > 0.9995) return `>99.9${NARROW}%`;
  if (share < 0.0005) return `<0.1${NARROW}%`;
  return `${(100 * share).toFixed(1)}${NARROW}%`;
}

/** Return a number with three digits that count and a true minus. @param {number} value */
function number(value) {
  const size = Math.abs(value);
  if (!Number.isFinite(value)) return String(value);
  const text = size > 0 && size < 0.001 ? "0.000" : size.toFixed(size >= 100 ? 1 : size >= 10 ? 2 : 3);
  return value < 0 && Number(text) !== 0 ? `−${text}` : text;
}

/** Return a whole number with its thousands apart. @param {number} value */
function count(value) {
  return value.toLocaleString("en");
}

/** Return what a glyph was read as, with a question mark where it is doubtful. */
function answer({ name, isDigit, isAccepted }) {
  return isAccepted || !isDigit ? name : `${name}?`;
}

export const say = { percent, number, count, answer };
