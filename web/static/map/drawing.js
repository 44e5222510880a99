// The map beside the list: outlines or tiles, where one starts, the list's sites under their numbers, the others as the server counts them.
// Nothing typed by a person becomes HTML.

import { landmarks, openMap, outlines } from "../basemap.js";
import { clustersOn } from "./clusters.js";
import { pinsOn } from "./pins.js";
import { startOn } from "./start.js";

const MOVED_PX = 40;

/** A button that searches from the middle of the map; there once somebody has moved it, which a popup that makes room for itself has not. */
function hereButton(map, words, search) {
  const here = document.createElement("button");
  let settled = map.getCenter();
  let before = null; // where the map was when a popup began to move it
  let popup = null;
  Object.assign(here, { type: "button", className: "button here", textContent: words, hidden: true });
  L.DomEvent.disableClickPropagation(here);
  here.addEventListener("click", () => {
    here.hidden = true;
    search(map.getCenter());
  });
  const show = () => {
    here.hidden = map.latLngToContainerPoint(settled).distanceTo(map.getSize().divideBy(2)) < MOVED_PX;
    if (here.hidden || !popup) return;
    const [mine, other] = [here, popup.getElement()].map((element) => element.getBoundingClientRect());
    here.hidden = mine.left < other.right && other.left < mine.right && mine.top < other.bottom && other.top < mine.bottom;
  };
  map.on("autopanstart", () => {
    before = map.getCenter();
  });
  map.on("moveend", () => {
    if (before) settled = map.unproject(map.project(settled).add(map.project(map.getCenter())).subtract(map.project(before)));
    before = null;
    show();
  });
  map.on("popupopen popupclose", (event) => {
    popup = event.type === "popupopen" ? event.popup : null;
    show();
  });
  map.on("move", () => {
    if (popup && !before && !here.hidden) show();
  });
  const control = new L.Control({ position: "topright" });
  control.onAdd = () => here;
  control.addTo(map);
  return () => {
    settled = map.getCenter();
    here.hidden = true;
  };
}

/** Let the legend speak of now, or of the time that is asked about. */
function legendOf(side, at) {
  for (const words of side.querySelectorAll(".map-legend [data-then]")) {
    words.dataset.now = words.dataset.now || words.textContent;
    words.textContent = at ? words.dataset.then : words.dataset.now;
  }
}

/** Open the map; return what draws a list on it. Rejects where the library does not come. */
export async function begin(side) {
  const map = await openMap(side, "map", () => document.getElementById("show-map").remove());
  const pins = pinsOn(map, side.dataset.pins);
  const start = startOn(map, side.dataset);
  let open = null;
  let first = true;
  const search = ({ lng, lat }) => open({
    lon: lng.toFixed(5), lat: lat.toFixed(5), accuracy_m: null, place: null, area: null, datum: side.dataset.datum || null, q: null,
  });
  const settle = hereButton(map, side.dataset.here, search);
  const others = clustersOn(side, map, search);

  return async (asked) => {
    open = asked.open;
    const answer = document.getElementById("answer");
    const at = (new URLSearchParams(window.location.search).get("at") || "").trim();
    legendOf(side, at);
    map.closePopup();
    const from = start.draw(answer);
    const { points, ids } = pins.draw(answer, from);
    const seen = [...(from ? [from] : []), ...points];
    // the first few are what one may go to; the rest would only shrink the map
    if (seen.length) map.fitBounds(seen.slice(0, 9), { paddingTopLeft: [46, 60], paddingBottomRight: [90, 60], maxZoom: 16, animate: false });
    let under = null;
    if (first) {
      first = false;
      side.querySelector(".map-legend").hidden = false;
      const pick = (area) => {
        if (document.getElementById("answer").dataset.view !== "answer") {
          open({ area, q: null, lon: null, lat: null, accuracy_m: null, place: null });
        }
      };
      under = Promise.all([outlines(side, map, { pick, fit: !seen.length }), landmarks(side, map)]).catch(() => {});
      if (!seen.length) await under; // they choose the view
    }
    settle();
    others.draw(ids, from, at); // at once: a movement alone would ask for the list's sites too
    await under;
  };
}
