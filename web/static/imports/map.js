// The preview's drawing becomes a map to move about in: every row under the colour of what will happen to it.
// Leaflet comes from this site; names are asked for one at a time and shown as text.

import { openMap, outlines } from "../basemap.js";

const side = document.getElementById("whole");

async function told(number, words) {
  const box = document.createElement("span");
  try {
    const answer = await fetch(side.dataset.row + number, { headers: { Accept: "application/json" } });
    const row = await answer.json();
    box.textContent = `${row.line} · ${row.name} · ${words[row.fate] || row.fate}`;
  } catch (error) {
    box.textContent = String(number);
  }
  return box;
}

async function draw() {
  const answer = await fetch(side.dataset.points, { headers: { Accept: "application/json" } });
  if (!answer.ok) return;
  const { rows } = await answer.json();
  if (!rows.length) return;
  const picture = side.querySelector(".picture");
  const colours = getComputedStyle(side);
  const words = JSON.parse(side.dataset.words);
  const place = document.createElement("div");
  place.className = "map";
  const map = await openMap(side, place, () => picture.replaceWith(place));
  const renderer = L.canvas(); // thousands of points
  map.setMinZoom(0); // rows may lie anywhere
  map.fitBounds(rows.map(([, lon, lat]) => [lat, lon]), { padding: [30, 30], maxZoom: 15, animate: false });
  await outlines(side, map);
  // those that ask for something lie on top
  const order = ["unchanged", "new", "changed", "error", "duplicate"];
  rows.sort((a, b) => order.indexOf(a[3]) - order.indexOf(b[3]));
  for (const [number, lon, lat, fate] of rows) {
    const colour = colours.getPropertyValue(`--${fate}`).trim() || "#6d6259";
    const point = L.circleMarker([lat, lon], { renderer, radius: 6, weight: 1.5, color: "#ffffff", fillColor: colour, fillOpacity: 0.9 });
    point.on("click", async () => {
      L.popup().setLatLng([lat, lon]).setContent(await told(number, words)).openOn(map);
    });
    point.addTo(map);
  }
  side.dataset.drawn = "yes";
}

draw().catch(() => {
  side.dataset.drawn = "not"; // the drawing stays
});
