// The service worker: keeps the pages' frame and the public sites on the phone, for when there is no network.
// What the server knows of itself stands before this as KEPT: {edition, root, shells, files, index, parts, map}.
// An address with a position is never kept, nor an internal page, nor an answer to a position: only what KEPT lists.

importScripts(KEPT.outbox);

const SHELL = `shell-${KEPT.edition}`;
const COPY = "copy";
const STATE = `${KEPT.root}offline/state`; // a key of our own cache, never asked of the server
const PATIENCE_MS = 10000;
const OUT_OF_ORDER = [502, 503, 504];
const AT_ONCE = 4;
const ROUNDS = 3;
let saving = null;

// Installing: all of an edition or nothing; one that does not come whole leaves the one before in charge.
self.addEventListener("install", (event) => event.waitUntil((async () => {
  const cache = await caches.open(SHELL);
  const wanted = [...Object.values(KEPT.shells), ...KEPT.files];
  await Promise.all(wanted.map(async (address) => {
    // without cookies: a frame in each language, of nobody in particular
    const response = await fetch(address, { credentials: "omit", cache: "reload" });
    if (!response.ok) throw new Error(`${response.status} ${address}`);
    await cache.put(address, response);
  }));
  await self.skipWaiting();
})()));

self.addEventListener("activate", (event) => event.waitUntil((async () => {
  const old = (await caches.keys()).filter((name) => name.startsWith("shell-") && name !== SHELL);
  await Promise.all(old.map((name) => caches.delete(name)));
  await self.clients.claim();
})()));

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const address = new URL(request.url);
  if (request.method !== "GET" || address.origin !== self.location.origin || !address.pathname.startsWith(KEPT.root)) return;
  const path = address.pathname.slice(KEPT.root.length);
  if (path.startsWith("static/")) event.respondWith(file(request, address));
  else if (path === "" || (/^sites\/[^/]+$/.test(path) && request.mode === "navigate")) {
    const ours = request.mode === "navigate" || Object.values(KEPT.shells).includes(address.pathname + address.search);
    event.respondWith(patiently(request).catch((error) => { if (ours) return frame("", address); throw error; }));
  } else if (path === "offline" || path === "privacy") event.respondWith(patiently(request).catch(() => frame(path, address)));
  else if (KEPT.map.includes(address.pathname)) event.respondWith(patiently(request).catch(() => kept(COPY, address.pathname)));
});

/** A file of an edition: ours from the cache; one of another edition from the server, or else the same file of ours. */
async function file(request, address) {
  const cache = await caches.open(SHELL);
  const held = await cache.match(address.pathname);
  if (held) return held;
  try {
    return await fetch(request);
  } catch (error) {
    const name = nameOf(address.pathname);
    const ours = KEPT.files.find((other) => nameOf(other) === name);
    const found = ours && await cache.match(ours);
    if (found) return found;
    throw error;
  }
}

const nameOf = (path) => path.slice(KEPT.root.length).split("/").slice(2).join("/");

/** A page's frame, which works the answer out by itself, in the language asked for or used last. */
async function frame(name, address) {
  const asked = address.searchParams.get("lang") || (await state()).language;
  const tag = asked && `${name}?lang=${asked}` in KEPT.shells ? asked : KEPT.language;
  return kept(SHELL, KEPT.shells[`${name}?lang=${tag}`]);
}

async function kept(name, address) {
  const found = await (await caches.open(name)).match(address);
  return found || Response.error();
}

/** A request that gives up when nothing comes: a bad network is worse than none, and so is a server that is out of order. */
async function patiently(request) {
  const given = new AbortController();
  const timer = setTimeout(() => given.abort(), PATIENCE_MS);
  try {
    const response = await fetch(request, { signal: given.signal });
    if (OUT_OF_ORDER.includes(response.status)) throw new Error(String(response.status));
    return response;
  } finally {
    clearTimeout(timer);
  }
}

// The copy of the sites --------------------------------------------------------------------------------

async function state() {
  const held = await (await caches.open(COPY)).match(STATE);
  return held ? held.json() : {};
}

async function remember(changed) {
  const cache = await caches.open(COPY);
  await cache.put(STATE, new Response(JSON.stringify({ ...(await state()), ...changed }), { headers: { "Content-Type": "application/json" } }));
}

/** Take what the index names and is not there yet; what is finished stays, whatever happens next. */
async function save() {
  const cache = await caches.open(COPY);
  for (let round = 0; ; round++) {
    const response = await fetch(KEPT.index, { cache: "no-cache", credentials: "omit" });
    if (!response.ok) throw new Error(`${response.status} ${KEPT.index}`);
    const clock = Date.parse(response.headers.get("Date") || "") - Date.now();
    const index = await response.json();
    const wanted = [index.words, index.places, index.hours, index.trust, ...index.blocks];
    try {
      await fetched(cache, wanted);
    } catch (error) {
      if (error.gone && round < ROUNDS) continue; // the registry moved on meanwhile: what it still names is here already
      throw error;
    }
    await remember({ index, checked: Date.now(), clock: Number.isFinite(clock) ? clock : 0 });
    const named = new Set(wanted.map(([digest]) => KEPT.parts + digest));
    for (const { url } of await cache.keys()) {
      const path = new URL(url).pathname;
      if (path.startsWith(KEPT.parts) && !named.has(path)) await cache.delete(path);
    }
    await refresh(cache);
    return;
  }
}

/** Take the frames again, as long as they are of this edition, and what maps draw: needs, districts and outlines change too. */
async function refresh(cache) {
  if (!await caches.has(SHELL)) return; // another edition has taken over meanwhile
  const shell = await caches.open(SHELL);
  const again = async (into, address) => {
    const answer = await fetch(address, { credentials: "omit", cache: "no-cache" }).catch(() => null);
    if (!answer || !answer.ok) return;
    const ours = into === cache || (await answer.clone().text()).includes(`/static/${KEPT.edition}/`);
    if (ours) await into.put(address, answer);
  };
  await Promise.all([...KEPT.map.map((address) => again(cache, address)), ...Object.values(KEPT.shells).map((address) => again(shell, address))]);
}

async function fetched(cache, wanted) {
  const waiting = [];
  for (const [digest, size] of wanted) {
    if (!await cache.match(KEPT.parts + digest)) waiting.push([KEPT.parts + digest, size]);
  }
  const total = waiting.length;
  let done = 0;
  let fault = null;
  await Promise.all(Array.from({ length: AT_ONCE }, async () => {
    while (waiting.length && !fault) {
      const [address, size] = waiting.shift();
      try {
        await cache.put(address, await part(address, size));
        await tell({ type: "progress", done: ++done, total });
      } catch (error) {
        fault = fault || error;
      }
    }
  }));
  if (fault) throw fault;
}

async function part(address, size) {
  const response = await fetch(address, { credentials: "omit" });
  if (!response.ok) throw Object.assign(new Error(`${response.status} ${address}`), { gone: response.status === 404 });
  const content = await response.arrayBuffer();
  if (content.byteLength !== size) throw new Error(`${content.byteLength} bytes, not ${size}: ${address}`);
  return new Response(content, { headers: { "Content-Type": "application/octet-stream" } });
}

async function tell(news) {
  for (const client of await self.clients.matchAll({ type: "window" })) client.postMessage(news);
}

async function saved() {
  try {
    // it is over before anybody is told so: whoever asks again at once is not given the one that failed
    saving = saving || save().finally(() => { saving = null; });
    await saving;
    await tell({ type: "saved" });
  } catch (error) {
    await tell({ type: "failed" });
  }
}

self.addEventListener("message", (event) => {
  const { type, language } = event.data || {};
  if (type === "language") event.waitUntil(remember({ language }));
  if (type === "take over") event.waitUntil(self.skipWaiting());
  if (type === "save") event.waitUntil(saved());
  if (type === "remove") {
    event.waitUntil((async () => {
      await Promise.resolve(saving).catch(() => {});
      await caches.delete(COPY);
      await tell({ type: "removed" });
    })());
  }
});

// What was reported without a network goes out when there is one, also when no page is open.
self.addEventListener("sync", (event) => {
  if (event.tag === "reports") event.waitUntil(self.nuanxinOutbox.flush());
});
