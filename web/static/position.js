// Where the phone is: asked of it, waited for as long as is fair, and each failure by its name.

const WITHIN_MS = 5000; // the phone's own clock, which stands still while its question is open
const SILENT_MS = 1500; // how long over its time a phone that never calls back is waited for
const OPEN_MS = 60000; // how long the question may stand before nobody is going to answer it

/** What the browser says of our leave to ask, or null where it does not tell (Safari before 16, some apps' browsers). */
async function leave() {
  try {
    return await navigator.permissions.query({ name: "geolocation" }); // eslint-disable-line compat/compat -- without it the catch answers
  } catch (error) {
    return null;
  }
}

/** Whether somebody refused for good, or closed the question; browsers that cannot tell mean a refusal. */
async function refusal() {
  const given = await leave();
  return given && given.state === "prompt" ? "dismissed" : "denied";
}

/**
 * Ask the phone where it is.
 *
 * `waits(name)` tells what is waited for: "allow" while the question is, or may be, open; "asking" from when it is
 * answered. `failed(trouble)` is called once at most; `found(coords)` also after it, when a position comes late.
 */
export function ask({ waits, found, failed }) {
  let over = false;
  let clock = null;
  const ended = () => {
    const first = !over;
    over = true;
    clearTimeout(clock);
    return first;
  };
  const after = (ms, then) => {
    clearTimeout(clock);
    if (!over) clock = setTimeout(then, ms);
  };
  const failAfter = (ms, trouble) => after(ms, () => ended() && failed(trouble));
  const stands = (trouble) => {
    if (over) return;
    waits("allow");
    failAfter(OPEN_MS, trouble);
  };
  navigator.geolocation.getCurrentPosition(({ coords }) => {
    ended();
    found(coords);
  }, async ({ code }) => {
    if (ended()) failed(code === 1 ? await refusal() : code === 3 ? "timeout" : "unavailable");
  }, { enableHighAccuracy: true, timeout: WITHIN_MS, maximumAge: 30000 });
  leave().then((given) => {
    if (!given) {
      // the question may be open: nobody can tell until the phone calls back
      after(WITHIN_MS + SILENT_MS, () => stands("timeout"));
      return;
    }
    const look = () => {
      if (over) return;
      if (given.state === "prompt") {
        stands("dismissed");
      } else {
        waits("asking");
        failAfter(WITHIN_MS + SILENT_MS, given.state === "granted" ? "timeout" : "denied");
      }
    };
    given.onchange = look;
    look();
  });
}
