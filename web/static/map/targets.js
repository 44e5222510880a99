// What a finger can hit on a map: buttons of 48 pixels that the keyboard can press too.

export const TARGET_PX = 48;
const START_PX = 15; // from the middle of the start's dot to past its edge

/** The shortest way off the start's dot for what is drawn from `left` to `right`, `top` to `bottom`; [0, 0] where there is none under it. */
export function aside({ left, top, right, bottom }, dot) {
  if (!dot) return [0, 0];
  const ways = [[dot.x + START_PX - left, 0], [dot.x - START_PX - right, 0], [0, dot.y - START_PX - bottom], [0, dot.y + START_PX - top]];
  if (ways[0][0] <= 0 || ways[1][0] >= 0 || ways[2][1] >= 0 || ways[3][1] <= 0) return [0, 0];
  return ways.map((way) => way.map(Math.round)).sort(([a, b], [c, d]) => Math.abs(a + b) - Math.abs(c + d))[0];
}

/** Make a marker a button that the keyboard can press: Leaflet gives it the role, and leaves the keys to popups. */
export function button(marker, name, act) {
  const element = marker.getElement();
  element.setAttribute("aria-label", name);
  element.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" && event.key !== " ") return;
    event.preventDefault(); // the page would scroll
    event.stopPropagation();
    act();
  });
}

/** Change what is drawn; where that takes away what had the focus, stay in the map. */
export function keepingFocus(map, change) {
  const held = document.activeElement;
  const within = map.getContainer().contains(held);
  change();
  if (within && !held.isConnected) map.getContainer().focus({ preventScroll: true });
}

/** Words with their {gaps} filled. */
export function filled(words, values) {
  return words.replace(/\{(\w+)\}/g, (_, name) => values[name]);
}
