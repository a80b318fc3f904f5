/** Where the ink of an image lies on the whole. */

/**
 * The moments of an image: sums of its values, of x times them and of y times them.
 *
 * @param {import("inkwise/imaging/cut_out.js").Plane} image
 * @returns {{sum: number, x: number, y: number}} m00, m10 and m01; pixel 0 has its middle at 0.
 */
export function moments(image) {
  const { data, width, height } = image;
  const found = { sum: 0, x: 0, y: 0 };
  for (let y = 0; y < height; y++) {
    let row = 0;
    for (let x = 0; x < width; x++) {
      const value = data[y * width + x];
      row += value;
      found.x += x * value;
    }
    found.sum += row;
    found.y += y * row;
  }
  return found;
}
