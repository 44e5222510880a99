// Proposed sites, pointed at on the map: each click is a line of the form, and a star on the map.

import { frame, hearing } from "./frame.js";

const field = () => document.getElementById("points");
const button = () => document.getElementById("place");
let placing = false;

/** The pairs that stand in the field; what is no pair is left out. */
function pairs() {
  return field().value.split(/[\n;；]/).map((line) => line.trim().split(/[,，\s]+/).map(Number))
    .filter((pair) => pair.length === 2 && pair.every(Number.isFinite)).map(([lon, lat]) => ({ lon, lat }));
}

const draw = () => frame() && frame().postMessage({ proposed: pairs() }, location.origin);

function turn(on) {
  placing = on;
  button().setAttribute("aria-pressed", String(on));
  frame().postMessage({ placing: on }, location.origin);
  if (on) {
    document.getElementById("ask").elements.way.value = "with";
    document.getElementById("study-map").scrollIntoView({ block: "nearest" });
  }
}

if (button() && frame()) {
  button().hidden = false;
  button().addEventListener("click", () => turn(!placing));
  field().addEventListener("input", draw);
  hearing((told) => {
    if (told.drawn || told.ready) draw();
    if (!told.place) return;
    const line = `${told.place.lon.toFixed(5)},${told.place.lat.toFixed(5)}`;
    field().value = [field().value.trim(), line].filter(Boolean).join("\n");
    draw();
  });
}
/** Show the fields of the way that is chosen. */
function shown() {
  const way = document.getElementById("ask").elements.way.value;
  for (const fields of document.querySelectorAll(".side-fields")) fields.hidden = fields.dataset.way !== way;
}
for (const radio of document.getElementsByName("way")) radio.addEventListener("change", shown);
shown();
for (const name of ["without", "points", "day", "hour_before", "hour_after", "from", "to"]) {
  for (const input of document.getElementsByName(name)) {
    const way = input.closest(".side-fields").dataset.way;
    input.addEventListener("input", () => { document.getElementById("ask").elements.way.value = way; });
  }
}
