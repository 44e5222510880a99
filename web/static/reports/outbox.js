// Reports that wait for a network: kept on the phone, sent once, in the order they were made.
// A page imports it for its effect, a service worker with importScripts: it speaks through
// `self.nuanxinOutbox` = { put(item), drop(key), flush(fresh) }, each a promise.
// An item is { key, api, said, made, photo }: where it goes, what it says, and when it was made by this phone's clock, in
// milliseconds. That clock may be wrong, so only how long it waited is sent. `key` makes a retry the same report. `photo`
// is the bytes of one, or nothing; `put` says whether it is kept: MOST_PHOTOS may wait.

(function outbox() {
  const NAME = "nuanxin.reports", STORE = "waiting";
  const MOST_PHOTOS = 5;
  const AGE_MS = 7 * 86400000; // the server takes nothing older
  const unkept = new Map(); // where a browser keeps nothing, at least until the page goes
  let sending = null;

  function opened() {
    return new Promise((resolve, reject) => {
      const asked = indexedDB.open(NAME, 1);
      asked.onupgradeneeded = () => asked.result.createObjectStore(STORE, { keyPath: "order", autoIncrement: true }).createIndex("key", "key");
      asked.onsuccess = () => resolve(asked.result);
      asked.onerror = () => reject(asked.error);
      asked.onblocked = () => reject(new Error("blocked"));
    });
  }

  async function within(mode, act) {
    const database = await opened();
    try {
      return await new Promise((resolve, reject) => {
        const transaction = database.transaction(STORE, mode);
        const request = act(transaction.objectStore(STORE));
        transaction.oncomplete = () => resolve(request.result);
        transaction.onerror = transaction.onabort = () => reject(transaction.error);
      });
    } finally {
      database.close();
    }
  }

  async function put(item) {
    const photos = item.photo ? (await waiting()).filter((other) => other.photo).length : 0;
    const kept = photos < MOST_PHOTOS ? item : withoutPhoto(item);
    try {
      await within("readwrite", (store) => store.add(kept));
    } catch (error) {
      unkept.set(item.key, kept);
    }
    return kept === item;
  }

  function withoutPhoto(item) {
    return Object.assign({}, item, { photo: null });
  }

  async function drop(key) {
    let dropped = unkept.delete(key);
    try {
      const order = await within("readonly", (store) => store.index("key").getKey(key));
      if (order !== undefined) {
        await within("readwrite", (store) => store.delete(order));
        dropped = true;
      }
    } catch (error) {
      // nothing is kept here
    }
    return dropped;
  }

  async function waiting() {
    let kept = [];
    try {
      kept = await within("readonly", (store) => store.getAll());
    } catch (error) {
      // nothing is kept here
    }
    return [...kept, ...unkept.values()];
  }

  function requestOf(item, said) {
    const headers = { "Accept-Language": item.language || "zh-CN" };
    if (!item.photo) {
      return { method: "POST", headers: Object.assign(headers, { "Content-Type": "application/json" }), body: JSON.stringify(said), keepalive: true, credentials: "omit" };
    }
    const body = new FormData();
    Object.keys(said).forEach((name) => body.append(name, said[name]));
    body.append("photo", new Blob([item.photo]), "photo");
    // no keepalive: a browser lets no large body outlive its page
    return { method: "POST", headers: Object.assign(headers, { "X-Report": "1" }), body, credentials: "omit" };
  }

  async function send(item) {
    const waitedMs = Math.max(0, Date.now() - item.made); // a clock that was put back meanwhile: as if just made
    if (waitedMs > AGE_MS) return { key: item.key, status: 0, final: true, answer: null };
    const waited = Math.floor(waitedMs / 1000);
    const said = waited ? { ...item.said, seconds_ago: waited } : item.said;
    let response;
    try {
      response = await fetch(item.api, requestOf(item, said));
    } catch (error) {
      return { key: item.key, status: 0, final: false, answer: null };
    }
    const answer = await response.json().catch(() => null);
    const status = response.status;
    const final = status < 500 && status !== 429 && status !== 408;
    return { key: item.key, status, final, answer, againS: final ? 0 : Number(response.headers.get("Retry-After")) || 0 };
  }

  function photoRefused(result) {
    const errors = (result.answer && result.answer.errors) || [];
    return result.status === 413 || (result.status === 400 && errors.length > 0 && errors.every((error) => error.field === "photo"));
  }

  async function sendAll(fresh) {
    const results = [];
    for (const item of await waiting()) {
      let result = await send(item);
      // nobody is there to choose another photo for what waited: it goes without
      if (item.photo && item.key !== fresh && photoRefused(result)) result = await send(withoutPhoto(item));
      results.push(result);
      if (result.final) await drop(item.key);
      else if (result.status === 0) break; // no network: the others wait too
    }
    return results;
  }

  // Send what waits; resolve with [{ key, status, final, answer, againS }] of what was tried: status 0 is no network; what is not final
  // stays, and where the server said when to try again, `againS` is in how many seconds.
  // `fresh` is the key of a report whose maker looks on: a photo that is refused refuses it as a whole.
  function flush(fresh) {
    if (!sending) sending = sendAll(fresh).finally(() => { sending = null; });
    return sending;
  }

  self.nuanxinOutbox = { put, drop, flush };
})();
