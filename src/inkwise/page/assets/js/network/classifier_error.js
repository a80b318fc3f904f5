/** A file, an image or a place in a layer that does not fit; the message says what was given and expected. */
export class ClassifierError extends Error {
  /** @param {string} message */
  constructor(message) {
    super(message);
    this.name = "ClassifierError";
  }
}
