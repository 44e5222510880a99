// The copy that the service worker has put by, read once a page and again when it has been brought up to date.

import { decodeBlock } from "./decode.js";
import { COPY, kept } from "./kept.js";
import { Copy } from "./nearest.js";
import { ROOT } from "./words.js";

let read = null;
let of = null;

/** {copy, state}, or null where nothing whole is kept. */
export async function load() {
  const state = await kept();
  if (!state.index) return null;
  const name = JSON.stringify(state.index);
  if (of !== name) {
    const cache = await caches.open(COPY);
    const part = async ([digest]) => {
      const found = await cache.match(`${ROOT}api/v1/offline/blocks/${digest}`);
      if (!found) throw new Error(`not here: ${digest}`);
      return found;
    };
    const { index } = state;
    const json = async (told) => (await part(told)).json();
    const [words, places, hours, trust] = await Promise.all([index.words, index.places, index.hours, index.trust].map(json));
    const blocks = await Promise.all(index.blocks.map(async (told) => decodeBlock(await (await part(told)).arrayBuffer())));
    read = new Copy({ index, words, places, hours, trust, blocks });
    of = name;
  }
  return { copy: read, state };
}
