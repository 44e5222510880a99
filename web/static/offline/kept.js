// What the service worker says of the copy it has put by: {index, checked, clock}; static/offline/worker.js writes it.

import { ROOT } from "./words.js";

export const COPY = "copy"; // the cache's name

/** {index, checked, clock} of the copy; nothing of it where there is none. */
export async function kept() {
  if (!("caches" in window)) return {};
  const found = await (await caches.open(COPY)).match(`${ROOT}offline/state`);
  return found ? found.json() : {};
}
