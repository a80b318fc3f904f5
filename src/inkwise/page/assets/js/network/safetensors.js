/**
 * The container of a classifier file: named tensors behind a header of JSON.
 *
 * 8 bytes, little-endian: the length of the header; the header; the tensors' bytes, one after another with
 * no gap, little-endian as every browser's processor. Source: the format of safetensors,
 * https://huggingface.co/docs/safetensors/index. Every number in the file is checked before it is used.
 */

import { ClassifierError } from "inkwise/network/classifier_error.js";
import { halvesToFloats } from "inkwise/network/float16.js";

const LENGTH_BYTES = 8;
const MOST_HEADER_BYTES = 100_000_000; // as in safetensors itself
const VALUE_BYTES = new Map([
  ...["BOOL", "U8", "I8", "F8_E5M2", "F8_E4M3"].map((dtype) => [dtype, 1]),
  ...["I16", "U16", "F16", "BF16"].map((dtype) => [dtype, 2]),
  ...["I32", "U32", "F32"].map((dtype) => [dtype, 4]),
  ...["I64", "U64", "F64"].map((dtype) => [dtype, 8]),
]);

/**
 * @typedef {{shape: number[], data: Float32Array}} Tensor values row by row
 * @typedef {{name: string, dtype: string, shape: number[], begin: number, end: number}} Place
 */

/**
 * Read a safetensors file; tensors of other types than F32 and F16 are left out.
 *
 * @param {ArrayBuffer} buffer
 * @returns {{metadata: Object<string, string>, tensors: Map<string, Tensor>}}
 * @throws {ClassifierError} the file is cut short, altered, or no safetensors file
 */
export function readSafetensors(buffer) {
  if (!(buffer instanceof ArrayBuffer)) {
    refuse(`${typeof buffer} given, expected an ArrayBuffer; read the file with arrayBuffer()`);
  }
  const { header, start } = readHeader(buffer);
  const { __metadata__: metadata = {}, ...entries } = header;
  if (!isObject(metadata)) refuse("its __metadata__ is not an object of texts");
  const places = Object.entries(entries).map(([name, entry]) => readPlace(name, entry));
  checkPlaces(places, buffer.byteLength - start);
  const tensors = new Map();
  for (const place of places) {
    const data = readValues(buffer, start, place);
    if (data !== null) tensors.set(place.name, { shape: place.shape, data });
  }
  return { metadata, tensors };
}

function readHeader(buffer) {
  if (buffer.byteLength < LENGTH_BYTES) {
    refuse(`${buffer.byteLength} bytes, expected at least ${LENGTH_BYTES} for the length of its header`);
  }
  const length = new DataView(buffer).getBigUint64(0, true);
  const most = Math.min(buffer.byteLength - LENGTH_BYTES, MOST_HEADER_BYTES);
  if (length > BigInt(most)) {
    refuse(`its header claims ${length} bytes, expected at most ${most}`);
  }
  const start = LENGTH_BYTES + Number(length);
  const header = parseJson(new Uint8Array(buffer, LENGTH_BYTES, Number(length)));
  if (!isObject(header)) refuse("its header is not a JSON object");
  return { header, start };
}

function parseJson(bytes) {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    return refuse("its header is not JSON in UTF-8");
  }
}

/** @returns {Place} */
function readPlace(name, entry) {
  const { dtype, shape, data_offsets: offsets } = isObject(entry) ? entry : {};
  if (!VALUE_BYTES.has(dtype)) {
    const known = [...VALUE_BYTES.keys()].join(" ");
    refuse(`tensor ${quote(name)} has dtype ${quote(dtype)}, expected one of ${known}`);
  }
  if (!isCounts(shape)) refuse(`tensor ${quote(name)} has shape ${quote(shape)}, expected whole numbers`);
  if (!isCounts(offsets) || offsets.length !== 2) {
    refuse(`tensor ${quote(name)} has data_offsets ${quote(offsets)}, expected [begin, end]`);
  }
  const [begin, end] = offsets;
  const expected = shape.reduce((product, size) => product * size, VALUE_BYTES.get(dtype));
  if (end - begin !== expected) {
    refuse(`tensor ${quote(name)} has ${end - begin} bytes, expected ${expected} for its shape and dtype`);
  }
  return { name, dtype, shape, begin, end };
}

/** The tensors must fill the rest of the file without gap or overlap, so each offset is inside it. */
function checkPlaces(places, numBytes) {
  let reached = 0;
  for (const place of [...places].sort((one, other) => one.begin - other.begin || one.end - other.end)) {
    if (place.begin !== reached) {
      const expected = `${reached}, where the one before ends`;
      refuse(`tensor ${quote(place.name)} begins at ${place.begin}, expected ${expected}`);
    }
    reached = place.end;
  }
  if (reached !== numBytes) {
    refuse(`its tensors end at byte ${reached}, expected ${numBytes}, where the file ends`);
  }
}

function readValues(buffer, start, { name, dtype, begin, end }) {
  if (dtype !== "F32" && dtype !== "F16") return null;
  const bytes = buffer.slice(start + begin, start + end); // a copy, for a view must begin at a multiple of 4
  const data = dtype === "F32" ? new Float32Array(bytes) : halvesToFloats(new Uint16Array(bytes));
  if (!data.every(Number.isFinite)) refuse(`tensor ${quote(name)} holds NaN or infinity`);
  return data;
}

function isObject(value) {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isCounts(value) {
  return Array.isArray(value) && value.every((count) => Number.isSafeInteger(count) && count >= 0);
}

function quote(value) {
  return JSON.stringify(value) ?? "none";
}

function refuse(what) {
  throw new ClassifierError(
    `not a whole safetensors file: ${what}; it was cut short or altered, take another copy`,
  );
}
