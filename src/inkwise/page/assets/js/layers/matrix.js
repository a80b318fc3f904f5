/**
 * Products of matrices, as fast as plain JavaScript goes: all that convolutions and linear layers take.
 *
 * Sums are kept in local variables, eight at a time, so that each number fetched is used several times; in
 * float64, for an engine computes in it and would round at every step to stay in float32.
 */

export const ROWS = 4; // computed at once
export const COLUMNS = 2;

/**
 * Lay out the rows of a matrix for `multiplyPacked`: by fours, the four numbers of a column together.
 *
 * @param {Float32Array} matrix numRows x depth, row by row
 * @param {number} numRows
 * @returns {Float64Array} ceil(numRows / 4) x depth x 4, zeros where a row is missing
 */
export function packRows(matrix, numRows) {
  const depth = matrix.length / numRows;
  const packed = new Float64Array(Math.ceil(numRows / ROWS) * ROWS * depth);
  for (let row = 0; row < numRows; row++) {
    const start = (row - (row % ROWS)) * depth + (row % ROWS);
    for (let k = 0; k < depth; k++) packed[start + k * ROWS] = matrix[row * depth + k];
  }
  return packed;
}

/**
 * Multiply all rows with two columns; sums receives row 0 with both columns, row 1 with both, and so on.
 *
 * @param {Float64Array} rows of packRows
 * @param {Float64Array} columns depth x 2
 * @param {Float64Array} sums ceil(numRows / 4) x 4 x 2
 */
export function multiplyPacked(rows, columns, sums) {
  const end = columns.length;
  for (let r = 0, s = 0; s < sums.length; s += ROWS * COLUMNS) {
    let a0 = 0, a1 = 0, b0 = 0, b1 = 0, c0 = 0, c1 = 0, d0 = 0, d1 = 0;
    for (let k = 0; k < end; k += COLUMNS, r += ROWS) {
      const left = columns[k], right = columns[k + 1];
      const a = rows[r], b = rows[r + 1], c = rows[r + 2], d = rows[r + 3];
      a0 += a * left; a1 += a * right;
      b0 += b * left; b1 += b * right;
      c0 += c * left; c1 += c * right;
      d0 += d * left; d1 += d * right;
    }
    sums[s] = a0; sums[s + 1] = a1;
    sums[s + 2] = b0; sums[s + 3] = b1;
    sums[s + 4] = c0; sums[s + 5] = c1;
    sums[s + 6] = d0; sums[s + 7] = d1;
  }
}

/**
 * Multiply a matrix with one vector: output[i] = the sum over k of matrix[i, k] * vector[k], plus bias[i].
 *
 * @param {Float32Array} matrix output.length x vector.length, row by row
 * @param {Float32Array} vector
 * @param {{bias: Float32Array | null, output: Float32Array}} into
 */
export function multiplyVector(matrix, vector, { bias, output }) {
  const depth = vector.length;
  const last = output.length - 1;
  for (let i = 0; i <= last; i += ROWS) {
    // Rows below the last are the last again: computed, and thrown away.
    let a = i * depth, b = Math.min(i + 1, last) * depth;
    let c = Math.min(i + 2, last) * depth, d = Math.min(i + 3, last) * depth;
    let sumA = 0, sumB = 0, sumC = 0, sumD = 0;
    for (let k = 0; k < depth; k++) {
      const value = vector[k];
      sumA += matrix[a++] * value;
      sumB += matrix[b++] * value;
      sumC += matrix[c++] * value;
      sumD += matrix[d++] * value;
    }
    const sums = [sumA, sumB, sumC, sumD];
    for (let row = i; row <= Math.min(i + 3, last); row++) {
      output[row] = sums[row - i] + (bias === null ? 0 : bias[row]);
    }
  }
}
