/** Gaussian blur. */

/**
 * The image blurred (cv2.GaussianBlur of 32-bit floats with a kernel 8 standard deviations wide).
 *
 * @param {import("inkwise/imaging/cut_out.js").Plane} image
 * @param {number} sigma - standard deviation in pixels, > 0.
 * @returns {import("inkwise/imaging/cut_out.js").Plane} Float32Array; mirrored at the edges (dcb|abcd|cba).
 */
export function blurred(image, sigma) {
  const kernel = halfKernel(sigma);
  const { width, height } = image;
  const across = new Float32Array(width * height);
  blurRows(image.data, across, { kernel, width, height });
  const data = new Float32Array(width * height);
  blurColumns(across, data, { kernel, width, height });
  return { data, width, height };
}

/** The kernel from its middle outwards: its whole sums to 1. */
function halfKernel(sigma) {
  const radius = Math.round(sigma * 8 + 1) >> 1;
  const kernel = new Float64Array(radius + 1);
  let total = 0;
  for (let i = 0; i <= radius; i++) {
    kernel[i] = Math.exp((-i * i) / (2 * sigma * sigma));
    total += i ? 2 * kernel[i] : kernel[i];
  }
  return kernel.map((weight) => weight / total);
}

function blurRows(from, to, { kernel, width, height }) {
  const radius = kernel.length - 1;
  const places = mirrored(width, radius);
  const padded = new Float64Array(places.length);
  for (let y = 0; y < height; y++) {
    const start = y * width;
    for (let i = 0; i < padded.length; i++) padded[i] = from[start + places[i]];
    for (let x = 0; x < width; x++) {
      const middle = x + radius;
      let sum = kernel[0] * padded[middle];
      for (let k = 1; k <= radius; k++) sum += kernel[k] * (padded[middle - k] + padded[middle + k]);
      to[start + x] = sum;
    }
  }
}

/** The same down the columns: whole rows are added, which is quicker than to jump. */
function blurColumns(from, to, { kernel, width, height }) {
  const radius = kernel.length - 1;
  const starts = mirrored(height, radius).map((row) => row * width);
  const sums = new Float64Array(width);
  for (let y = 0; y < height; y++) {
    const middle = y * width;
    for (let x = 0; x < width; x++) sums[x] = kernel[0] * from[middle + x];
    for (let k = 1; k <= radius; k++) {
      const weight = kernel[k];
      const above = starts[y + radius - k];
      const below = starts[y + radius + k];
      for (let x = 0; x < width; x++) sums[x] += weight * (from[above + x] + from[below + x]);
    }
    to.set(sums, middle);
  }
}

/** Which of `length` pixels stands at each place from -radius to length + radius - 1. */
function mirrored(length, radius) {
  const period = Math.max(1, 2 * (length - 1));
  return Int32Array.from({ length: length + 2 * radius }, (_, i) => {
    const place = (((i - radius) % period) + period) % period;
    return place < length ? place : period - place;
  });
}
