// Where one starts, with two distances around it. The dot lies under the list's pins, which stand beside it; a distance's name is
// hidden where it would lie on anything else.

const RINGS_M = [1000, 500]; // of two names that meet the outer one's stays
const VAGUE_M = 30;
const MARKS = ".pin-target, .other, .you";

const meet = (one, other) => one.left < other.right && other.left < one.right && one.top < other.bottom && other.top < one.bottom;

/** Begin to draw it on a map; `rings` names the distances, the shorter first. */
export function startOn(map, { you, rings }) {
  const layer = L.layerGroup().addTo(map);
  const words = rings.split("|").reverse();
  let names = [];
  map.createPane("start").style.zIndex = 595; // over the counts, under the list's pins

  function showNames() {
    const taken = [...map.getContainer().querySelectorAll(MARKS)].map((mark) => mark.getBoundingClientRect());
    for (const name of names) {
      const box = name.getElement().getBoundingClientRect();
      const free = !taken.some((other) => meet(box, other));
      if (free) taken.push(box);
      name.setOpacity(free ? 1 : 0);
    }
  }

  map.on("moveend drawn", showNames);
  return {
    /** Draw that of another answer; return its point, null where it has none. */
    draw(answer) {
      layer.clearLayers();
      names = [];
      const { lon, lat, accuracy } = answer.dataset;
      if (!lon) return null;
      const at = L.latLng(Number(lat), Number(lon));
      if (accuracy > VAGUE_M) L.circle(at, { radius: Number(accuracy), className: "blur", interactive: false }).addTo(layer);
      names = RINGS_M.map((radius, i) => {
        const ring = L.circle(at, { radius, className: "ring", interactive: false, fill: false }).addTo(layer);
        return L.tooltip({ permanent: true, direction: "center", className: "ring-name", interactive: false, pane: "landmarks" })
          .setLatLng([ring.getBounds().getNorth(), at.lng]).setContent(words[i]).addTo(layer);
      });
      const icon = L.divIcon({ className: "you", iconSize: [16, 16] });
      L.marker(at, { icon, title: you, interactive: false, keyboard: false, pane: "start" }).addTo(layer);
      return at;
    },
  };
}
