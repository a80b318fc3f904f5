/** From the kind of a layer, as the file names it, to the operation. */

import {
  prepareFlatten,
  prepareLogSoftmax,
  prepareRelu,
  prepareSoftmax,
} from "inkwise/layers/activations.js";
import { prepareBatchNorm } from "inkwise/layers/batch_norm.js";
import { prepareConv2d } from "inkwise/layers/conv2d.js";
import { prepareLinear } from "inkwise/layers/linear.js";
import { prepareAvgPool2d, prepareGlobalAvgPool2d, prepareMaxPool2d } from "inkwise/layers/pooling.js";
import { ClassifierError } from "inkwise/network/classifier_error.js";

const KINDS = new Map([
  ["conv2d", prepareConv2d],
  ["batch_norm", prepareBatchNorm],
  ["relu", prepareRelu],
  ["max_pool2d", prepareMaxPool2d],
  ["avg_pool2d", prepareAvgPool2d],
  ["global_avg_pool2d", prepareGlobalAvgPool2d],
  ["flatten", prepareFlatten],
  ["linear", prepareLinear],
  ["softmax", prepareSoftmax],
  ["log_softmax", prepareLogSoftmax],
]);

/**
 * Check one layer against what comes in and make it ready to run.
 *
 * @param {import("inkwise/layers/entry.js").LayerEntry} entry
 * @returns {import("inkwise/layers/entry.js").Prepared}
 * @throws {ClassifierError} the kind is unknown, or a field or tensor does not fit
 */
export function prepareLayer(entry) {
  const prepare = KINDS.get(entry.kind);
  if (prepare === undefined) {
    const known = [...KINDS.keys()].join(", ");
    throw new ClassifierError(`${entry.words}: unknown kind, expected one of ${known}`);
  }
  return prepare(entry);
}
