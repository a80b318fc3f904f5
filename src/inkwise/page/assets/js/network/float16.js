/**
 * From half precision (IEEE 754 binary16) to single precision, exactly: every half is a float32.
 *
 * A half has 1 bit of sign, 5 of exponent and 10 of fraction. Exponent 0 holds the numbers below 2^-14,
 * multiples of 2^-24; exponent 31 holds infinity and NaN, which become infinity and NaN.
 */

const FRACTION = 0x03ff;
const SMALLEST = 2 ** -24; // of the halves above 0
const BIAS_GAP = 127 - 15; // between the exponents of single and half precision

/**
 * @param {Uint16Array} halves bit patterns
 * @returns {Float32Array} the same numbers
 */
export function halvesToFloats(halves) {
  const floats = new Float32Array(halves.length);
  const bits = new Uint32Array(floats.buffer);
  for (let i = 0; i < halves.length; i++) {
    const half = halves[i];
    const exponent = (half >> 10) & 31;
    const fraction = half & FRACTION;
    if (exponent === 0) {
      floats[i] = (half >> 15 ? -fraction : fraction) * SMALLEST; // -0 stays -0
    } else {
      const wide = exponent === 31 ? 255 : exponent + BIAS_GAP;
      bits[i] = ((half >> 15) << 31) | (wide << 23) | (fraction << 13);
    }
  }
  return floats;
}
