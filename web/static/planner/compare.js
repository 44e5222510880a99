// Proposed sites, pointed at on the map: each click is a line of the form, and a star on the map. Of each way its own fields alone.

import { frame, hearing, say, words } from "./frame.js";

const field = () => document.getElementById("points");
const button = () => document.getElementById("place");
let placing = false;

/** The pairs that stand in the field, whatever they are called; what is no pair is left out. */
function pairs() {
  return field().value.split(/[\n;；]/).map((line) => line.trim().split(/[,，\s]+/).slice(0, 2).map(Number))
    .filter((pair) => pair.length === 2 && pair.every(Number.isFinite)).map(([lon, lat]) => ({ lon, lat }));
}

const draw = () => frame() && frame().postMessage({ proposed: pairs() }, location.origin);

function turn(on) {
  placing = on;
  button().setAttribute("aria-pressed", String(on));
  frame().postMessage({ placing: on }, location.origin);
  if (on) document.getElementById("study-map").scrollIntoView({ block: "nearest" });
}

/** Show the fields of the way that is chosen. */
function shown() {
  const way = document.getElementById("ask").elements.way.value;
  for (const fields of document.querySelectorAll(".side-fields")) fields.hidden = fields.dataset.way !== way;
  button().hidden = !frame();
}

document.addEventListener("change", (event) => {
  if (event.target.name !== "way") return;
  shown();
  if (placing) turn(false);
});
document.addEventListener("input", (event) => {
  if (event.target.id === "points") draw();
});
document.addEventListener("click", (event) => {
  if (event.target.id === "place") turn(!placing);
});
document.addEventListener("submit", (event) => {
  if (event.target.id !== "from-file") return;
  // what was changed in the form beside it, and not computed yet, is asked too
  const asked = new URLSearchParams(new FormData(document.getElementById("ask")));
  for (const name of ["points", "without", "datum"]) asked.delete(name);
  event.target.action = `${event.target.action.split("?")[0]}?${asked}`;
  say(words().wait);
});
document.addEventListener("asked", shown); // the form was put back
hearing((told) => {
  if (told.drawn || told.ready) draw();
  if (!told.place) return;
  const line = `${told.place.lon.toFixed(5)},${told.place.lat.toFixed(5)}`;
  field().value = [field().value.trim(), line].filter(Boolean).join("\n");
  draw();
});
shown();
