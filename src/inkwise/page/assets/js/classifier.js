/**
 * A classifier file in the browser: read it, run it layer by layer, work out a single value by hand.
 *
 *     const network = prepareNetwork(parseClassifier(await response.arrayBuffer()));
 *     const result = forward(network, image);  // 784 grey levels, white ink on black, row by row
 *     result.probabilities                     // one for each of network.classes
 *     result.layers[0].data                    // what the first layer put out
 *     explainPixel(network, result, 0, 117)    // how its value number 117 comes about
 *
 * This is the face; the parts are in network/ (the file, the chain, the arithmetic) and layers/ (one
 * operation a file). Everything given that does not fit is refused with a ClassifierError.
 */

export { ClassifierError } from "inkwise/network/classifier_error.js";
export { explainPixel } from "inkwise/network/explain.js";
export { parseClassifier } from "inkwise/network/header.js";
export { forward, prepareNetwork } from "inkwise/network/network.js";
