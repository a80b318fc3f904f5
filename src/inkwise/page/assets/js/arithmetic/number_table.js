/**
 * A small table of numbers on their colours: a patch, a kernel, their products.
 * @module
 */
import { element } from "inkwise/dom.js";
import { colourOf, isDark } from "inkwise/layer_views/colours.js";

/**
 * Return a table of values.
 * @param {Float32Array} values
 * @param {Object} about
 * @param {[number, number]} about.shape rows and columns
 * @param {string} about.title
 * @param {import("inkwise/layer_views/colours.js").Scale} about.scale
 * @returns {HTMLTableElement}
 */
export function numberTable(values, { shape: [rows, columns], title, scale }) {
  const cells = Array.from(values, (value) => numberCell(value, scale));
  const body = Array.from({ length: rows }, (_, row) =>
    element("tr", {}, ...cells.slice(row * columns, (row + 1) * columns)),
  );
  return element("table", { class: "numbers" }, element("caption", {}, title), element("tbody", {}, ...body));
}

function numberCell(value, scale) {
  const text = value.toFixed(2).replace("-0.00", "0.00").replace("-", "−");
  const cell = element("td", {}, text);
  cell.style.backgroundColor = colourOf(scale, value);
  cell.classList.add(isDark(scale, value) ? "on-dark" : "on-light");
  return cell;
}
