/**
 * The colours of a layer's scale with their values, to read its tiles by.
 * @module
 */
import { element, fitCanvas } from "inkwise/dom.js";
import { say } from "inkwise/answer/say.js";
import { colourOf } from "inkwise/layer_views/colours.js";

const [WIDTH, HEIGHT] = [180, 12];

/**
 * Return a legend: an element, and a function that shows a scale in it.
 * @param {boolean} isBars bars say their values by their length: only the ends are written
 */
export function createLegend(isBars) {
  const canvas = element("canvas", { "aria-hidden": "true" });
  const [low, middle, high] = [element("span"), element("span"), element("span")];
  const marks = element("span", { class: "marks" }, low, middle, high);
  const legend = element("div", { class: "legend aside" }, element("span", { class: "ramp" }, canvas, marks));
  return {
    legend,
    show(scale) {
      if (isBars) {
        legend.textContent = `From ${say.number(scale.low)} to ${say.number(scale.high)}`;
        return;
      }
      const least = scale.isSigned ? -scale.reach : 0;
      const context = fitCanvas(canvas, WIDTH, HEIGHT);
      for (let x = 0; x < WIDTH; x += 1) {
        context.fillStyle = colourOf(scale, least + ((scale.reach - least) * x) / (WIDTH - 1));
        context.fillRect(x, 0, 1.5, HEIGHT);
      }
      low.textContent = say.number(least);
      middle.textContent = scale.isSigned ? "0" : "";
      high.textContent = say.number(scale.reach);
    },
  };
}
