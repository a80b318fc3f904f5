/**
 * The 28x28 the network sees, large enough to count its pixels.
 * @module
 */
import { listenToCells } from "inkwise/cells.js";
import { greyScale } from "inkwise/layer_views/colours.js";
import { layTiles, locateInMaps, paintMaps, stepInMaps } from "inkwise/layer_views/maps.js";

const SIDE = 28;
const NOTHING = new Uint8Array(SIDE * SIDE);

/**
 * Return a view of the selected glyph's image.
 * @param {HTMLCanvasElement} canvas
 * @param {HTMLElement} words where the value of a pixel is said
 * @returns {(scene: import("inkwise/scene/reading.js").Scene) => void}
 */
export function createSeen(canvas, words) {
  let [image, tiles, pointed, chosen] = [NOTHING, null, null, null];

  function show() {
    const width = Math.floor(canvas.parentElement.clientWidth);
    tiles = layTiles([1, SIDE, SIDE], width, { tile: width });
    const marks = [pointed ?? chosen].filter((mark) => mark !== null);
    paintMaps(canvas, image, { tiles, scale: greyScale(0, 255), marks });
    words.textContent = describe(image, pointed ?? chosen);
  }
  listenToCells(canvas, {
    locate: (x, y) => locateInMaps(tiles, x, y),
    step: (index, dx, dy) => stepInMaps(tiles, index, [dx, dy]),
    point: (index) => index !== pointed && ((pointed = index), show()),
    choose: (index) => ((chosen = index), show()),
  });
  canvas.addEventListener("blur", () => ((chosen = null), show()));
  return ({ glyphs, selected }) => {
    image = glyphs[selected]?.image ?? NOTHING;
    show();
  };
}

function describe(image, index) {
  if (index === null) return image === NOTHING ? "" : "0 is paper, 255 is ink";
  return `Row ${Math.floor(index / SIDE)}, column ${index % SIDE}: ${image[index]} of 255`;
}
