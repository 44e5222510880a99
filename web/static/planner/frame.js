// The planner's map in its frame: how the page speaks to it, and hears from it.

/** The frame's window; null where the page has none. */
export const frame = () => {
  const found = document.getElementById("study-map");
  return found ? found.contentWindow : null;
};

export const words = () => document.getElementById("words").dataset;

/** Say something beside the map, to eyes and ears. */
export function say(text) {
  const said = document.getElementById("map-said");
  if (said) said.textContent = text;
}

/** Be told what the map tells. */
export function hearing(listen) {
  addEventListener("message", (event) => {
    if (event.origin === location.origin && event.source === frame() && event.data && event.data.studyMap) listen(event.data);
  });
}
