// What a finger can hit on a map: buttons of 48 pixels that the keyboard can press too.

export const TARGET_PX = 48;

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
