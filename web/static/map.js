// When the map beside the list is drawn: at a desk at once, on a phone when it comes into view or is asked for.
// Until then neither its library nor anything that only it needs has been fetched.

const side = document.getElementById("map-side");
const DESK = "(min-width: 60rem)";
let drawing = null; // the map, once it is wanted
let asked = null;

async function draw() {
  drawing = drawing || import("./map/drawing.js").then(({ begin }) => begin(side));
  try {
    const show = await drawing;
    await show(asked);
    side.dataset.drawn = "yes";
  } catch (error) {
    side.hidden = true; // the list is complete without it
    side.dataset.drawn = "not";
  }
}

function wait() {
  const { connection } = navigator; // not in every browser
  const saving = connection && connection.saveData;
  side.dataset.drawn = "later";
  side.hidden = false;
  const seen = !saving && window.IntersectionObserver ? new IntersectionObserver((entries) => {
    if (entries.some((entry) => entry.isIntersecting)) start();
  }) : null;
  const start = () => {
    if (seen) seen.disconnect();
    if (!drawing) draw();
  };
  document.getElementById("show-map").addEventListener("click", start);
  if (seen) seen.observe(side);
}

/** Draw, or draw again, what the list says; `open` shows the list from another place. Without a map the page stays as it is. */
export function drawMap(how) {
  if (!side) return;
  const first = asked === null;
  asked = how;
  if (drawing || window.matchMedia(DESK).matches) draw();
  else if (first) wait();
}
