// The day on the planner's map: a slider through its hours, which also plays. Without scripts each hour is a link.

import { frame, say, words } from "./frame.js";
import { forget, percent, showHour, showQuestion } from "./hour-figures.js";

const STEP_MS = 900;
const LOOK_MS = 400;
let day = null;
let chosen = null; // the hour that the question itself is of
let played = false; // whether the map shows the day, and not the question
let timer = null;
let asking = 0;

const byId = (id) => document.getElementById(id);

/** Make the slider of a page that was just shown work. */
export function startDay() {
  stop();
  forget();
  day = null;
  played = false;
  asking += 1;
  const slider = document.querySelector(".slider");
  if (!slider || !frame()) return;
  slider.hidden = false;
  chosen = document.querySelector(".hours-row a[aria-current]");
  byId("hour").oninput = () => go(Number(byId("hour").value), true);
  byId("play").onclick = () => (timer ? stop() : play());
  byId("back").onclick = () => step(-1);
  byId("on").onclick = () => step(1);
  byId("day-off").onclick = leave;
  for (const link of document.querySelectorAll(".hours-row a")) {
    link.onclick = (event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      go(Number(link.dataset.hour), true);
    };
  }
}

/** Fetch the day, waiting for its work; null where it cannot be had. */
async function fetched() {
  const mine = asking;
  const bar = byId("day-bar");
  bar.hidden = false;
  try {
    for (;;) {
      const answer = await fetch(byId("day").dataset.day, { headers: { Accept: "application/json" } });
      if (mine !== asking) return null;
      const told = await answer.json();
      if (answer.status === 200) return told;
      if (answer.status !== 202) {
        byId("hour-said").textContent = (told.refused || []).join(" ") || words().failed;
        return null;
      }
      byId("hour-said").textContent = told.total ? `${told.step} ${told.done} / ${told.total}` : told.step;
      if (told.total) Object.assign(bar, { max: told.total, value: told.done });
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    }
  } catch (error) {
    say(words().offline);
    return null;
  } finally {
    bar.hidden = true;
  }
}

async function go(hour, byHand = false) {
  if (byHand) stop();
  if (!day) {
    day = await fetched();
    if (!day) return false;
    const notes = (day.notes || {})[document.documentElement.lang.startsWith("zh") ? "zh" : "en"] || [];
    byId("day-notes").hidden = !notes.length;
    byId("day-notes").textContent = notes.join(" ");
    for (const link of document.querySelectorAll(".hours-row a")) {
      const { share } = day.hours[Number(link.dataset.hour)];
      link.firstElementChild.style.height = `${Math.round((share || 0) * 100) / 50}rem`;
      link.lastElementChild.textContent = share === null ? "" : `${Math.round(share * 100)}%`;
    }
  }
  if (!played) frame().postMessage({ day }, location.origin);
  played = true;
  const told = day.hours[hour];
  byId("hour").value = hour;
  const clock = `${String(hour).padStart(2, "0")}:00`;
  const share = percent(told.share);
  const maybe = told.share_if_unknown_open;
  const same = maybe === undefined || maybe === null || maybe === told.share;
  byId("hour").setAttribute("aria-valuetext", `${clock} ${share}`);
  byId("hour-said").textContent = (same ? words().hour : words().hourOpen).replace("{hour}", clock).replace("{share}", share)
    .replace("{maybe}", same ? "" : percent(maybe));
  for (const link of document.querySelectorAll(".hours-row a")) {
    if (Number(link.dataset.hour) === hour) {
      link.setAttribute("aria-current", "true");
      byId("hour-figures").href = link.href;
    } else link.removeAttribute("aria-current");
  }
  byId("day-hint").hidden = true;
  byId("day-shown").hidden = false;
  frame().postMessage({ hour }, location.origin);
  showHour(day, hour, clock);
  return true;
}

/** Leave the day: figures, table and map are the question's again. */
function leave() {
  stop();
  showQuestion();
  played = false;
  for (const link of document.querySelectorAll(".hours-row a[aria-current]")) link.removeAttribute("aria-current");
  if (chosen) chosen.setAttribute("aria-current", "true");
  byId("hour").value = byId("hour").defaultValue;
  byId("hour-said").textContent = "";
  byId("day-shown").hidden = true;
  byId("day-hint").hidden = false;
  frame().postMessage({ show: byId("study").dataset.map }, location.origin);
  byId("play").focus({ preventScroll: true });
}

function step(by) {
  go((Number(byId("hour").value) + by + 24) % 24, true);
}

async function play() {
  byId("play").textContent = words().pause;
  byId("play").setAttribute("aria-pressed", "true");
  timer = setTimeout(() => {}, 0);
  if (!(await go(Number(byId("hour").value))) || !timer) return stop();
  // whoever wants less motion is shown an hour at a time, half as fast, and it ends at midnight
  const pace = matchMedia("(prefers-reduced-motion: reduce)").matches ? STEP_MS * 2.5 : STEP_MS;
  const next = () => {
    const hour = Number(byId("hour").value);
    if (hour === 23 && matchMedia("(prefers-reduced-motion: reduce)").matches) return stop();
    go((hour + 1) % 24);
    timer = setTimeout(next, pace);
    return undefined;
  };
  timer = setTimeout(next, pace);
  return undefined;
}

function stop() {
  clearTimeout(timer);
  timer = null;
  const button = byId("play");
  if (!button) return;
  button.textContent = words().play;
  button.setAttribute("aria-pressed", "false");
}
