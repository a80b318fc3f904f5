/**
 * How one value comes about: what the weights see, times the weights, plus the bias, in numbers.
 * @module
 */
import { element } from "inkwise/dom.js";
import { explainPixel } from "inkwise/classifier.js";
import { say } from "inkwise/answer/say.js";
import { greyScale, scaleOf } from "inkwise/layer_views/colours.js";
import { numberTable } from "inkwise/arithmetic/number_table.js";
import { paintSource } from "inkwise/arithmetic/source.js";

/**
 * Return the place where the values of one layer are worked out.
 * @param {number} layerIndex
 * @param {(unit: number) => string} place in words
 * @returns {{holder: HTMLElement, show: (unit: number|null, scene: Object|null) => void}}
 */
export function createArithmetic(layerIndex, place) {
  const holder = element("div", { class: "arithmetic" });
  let followed = null; // the input map a person wants to see, null: the one that counts most

  function show(unit, scene) {
    const result = scene?.glyphs[scene.selected]?.answer.result;
    if (unit === null || !result) {
      holder.replaceChildren();
      return;
    }
    const sum = explainPixel(scene.inputs.classifier.network, result, layerIndex, unit);
    const follow = (channel) => {
      followed = channel;
      show(unit, scene);
    };
    const had = holder.contains(document.activeElement);
    const input = layerIndex ? result.layers[layerIndex - 1] : result.input;
    const scale = layerIndex ? scaleOf(input.data) : greyScale(Math.min(...input.data), Math.max(...input.data));
    const parts = workOut(sum, { followed, follow, input, scale });
    holder.replaceChildren(element("h4", {}, `${place(unit)}, worked out`), ...parts);
    if (had) holder.querySelector("select")?.focus();
  }
  return { holder, show };
}

function workOut(sum, about) {
  if (sum.patches) return workOutPatch(sum, about);
  if (sum.largest) return workOutRow(sum);
  return [element("p", { class: "formula" }, withSigns(sum.formula))];
}

/** A convolution: one input map's patch, weights and products, then the sum over all maps. */
function workOutPatch({ patches, bias, sum, value }, { followed, follow, input, scale }) {
  const strongest = patches.reduce((best, patch) => (Math.abs(patch.sum) > Math.abs(best.sum) ? patch : best));
  const patch = patches.find(({ channel }) => channel === followed) ?? strongest;
  const { shape } = patch;
  const name = patches.length > 1 ? `Input map ${patch.channel}` : "Input";
  const source = element("canvas", { role: "img", "aria-label": `${name}; the frame is what is seen of it` });
  paintSource(source, input, { patch, scale });
  const tables = element(
    "div",
    { class: "tables" },
    element("figure", { class: "source" }, element("figcaption", {}, name), source),
    numberTable(patch.inputs, { shape, title: "What it sees", scale }),
    signed("×", numberTable(patch.weights, { shape, title: "Weights", scale: scaleOf(patch.weights) })),
    signed("=", numberTable(patch.products, { shape, title: "Products", scale: scaleOf(patch.products) })),
  );
  const rows =
    patches.length === 1
      ? [["all products", sum]]
      : [
          [`products of map ${patch.channel}`, patch.sum],
          [`products of the ${patches.length - 1} others`, sum - patch.sum],
        ];
  const chooser = patches.length > 1 ? [mapChoice(patches, { patch, follow })] : [];
  return [...chooser, element("div", { class: "worked" }, tables, sumTable([...rows, ["bias", bias]], value))];
}

/** A table with the sign before it; on a narrow screen they stay together. */
function signed(sign, table) {
  return element("div", { class: "signed" }, element("span", { class: "sign" }, sign), table);
}

function mapChoice(patches, { patch, follow }) {
  const options = patches.map(({ channel, sum }) =>
    element("option", { value: channel, selected: channel === patch.channel }, `map ${channel}: ${say.number(sum)}`),
  );
  const select = element("select", {}, ...options);
  select.addEventListener("change", () => follow(Number(select.value)));
  return element("label", { class: "map-choice" }, `It adds up ${patches.length} input maps; shown is `, select);
}

/** A linear layer: the products that count most, the rest in one number. */
function workOutRow({ largest, sum, bias, value, inputs }) {
  const shown = largest.slice(0, 8);
  const rest = shown.reduce((left, { product }) => left - product, sum);
  const rows = shown.map(({ index, input, weight, product }) => [
    `input ${index}: ${say.number(input)} × ${say.number(weight)}`,
    product,
  ]);
  const others = inputs.length - shown.length;
  if (others > 0) rows.push([`${say.count(others)} smaller products`, rest]);
  return [sumTable([...rows, ["bias", bias]], value)];
}

function sumTable(rows, value) {
  const body = rows.map(([words, number], index) => sumRow(index ? "+" : "", words, number));
  return element(
    "table",
    { class: "sum" },
    element("tbody", {}, ...body),
    element("tfoot", {}, sumRow("=", "value", value)),
  );
}

function sumRow(sign, words, number) {
  const name = element("th", { scope: "row" }, words);
  return element("tr", {}, element("td", {}, sign), name, element("td", {}, say.number(number)));
}

/** True signs for what was typed with those of a keyboard. */
function withSigns(formula) {
  return formula.replaceAll(" x ", " × ").replaceAll("-", "−");
}
