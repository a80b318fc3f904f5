/**
 * From strokes to glyphs: which strokes are one digit, and its 28x28. A digit that did not change keeps its
 * image, so that nothing is worked out twice.
 * @module
 */
import { nameOf } from "inkwise/drawing/strokes.js";
import { normaliseGlyph } from "inkwise/normalise.js";
import { boxOf, renderGroup } from "inkwise/pen.js";
import { groupStrokes } from "inkwise/segment.js";

/**
 * Return a function from strokes to glyphs, in reading order.
 * @returns {(strokes: import("inkwise/drawing/strokes.js").Stroke[]) => Object[]} image, box, line, strokes
 */
export function createGlyphs() {
  let images = new Map(); // name of a group -> its image

  return (strokes) => {
    const before = images;
    images = new Map();
    return groupStrokes(strokes).flatMap((groups, line) =>
      groups.map((group) => {
        const members = group.map((index) => strokes[index]);
        const name = nameOf(members);
        images.set(name, before.get(name) ?? imageOf(strokes, group));
        return { image: images.get(name), box: frameOf(members), line, strokes: members };
      }),
    );
  };
}

function imageOf(strokes, group) {
  const { coverage, width, height } = renderGroup(strokes, group);
  return normaliseGlyph(coverage, width, height);
}

function frameOf(strokes) {
  const { left, top, right, bottom } = boxOf(strokes);
  return { x: left, y: top, width: right - left, height: bottom - top };
}
