/** An image moved, scaled or sheared. */

/**
 * The image under an affine map, sampled bilinearly; beyond its edges it is 0 (cv2.warpAffine, OpenCV 5).
 *
 * @param {import("inkwise/imaging/cut_out.js").Plane} image
 * @param {[number, number, number, number, number, number]} matrix - xx, xy, x0, yx, yy, y0: what takes a
 *   point of the image (x, y) to (xx x + xy y + x0, yx x + yy y + y0); the middle of pixel 0 is 0.
 * @param {{width: number, height: number}} size - of the result, pixels.
 * @returns {import("inkwise/imaging/cut_out.js").Plane} Float32Array.
 */
export function warped(image, matrix, { width, height }) {
  const [xx, xy, x0, yx, yy, y0] = matrix;
  const determinant = xx * yy - xy * yx;
  const data = new Float32Array(width * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const fromX = (yy * (x - x0) - xy * (y - y0)) / determinant;
      const fromY = (xx * (y - y0) - yx * (x - x0)) / determinant;
      data[y * width + x] = sample(image, fromX, fromY);
    }
  }
  return { data, width, height };
}

function sample(image, x, y) {
  const left = Math.floor(x);
  const top = Math.floor(y);
  const right = x - left;
  const below = y - top;
  return (
    pixel(image, left, top) * (1 - right) * (1 - below) +
    pixel(image, left + 1, top) * right * (1 - below) +
    pixel(image, left, top + 1) * (1 - right) * below +
    pixel(image, left + 1, top + 1) * right * below
  );
}

function pixel(image, x, y) {
  if (x < 0 || y < 0 || x >= image.width || y >= image.height) return 0;
  return image.data[y * image.width + x];
}

/**
 * How much each pixel of a line weighs at each place on it; beyond its ends there is nothing.
 *
 * R. Keys, 1981, with a = -0.75, as OpenCV has it.
 *
 * @param {number[]} places - where to sample; the middle of pixel 0 is 0.
 * @param {number} length - pixels of the line.
 * @returns {Float64Array[]} one a place, (length,).
 */
export function cubicWeights(places, length) {
  return places.map((place) => Float64Array.from({ length }, (_, pixel) => weight(Math.abs(place - pixel))));
}

function weight(distance) {
  if (distance <= 1) return 1.25 * distance ** 3 - 2.25 * distance ** 2 + 1;
  if (distance < 2) return -0.75 * (distance ** 3 - 5 * distance ** 2 + 8 * distance - 4);
  return 0;
}

/**
 * The image sampled at every pair of places.
 *
 * @param {import("inkwise/imaging/cut_out.js").Plane} image
 * @param {{down: Float64Array[], across: Float64Array[]}} weights - of its rows and of its columns.
 * @returns {Float64Array} row by row, as many as there are weights.
 */
export function weighted({ data, width, height }, { down, across }) {
  const sampled = new Float64Array(down.length * across.length);
  const row = new Float64Array(width);
  down.forEach((ofRows, y) => {
    row.fill(0);
    for (let i = 0; i < height; i++) {
      if (ofRows[i]) for (let j = 0; j < width; j++) row[j] += ofRows[i] * data[i * width + j];
    }
    across.forEach((ofColumns, x) => {
      let sum = 0;
      for (let j = 0; j < width; j++) sum += ofColumns[j] * row[j];
      sampled[y * across.length + x] = sum;
    });
  });
  return sampled;
}
