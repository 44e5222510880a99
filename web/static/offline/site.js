// A site's own page as far as the copy knows it: web/site.py on the phone, with its sections in its order.

import { dayInWords, inferred, spans } from "./bar.js";
import { addressed, card, drawn, told } from "./draw.js";
import { gettingThere } from "./go.js";
import { DAY } from "./hours.js";
import { address } from "./question.js";

const NEARBY = 4;
const OF_ITS_KIND = 2; // of those, where there are any within
const KIND_WITHIN_M = 5000;
const LOOKED_AT = 30; // for those that are open on arrival, before nearer ones of which that is not known
const WEEK = 7;

/** The page of a row as elements, for the page of an answer {copy, cards, question, phrases, words, minute, second}. */
export function sitePage(page, row) {
  const { copy, cards, question, phrases, words } = page;
  question.leads = leadsOf(copy.site(row).kind, copy.words);
  const own = cards.told({ row, metres: 0, minutes: 0, most: Infinity });
  const areas = [own.district, own.street].map((code) => phrases.either(copy.words.area[code] || null));
  const days = week(page, copy.timetable(row));
  const values = {
    ...own, bar: { ...own.bar, arrival: null }, week: days.length > 0,
    entering: [...own.modes, own.entryNote].filter(Boolean).join(" · "), whole: [own.address, ...areas].filter(Boolean).join(" · "),
    around: address(new URLSearchParams({ lon: own.lon, lat: own.lat, place: own.name })),
  };
  const made = drawn(words, "site", values);
  told(made, values);
  if (days.length) made.querySelector(".week tbody").append(...days.map((day) => drawn(words, "day", day).querySelector("tr")));
  made.querySelector("header").after(...gettingThere(words, own, { by: question.by, region: copy.city(own.district) }));
  made.append(...reporting(words, own.id));
  return [made, ...nearby(page, row)];
}

/** The coming days {name, today, told} that the copy knows; none where it knows of no hour whether the site is open. */
function week({ copy: { hours }, phrases, minute }, timetable) {
  const likely = inferred(hours, timetable);
  const midnight = minute - minute % DAY;
  const known = Array.from({ length: WEEK }, (_, ahead) => midnight + ahead * DAY).filter((at) => hours.knows(at));
  const days = known.map((at) => spans(hours, timetable, at, likely));
  if (days.every(([span, ...more]) => span && !more.length && span[2] === "unknown" && span[1] - span[0] === DAY)) return [];
  return days.map((day, ahead) => ({ name: phrases.weekday(known[ahead]), today: ahead === 0, told: dayInWords(day, phrases, likely).join(" · ") }));
}

/** What the site can be told of; nothing where the server keeps no reports. */
function reporting(words, id) {
  const kept = words.getElementById("offline-report");
  return kept ? [...document.importNode(kept.content, true).children].map((one) => addressed(one, id)) : [];
}

/** What a place of a kind is looked for: the facilities that lead of the needs that mean this kind. */
function leadsOf(kind, { need }) {
  return Object.values(need).flatMap(([, , filters, leads]) => ((filters.kind || []).includes(kind) ? leads : []));
}

/** What else is near and not closed to a visitor who comes from here: of the same kind first; surely open ones first, each nearest first. */
function nearby({ copy, cards, question, words, minute, second }, row) {
  const { lon, lat, kind } = copy.site(row);
  const there = (more) => {
    const others = copy.nearest({ lon, lat, k: LOOKED_AT, by: question.by, state: "open-on-arrival", ...more }, minute, second)
      .filter((near) => near.row !== row).map((near) => ({ ...cards.told(near), row: near.row })).filter(({ arrival }) => arrival !== "closed");
    return [...others.filter(({ arrival }) => arrival === "open"), ...others.filter(({ arrival }) => arrival !== "open")];
  };
  const alike = there({ filters: { kinds: [kind] }, within: KIND_WITHIN_M }).slice(0, OF_ITS_KIND);
  const shown = [...alike, ...there({}).filter((one) => !alike.some((other) => other.row === one.row))].slice(0, NEARBY);
  if (!shown.length) return [];
  const made = drawn(words, "near");
  made.querySelector(".cards").append(...shown.map((one, i) => card(words, { ...one, number: i + 1 })));
  return [made];
}
