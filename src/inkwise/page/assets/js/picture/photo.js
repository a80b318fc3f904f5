/**
 * Ways for a picture into the page: chosen, dropped, pasted, photographed.
 * @module
 */

/**
 * Listen for pictures.
 * @param {Object} ways
 * @param {HTMLButtonElement} ways.choose
 * @param {HTMLButtonElement} ways.take shown where there is likely a camera
 * @param {HTMLInputElement} ways.file
 * @param {HTMLInputElement} ways.camera
 * @param {(file: File) => void} give
 */
export function createPhoto({ choose, take, file, camera }, give) {
  choose.hidden = false;
  take.hidden = !window.matchMedia("(pointer: coarse)").matches;
  for (const [button, input] of [[choose, file], [take, camera]]) {
    button.addEventListener("click", () => input.click());
    input.addEventListener("change", () => {
      if (input.files.length) give(input.files[0]);
      input.value = ""; // the same picture again is a change too
    });
  }
  document.addEventListener("paste", (event) => giveFirst(event.clipboardData, { event, give }));
  listenToDrops(give);
}

function giveFirst(transfer, { event, give }) {
  const [picture] = [...(transfer?.files ?? [])];
  if (!picture) return;
  event.preventDefault();
  give(picture);
}

function listenToDrops(give) {
  const mark = (isOver) => document.body.classList.toggle("dropping", isOver);
  document.addEventListener("dragover", (event) => {
    if (![...event.dataTransfer.types].includes("Files")) return;
    event.preventDefault();
    mark(true);
  });
  document.addEventListener("dragleave", (event) => !event.relatedTarget && mark(false));
  document.addEventListener("drop", (event) => {
    mark(false);
    giveFirst(event.dataTransfer, { event, give });
  });
}
