/** Parts of an image, the box around its ink, and room around it. */

/**
 * An image of one channel, row by row.
 *
 * @typedef {object} Plane
 * @property {Uint8Array | Float32Array} data - width * height values.
 * @property {number} width - pixels.
 * @property {number} height - pixels.
 */

/** @typedef {{x: number, y: number, width: number, height: number}} Box */

/**
 * The smallest box around all pixels above a level; null where there are none.
 *
 * @param {Plane} image
 * @param {number} level - in the units of the image.
 * @returns {Box | null}
 */
export function boundingBox(image, level) {
  const { data, width, height } = image;
  let left = width;
  let right = -1;
  let top = -1;
  let bottom = -1;
  for (let y = 0; y < height; y++) {
    const start = y * width;
    let first = 0;
    while (first < width && !(data[start + first] > level)) first++;
    if (first === width) continue;
    let last = width - 1;
    while (!(data[start + last] > level)) last--;
    if (top < 0) top = y;
    bottom = y;
    if (first < left) left = first;
    if (last > right) right = last;
  }
  if (top < 0) return null;
  return { x: left, y: top, width: right - left + 1, height: bottom - top + 1 };
}

/**
 * The pixels of a box, as an image of its own.
 *
 * @param {Plane} image
 * @param {Box} box - inside the image, whole pixels.
 * @returns {Plane} of the type of image.
 */
export function cutOut(image, box) {
  const data = new image.data.constructor(box.width * box.height);
  for (let row = 0; row < box.height; row++) {
    const start = (box.y + row) * image.width + box.x;
    data.set(image.data.subarray(start, start + box.width), row * box.width);
  }
  return { data, width: box.width, height: box.height };
}

/**
 * The image with a margin of zeros on every side.
 *
 * @param {Plane} image
 * @param {number} margin - whole pixels, >= 0.
 * @returns {Plane} of the type of image.
 */
export function withMargin(image, margin) {
  const width = image.width + 2 * margin;
  const height = image.height + 2 * margin;
  const data = new image.data.constructor(width * height);
  for (let row = 0; row < image.height; row++) {
    const start = row * image.width;
    data.set(image.data.subarray(start, start + image.width), (row + margin) * width + margin);
  }
  return { data, width, height };
}
