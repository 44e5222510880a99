// A day's hours as a bar, as templates/timeline.html draws it: what is not certain is thin, what is for staff only hollow.

import { CLOSED, DAY, OPEN, STAFF_ONLY, STATES, UNKNOWN } from "./hours.js";

const SVG = "http://www.w3.org/2000/svg";

/** Four digits; what lies half-way goes to the even neighbour, as the server has it: 43.125 is 43.12. */
function percent(minutes) {
  const exact = minutes / DAY * 100;
  return `${Number((exact % 0.5 === 0.125 ? exact - 1e-9 : exact).toPrecision(4))}%`;
}

/** Whether a timetable's hours were only inferred; a copy kept from before does not say. */
export const inferred = (hours, timetable) => Boolean(hours.probable) && timetable in hours.probable;

/** [start, end, sort, mode] of the day a minute lies in; closed parts are left out. With `likely`, inferred hours are told as probable. */
export function spans(hours, timetable, minute, likely = false) {
  if (!hours.knows(minute)) return [];
  const probable = likely && inferred(hours, timetable);
  const kind = hours.day(probable ? hours.probable[timetable] : hours.timetables[timetable][0], minute);
  const found = [];
  for (let at = 0; at < kind.length; at += 4) {
    if (kind[at + 1] === CLOSED) continue;
    const mode = hours.modes[kind[at + 3]];
    const sort = mode === STAFF_ONLY && kind[at + 1] !== UNKNOWN ? STAFF_ONLY : probable && kind[at + 1] === OPEN ? "probable" : STATES[kind[at + 1]];
    const end = at + 4 < kind.length ? kind[at + 4] : DAY;
    const last = found[found.length - 1];
    if (last && last[1] === kind[at] && last[2] === sort && last[3] === mode) last[1] = end; else found.push([kind[at], end, sort, mode]);
  }
  return found;
}

/** The day in words: open 09:00-12:00; staff only 17:30-18:00. */
export function dayInWords(day, phrases, likely) {
  const told = ["open", "probable", "unknown", STAFF_ONLY].map((sort) => {
    const times = day.filter((span) => span[2] === sort);
    return times.length ? phrases.said(`bar_${sort}`, { times: phrases.joined(times) }) : null;
  }).filter(Boolean);
  return told.length ? told : [likely ? phrases.words.bar_probably_closed : phrases.words.bar_closed];
}

/** Fill a drawn bar of one site's day, with the present and the arrival marked. */
export function fillBar(svg, { day, likely, now, arrival, phrases }) {
  for (const [start, end, sort] of day) {
    const rect = document.createElementNS(SVG, "rect");
    const thick = sort === "open" || sort === STAFF_ONLY;
    const drawing = { class: sort, x: percent(start), width: percent(end - start), y: thick ? "5" : "9", height: thick ? "12" : "4" };
    for (const name of Object.keys(drawing)) rect.setAttribute(name, drawing[name]);
    svg.querySelector(".track").parentNode.insertBefore(rect, svg.querySelector("text"));
  }
  const today = now % DAY;
  const there = svg.querySelector(".arrival").parentNode;
  if (arrival === null) there.remove(); else there.setAttribute("x", percent(Math.min(today + arrival - now, DAY)));
  svg.querySelector(".now").parentNode.setAttribute("x", percent(today));
  const words = [...dayInWords(day, phrases, likely), phrases.said("bar_now", { time: phrases.clock(now, now) }),
    ...(arrival === null ? [] : [phrases.said("bar_arrive", { time: phrases.clock(arrival, now) })])];
  svg.setAttribute("aria-label", words.join(phrases.chinese ? "；" : "; "));
}
