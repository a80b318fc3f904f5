/**
 * The picture in the place of the paper, with what the server read on it.
 * @module
 */
import { element } from "inkwise/dom.js";
import { readPicture } from "inkwise/picture/server.js";
import { nameGlyph } from "inkwise/scene/reading.js";

/**
 * Return what is to be shown of a picture file: its address, its size, its glyphs.
 * @param {Blob} file
 * @param {string[]} classes names of the labels
 */
export async function openPicture(file, classes) {
  const url = URL.createObjectURL(file);
  try {
    const [image, reading] = await Promise.all([decode(url), readPicture(file)]);
    const area = { width: image.naturalWidth, height: image.naturalHeight };
    const glyphs = reading.glyphs.map((glyph) => toGlyph(glyph, classes));
    return { image, area, glyphs, lines: reading.lines, warnings: reading.warnings };
  } finally {
    URL.revokeObjectURL(url); // the image has its pixels by now
  }
}

async function decode(url) {
  const image = element("img", { alt: "The picture that was read" });
  image.src = url;
  // A format that only the server can open is still read; it is just not shown.
  await image.decode().catch(() => {});
  return image;
}

function toGlyph({ box: [x, y, width, height], label, probability, accepted, image }, classes) {
  return {
    box: { x, y, width, height },
    image: Uint8Array.from(image.flat()),
    read: { ...nameGlyph(classes[label], probability), probability, isAccepted: accepted },
  };
}

/**
 * Return a view that shows the picture of a scene, or the paper where it has none.
 * @param {{holder: HTMLElement, paper: HTMLElement, warnings: HTMLElement}} places
 * @returns {(scene: import("inkwise/scene/reading.js").Scene) => void}
 */
export function createSheet({ holder, paper, warnings }) {
  let shown = null;
  return ({ inputs: { picture }, isPicture, area }) => {
    paper.classList.toggle("with-picture", isPicture);
    if (picture === shown) return;
    shown = picture;
    holder.hidden = !picture;
    holder.replaceChildren(...(picture ? [picture.image] : []));
    paper.style.aspectRatio = picture ? `${area.width} / ${area.height}` : "";
    paper.style.maxWidth = picture ? `min(100%, ${((85 * area.width) / area.height).toFixed(1)}vh)` : "";
    warnings.replaceChildren(...(picture?.warnings ?? []).map((words) => element("li", {}, words)));
    warnings.hidden = !picture?.warnings.length;
  };
}
