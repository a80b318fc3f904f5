/**
 * What the page asks of the server that it came from: to read a picture, to keep a correction.
 * @module
 */

/**
 * @typedef {Object} ReadGlyph
 * @property {[number, number, number, number]} box x, y, width, height in pixels of the picture
 * @property {number} label
 * @property {number} probability
 * @property {boolean} accepted
 * @property {number[][]} image 28 rows of 28
 *
 * Return what the server reads on a picture.
 * @param {Blob} file
 * @returns {Promise<{lines: string[], glyphs: ReadGlyph[], warnings: string[]}>}
 */
export async function readPicture(file) {
  const headers = { "Content-Type": file.type || "application/octet-stream" };
  const [reading] = await ask("read?images=true", { method: "POST", body: file, headers });
  return reading;
}

/**
 * Keep what a digit really is.
 * @param {{image: Uint8Array, label: number, readAs: number, probability: number}} correction
 * @returns {Promise<Object>}
 */
export function keepCorrection({ image, label, readAs, probability }) {
  const rows = Array.from({ length: 28 }, (_, row) => [...image.slice(28 * row, 28 * (row + 1))]);
  const body = JSON.stringify({ image: rows, label, read_as: readAs, probability });
  return ask("corrections", { method: "POST", body, headers: { "Content-Type": "application/json" } });
}

async function ask(path, request) {
  let response;
  try {
    response = await fetch(path, request);
  } catch {
    throw new Error("The server does not answer. Is inkwise serve still running? Drawing goes on without it.");
  }
  if (!response.ok) throw new Error(await problemOf(response));
  return response.json();
}

/** Return the server's own words where it has some (application/problem+json). */
async function problemOf(response) {
  if (response.status === 429) {
    const wait = response.headers.get("Retry-After");
    return `The server is busy. Try again ${wait ? `in ${wait} s` : "in a moment"}.`;
  }
  const problem = await response.json().catch(() => ({}));
  if (problem.detail) return `The server says: ${problem.detail}.`;
  return `The server answers ${response.status}. Try again, or something else.`;
}
