/**
 * The page comes to life: the classifier is loaded, the inputs are wired to the state, the state to the views.
 * @module
 */
import { createAbout } from "inkwise/answer/about.js";
import { createBars } from "inkwise/answer/bars.js";
import { createChoice } from "inkwise/answer/choice.js";
import { createSeen } from "inkwise/answer/seen.js";
import { createVerdict } from "inkwise/answer/verdict.js";
import { byId } from "inkwise/dom.js";
import { createBoxes } from "inkwise/drawing/boxes.js";
import { createDesk } from "inkwise/drawing/desk.js";
import { emptyHistory } from "inkwise/drawing/strokes.js";
import { createLayerList } from "inkwise/layer_views/list.js";
import { createCorrect } from "inkwise/picture/correct.js";
import { createPhoto } from "inkwise/picture/photo.js";
import { createSheet, openPicture } from "inkwise/picture/sheet.js";
import { loadClassifier, readConfig } from "inkwise/scene/config.js";
import { createReading } from "inkwise/scene/reading.js";
import { createState } from "inkwise/scene/state.js";

start().catch((error) => {
  byId("waiting").hidden = true;
  complain(error);
});

async function start() {
  const config = readConfig();
  const classifier = await loadClassifier(config.classifiers[0]);
  const first = { drawing: emptyHistory(), current: null, picture: null, selected: null, classifier, compared: null };
  const state = createState(first, createReading());
  byId("waiting").hidden = true;
  for (const id of ["stage", "inside"]) byId(id).hidden = false;
  name(classifier);
  createDesk(state);
  showViews(state);
  offerClassifiers(config, state);
  if (config.mode === "server") offerServer(config, state);
  new ResizeObserver(state.again).observe(byId("paper"));
  window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", state.again);
}

/** Say something that went wrong, and what to do; nothing takes it away. @param {Error|null} error */
function complain(error) {
  byId("notice").hidden = !error;
  byId("notice").textContent = error?.message ?? "";
}

function name({ classes }) {
  const isDigits = classes.every((each) => /^[0-9]$/.test(each));
  const isLetters = classes.every((each) => /^[A-Za-z0-9]$/.test(each));
  const thing = isDigits ? "a digit" : isLetters ? "a character" : "a picture";
  byId("heading").textContent = `Draw ${thing}`;
  byId("hint-text").textContent = `Draw ${thing} here`;
  byId("example").hidden = !isDigits;
}

function showViews(state) {
  const select = (selected) => state.change({ selected });
  const verdict = { verdict: byId("verdict"), digits: byId("digits"), spoken: byId("spoken") };
  state.watch(createVerdict(verdict, select));
  state.watch(createBoxes(byId("boxes"), select));
  state.watch(createSeen(byId("seen"), byId("seen-value")));
  state.watch(createBars(byId("bars")));
  state.watch(createLayerList(byId("layers"), byId("unfold")));
  state.watch(createAbout(byId("about")));
}

function offerClassifiers({ classifiers }, state) {
  const loaded = new Map([[0, state.inputs().classifier]]);
  async function take(index, key) {
    try {
      complain(null);
      if (index >= 0 && !loaded.has(index)) loaded.set(index, await loadClassifier(classifiers[index]));
      state.change({ [key]: loaded.get(index) ?? null });
    } catch (error) {
      complain(error);
    }
  }
  createChoice(byId("choices"), classifiers, {
    choose: (index) => take(index, "classifier"),
    compare: (index) => take(index, "compared"),
  });
}

function offerServer({ corrections = true }, state) {
  const places = { holder: byId("picture"), paper: byId("paper"), warnings: byId("warnings") };
  state.watch(createSheet(places));
  if (corrections) state.watch(createCorrect(byId("correct")));
  const ways = {
    choose: byId("choose-picture"),
    take: byId("take-photo"),
    file: byId("picture-file"),
    camera: byId("camera-file"),
  };
  createPhoto(ways, async (file) => {
    document.body.classList.add("busy");
    try {
      complain(null);
      const picture = await openPicture(file, state.inputs().classifier.classes);
      state.change({ picture, selected: 0 });
    } catch (error) {
      complain(error);
    } finally {
      document.body.classList.remove("busy");
    }
  });
}
