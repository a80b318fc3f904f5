/**
 * How far each pixel is from the nearest empty one, measured in steps to near neighbours.
 *
 * Source: Borgefors, Computer Vision, Graphics and Image Processing 34, 1986; steps as in cv2.DIST_L2, mask 5.
 */

const BESIDE = 1;
const DIAGONAL = Math.fround(1.4);
const KNIGHT = Math.fround(2.1969); // one across and two down, or two across and one down
const FAR = Math.fround(3e38);

/**
 * The distance of every pixel to the nearest pixel that is 0.
 *
 * @param {import("inkwise/imaging/cut_out.js").Plane} mask - 0 or not; beyond its edges nothing is 0.
 * @returns {import("inkwise/imaging/cut_out.js").Plane} Float32Array, pixels; huge where no pixel is 0.
 */
export function distanceToZero(mask) {
  const { width, height } = mask;
  const stride = width + 4; // two columns and two rows of FAR on every side: no pixel asks where it stands
  const away = new Float32Array(stride * (height + 4)).fill(FAR);
  for (let y = 0; y < height; y++) {
    const start = (y + 2) * stride + 2;
    for (let x = 0; x < width; x++) {
      away[start + x] = mask.data[y * width + x] ? nearest(away, start + x, stride) : 0;
    }
  }
  const data = new Float32Array(width * height);
  for (let y = height - 1; y >= 0; y--) {
    const start = (y + 2) * stride + 2;
    for (let x = width - 1; x >= 0; x--) {
      const place = start + x;
      if (away[place] > BESIDE) away[place] = Math.min(away[place], nearest(away, place, -stride));
      data[y * width + x] = away[place];
    }
  }
  return { data, width, height };
}

/** The least distance by way of the neighbours before a place; a negative stride: of those after it. */
function nearest(away, place, stride) {
  const beside = stride < 0 ? -1 : 1;
  const row = place - stride;
  const beyond = row - stride;
  const knights = Math.min(
    away[beyond - beside],
    away[beyond + beside],
    away[row - 2 * beside],
    away[row + 2 * beside],
  );
  const diagonals = Math.min(away[row - beside], away[row + beside]);
  const straight = Math.min(away[row], away[place - beside]);
  return Math.min(
    Math.fround(knights + KNIGHT),
    Math.fround(diagonals + DIAGONAL),
    Math.fround(straight + BESIDE),
  );
}
