/** Which pixels hang together. */

/**
 * The pixels above `low` that hang together, over edges or corners, with one above `high`: a line begins
 * where it is clearly ink and runs on while it is fainter (hysteresis, as in Canny 1986).
 *
 * @param {import("inkwise/imaging/cut_out.js").Plane} image
 * @param {number} low - in the units of the image.
 * @param {number} high - likewise, >= low.
 * @returns {import("inkwise/imaging/cut_out.js").Plane} Uint8Array, 1 where a pixel is taken, else 0.
 */
export function connectedTo(image, low, high) {
  const { data, width, height } = image;
  const taken = new Uint8Array(data.length);
  for (let i = 0; i < data.length; i++) if (data[i] > high) taken[i] = 1;
  const waiting = [];
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++, i++) {
      if (taken[i] || !(data[i] > low) || !isTakenAround(x, y)) continue;
      taken[i] = 1;
      waiting.push(i);
      while (waiting.length) takeFaintAround(waiting.pop());
    }
  }
  return { data: taken, width, height };

  function isTakenAround(x, y) {
    let isTaken = false;
    visitAround(x, y, (next) => (isTaken ||= taken[next] === 1));
    return isTaken;
  }

  function takeFaintAround(place) {
    const x = place % width;
    visitAround(x, (place - x) / width, (next) => {
      if (taken[next] || !(data[next] > low)) return;
      taken[next] = 1;
      waiting.push(next);
    });
  }

  function visitAround(x, y, visit) {
    for (let row = Math.max(0, y - 1); row <= Math.min(height - 1, y + 1); row++) {
      for (let column = Math.max(0, x - 1); column <= Math.min(width - 1, x + 1); column++) {
        visit(row * width + column);
      }
    }
  }
}
