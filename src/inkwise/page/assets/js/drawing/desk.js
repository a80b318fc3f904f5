/**
 * The paper with everything that is used on it: pen, keys, undo, redo, clear, the pen's width, examples.
 * @module
 */
import { byId, wantsLessMotion } from "inkwise/dom.js";
import { playStrokes, writeDigit } from "inkwise/drawing/examples.js";
import { createKeyPen } from "inkwise/drawing/keys.js";
import { createPad } from "inkwise/drawing/pad.js";
import { PEN_WIDTH, redo, replaceStrokes, undo } from "inkwise/drawing/strokes.js";
import { allStrokes } from "inkwise/scene/reading.js";

/**
 * Wire the paper and its tools to the state.
 * @param {ReturnType<import("inkwise/scene/state.js").createState>} state
 */
export function createDesk(state) {
  const [canvas, width] = [byId("pad"), byId("pen-width")];
  width.value = PEN_WIDTH;
  const hand = createHand(state, () => Number(width.value));
  const pad = createPad(canvas, hand);
  createKeyPen(canvas, byId("pen-tip"), hand);
  const repaint = () => pad.paint(allStrokes(state.inputs()));
  hand.onDraw = repaint; // the line follows the pen at once; reading it may come a little later
  createTools(state, hand);
  state.watch((scene) => {
    repaint();
    showTools(scene);
  });
}

function createHand(state, penWidth) {
  let numDrawn = 0;
  const hand = {
    penWidth,
    onDraw: () => {},
    numDrawn: () => numDrawn,
    draw(stroke) {
      numDrawn += 1;
      state.change({ current: stroke, selected: null });
      hand.onDraw();
    },
    lift() {
      const { current, drawing } = state.inputs();
      if (!current) return;
      state.change({ current: null, drawing: replaceStrokes(drawing, [...drawing.strokes, current]) });
    },
    say: (words) => (byId("spoken").textContent = words),
  };
  return hand;
}

function createTools(state, hand) {
  const turn = (change) => () => {
    const { drawing, picture } = state.inputs();
    if (!picture) state.change({ drawing: change(drawing), current: null, selected: null });
  };
  const tools = {
    undo: turn(undo),
    redo: turn(redo),
    clear: turn((drawing) => (drawing.strokes.length ? replaceStrokes(drawing, []) : drawing)),
    example: () => writeExample(state, hand),
    "back-to-paper": () => state.change({ picture: null, selected: null }),
  };
  for (const [id, use] of Object.entries(tools)) byId(id).addEventListener("click", use);
  document.addEventListener("keydown", (event) => listenToKeys(event, tools));
}

function listenToKeys(event, tools) {
  const key = event.key.toLowerCase();
  const isPaper = event.target === byId("pad");
  if ((event.ctrlKey || event.metaKey) && (key === "z" || key === "y")) {
    event.preventDefault();
    if (key === "y" || event.shiftKey) tools.redo();
    else tools.undo();
  } else if (isPaper && (key === "delete" || key === "backspace")) {
    event.preventDefault();
    tools.clear();
  }
}

let example = 2; // the next digit to be written

async function writeExample(state, hand) {
  example = (example + 1) % 10;
  const { drawing } = state.inputs();
  const empty = drawing.strokes.length ? replaceStrokes(drawing, []) : drawing;
  state.change({ drawing: empty, current: null, selected: null });
  const strokes = writeDigit(example, hand.penWidth());
  if (wantsLessMotion()) {
    state.change({ drawing: replaceStrokes(state.inputs().drawing, strokes) });
    return;
  }
  let mine = hand.numDrawn();
  await playStrokes(strokes, {
    draw(stroke) {
      hand.draw(stroke);
      mine = hand.numDrawn();
    },
    lift: hand.lift,
    isStopped: () => hand.numDrawn() !== mine, // somebody took the pen
  });
}

function showTools({ inputs, isPicture }) {
  const { past, future, strokes } = inputs.drawing;
  byId("undo").disabled = past.length === 0;
  byId("redo").disabled = future.length === 0;
  byId("clear").disabled = strokes.length === 0;
  byId("hint").hidden = strokes.length > 0 || inputs.current !== null || isPicture;
  byId("tools").classList.toggle("unused", isPicture);
  byId("back-to-paper").hidden = !isPicture;
}
