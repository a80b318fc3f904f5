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
