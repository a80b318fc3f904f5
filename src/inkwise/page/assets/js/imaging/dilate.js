/** The brightest of each pixel's neighbourhood. */

/**
 * Each pixel replaced by the largest value in the square around it (cv2.dilate).
 *
 * @param {import("inkwise/imaging/cut_out.js").Plane} image
 * @param {number} side - of the square in pixels, odd.
 * @returns {import("inkwise/imaging/cut_out.js").Plane} of the type of image.
 */
export function dilated(image, side) {
  const { width, height } = image;
  const reach = side >> 1;
  const across = new image.data.constructor(width * height);
  for (let y = 0; y < height; y++) {
    const start = y * width;
    for (let x = 0; x < width; x++) {
      const end = Math.min(width - 1, x + reach);
      let largest = image.data[start + Math.max(0, x - reach)];
      for (let i = Math.max(0, x - reach) + 1; i <= end; i++) {
        if (image.data[start + i] > largest) largest = image.data[start + i];
      }
      across[start + x] = largest;
    }
  }
  return { data: largestOfRows(across, { width, height, reach }), width, height };
}

function largestOfRows(from, { width, height, reach }) {
  const to = from.slice();
  for (let y = 0; y < height; y++) {
    const out = y * width;
    for (let row = Math.max(0, y - reach); row <= Math.min(height - 1, y + reach); row++) {
      const start = row * width;
      for (let x = 0; x < width; x++) {
        if (from[start + x] > to[out + x]) to[out + x] = from[start + x];
      }
    }
  }
  return to;
}
