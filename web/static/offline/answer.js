// The finder's page worked out on the phone: what finder.js shows where no server answers.

import { Cards } from "./cards.js";
import { card, draw, drawn } from "./draw.js";
import { find, START, started, startingFrom } from "./find.js";
import { count, dress } from "./frame.js";
import { minuteOf } from "./hours.js";
import { offers, told } from "./loosening.js";
import { dayNumber, Phrases } from "./phrases.js";
import { address, MOST, read } from "./question.js";
import { sitePage } from "./site.js";
import { load } from "./store.js";
import { VAGUE_M } from "./visitors.js";
import { LANGUAGE, parts, ROOT } from "./words.js";

const CLOCK_OFF_MS = 300000;
const OUTSIDE_M = 30000;
const SURE_AMONG = 50;
const FILTERS = ["need", "kind", "facility", "eligibility", "state", "strict", "verified_only", "within"];
const ORDER = ["open", "unknown", "closed"];

/** The page of an address as a document, from what is kept on this phone; null where nothing is kept. */
export async function page(at) {
  const asked = new URL(at, location.href);
  let held;
  let frame;
  let words;
  try {
    held = await load();
    if (!held) return null;
    words = await parts();
    const response = await fetch(`${ROOT}?lang=${LANGUAGE}`, { credentials: "omit" });
    frame = new DOMParser().parseFromString(await response.text(), "text/html");
  } catch (error) {
    return null;
  }
  const phrases = new Phrases(JSON.parse(words.getElementById("offline-words").dataset.words), LANGUAGE);
  new Page(asked, held, words, frame, phrases).draw();
  return frame;
}

class Page {
  constructor(asked, { copy, state }, words, frame, phrases) {
    Object.assign(this, { copy, state, words, frame, phrases });
    const { asked: from, text, said } = started(asked.searchParams, copy, phrases);
    Object.assign(this, { asked: from, text, path: asked.pathname });
    this.instead = said ? address(from, START, [["q", said], ["choose", "1"]]) : null;
    this.site = asked.pathname.startsWith(`${ROOT}sites/`) ? decodeURIComponent(asked.pathname.slice(`${ROOT}sites/`.length)) : null;
    this.question = read(this.asked, copy);
    const instant = this.question.at === null ? Date.now() : this.question.at;
    this.minute = minuteOf(instant);
    this.second = Math.floor(instant / 1000) % 60;
    const map = frame.getElementById("map-side");
    this.shifted = map && map.dataset.datum === "gcj02";
    this.box = frame.getElementById("answer");
    this.cards = new Cards(this);
  }

  draw() {
    const { question } = this;
    this.districts = this.box.querySelector(".districts");
    this.box.replaceChildren(this.banner(), ...this.reporting());
    if (this.site !== null) this.one();
    else if (this.text) this.choices();
    else if (question.lon !== null && question.lat !== null) this.answer();
    else return dress(this, "welcome");
    return undefined;
  }

  /** The style of reporting from a card, which is put to work when the page is shown; nothing where the server keeps no reports. */
  reporting() {
    if (!this.words.getElementById("offline-tell-style")) return [];
    this.frame.addEventListener("shown", () => import("../reports/report.js").then((reports) => reports.dress()));
    return [drawn(this.words, "tell-style")];
  }

  /** Which copy this is from, and what is wrong with it or with the phone's clock. */
  banner() {
    const { state, phrases } = this;
    const last = (dayNumber(state.index.day) + state.index.days) * 1440 - 1;
    const off = Math.abs(state.clock || 0);
    return drawn(this.words, "banner", {
      banner: phrases.said("banner", { time: state.index.as_of.slice(0, 16).replace("T", " ") }),
      old: this.minute > last ? phrases.said("old", { day: new Date(last * 60000).toISOString().slice(0, 10) }) : null,
      clock: off > CLOCK_OFF_MS ? phrases.said("clock", { time: phrases.duration(off / 60000) }) : null,
    });
  }

  answer() {
    const near = this.copy.nearest(this.question, this.minute, this.second);
    const { question, box, asked } = this;
    const [lon, lat] = this.cards.onMap(question.lon, question.lat);
    Object.assign(box.dataset, { lon, lat });
    if (question.accuracy) box.dataset.accuracy = question.accuracy;
    if (this.instead) box.dataset.address = address(asked);
    box.append(drawn(this.words, "from", { from: this.from(), change: address(asked, START), instead: this.instead }));
    this.position();
    const given = told(this);
    if (given.length) {
      const list = drawn(this.words, "told");
      list.append(...given.map((one) => drawn(this.words, "given", one)));
      box.append(list);
    }
    const cards = this.allTold(near).filter((one) => question.state !== (question.middle ? "open" : "open-on-arrival") || one.arrival !== "closed");
    const groups = [true, false].flatMap((reached) => ORDER.map((state) => (
      { state, reached, some: cards.filter((one) => one.reached === reached && one.arrival === state) }))).filter(({ some }) => some.length);
    if (groups.length && (groups[0].state !== "open" || groups[0].some[0].doubtful)) this.sure();
    let number = 0;
    for (const { state, reached, some } of groups) box.append(this.group(state, reached, some, () => ++number));
    if (!cards.length) {
      this.nothing();
    } else if (near.length >= question.k && question.k < MOST) {
      box.append(drawn(this.words, "more", { more: address(asked, [], [["k", Math.min(MOST, question.k * 2)]]) }));
    }
    count(this);
    dress(this, "answer");
  }

  /** Sites in words; asked strictly, without those by whose door others found no way in. */
  allTold(near, { strict } = this.question) {
    return near.map((one) => this.cards.told(one)).filter((one) => !strict || !one.noWayIn);
  }

  /** What is to be said of where one stands: outside the area served, or nobody knows closely where. */
  position() {
    const { question, copy, phrases, box, asked, minute } = this;
    if (question.area) return;
    const [nearest] = copy.nearest({ lon: question.lon, lat: question.lat, k: 1 }, minute);
    if (nearest && nearest.metres > OUTSIDE_M) {
      const made = drawn(this.words, "outside", { far: phrases.said("outside", { far: phrases.distance(nearest.metres) }) });
      if (this.districts) made.append(this.districts);
      box.append(made);
    } else if (!question.place && question.accuracy > VAGUE_M) {
      box.append(drawn(this.words, "vague", { title: phrases.said("vague", { n: Math.round(question.accuracy) }), start: address(asked, START) }));
    }
  }

  /** The nearest suitable site that a visitor surely finds open; never one whose record is doubtful. */
  sure() {
    const { middle } = this.question;
    const sure = { ...this.question, k: SURE_AMONG, state: middle ? "open" : "open-on-arrival", strict: true };
    const near = this.copy.nearest(sure, this.minute, this.second);
    const found = this.allTold(near, sure).find((one) => one.arrival === "open" && one.reached !== middle && !one.doubtful);
    if (!found) return;
    const made = drawn(this.words, "sure");
    made.querySelector(".cards").append(card(this.words, { ...found, number: "★" }));
    this.box.append(made);
  }

  /** Which filters left nothing, and what is there without them. */
  nothing() {
    const { phrases } = this;
    const found = offers(this);
    const why = !found.length ? null : found[0].words.length > 1 ? phrases.words.none_alone
      : found.length === 1 ? phrases.said("this_alone", { filter: found[0].words[0] }) : phrases.words.any_alone;
    const made = drawn(this.words, "empty", { why, all: address(this.asked, FILTERS) });
    for (const { words, metres, address: without } of found) {
      made.querySelector(".offers").append(drawn(this.words, "offer", {
        words: phrases.said("without", { filter: words.join(phrases.words.and) }),
        far: phrases.said("nearest", { far: phrases.distance(metres) }), address: without }));
    }
    this.box.append(made);
  }

  group(state, reached, cards, next) {
    const made = drawn(this.words, "group", { heading: this.phrases.words[`group_${state}${reached ? "" : "_now"}`], count: cards.length });
    made.classList.add(state);
    draw(made.querySelector("h2 use"), state);
    const list = made.querySelector(".cards");
    for (const one of cards) list.append(card(this.words, { ...one, number: next() }));
    return made;
  }

  from() {
    const { question, phrases, copy } = this;
    const place = question.area && copy.words.area[question.area] ? phrases.said("in_area", { area: phrases.either(copy.words.area[question.area]) })
      : question.place ? phrases.said("from_place", { place: question.place }) : question.accuracy ? phrases.words.from_you : phrases.words.from_point;
    const vague = !question.area && !question.place && question.accuracy > 100 && question.accuracy <= VAGUE_M ? phrases.said("give_or_take", { n: Math.round(question.accuracy) }) : "";
    const moment = new Date(this.minute * 60000).toISOString();
    const time = question.at === null ? phrases.said("now", { time: moment.slice(11, 16) }) : phrases.said("at", { time: moment.slice(0, 16).replace("T", " ") });
    return `${place}${vague} · ${time}`;
  }

  /** Where to start from, by somebody's words. */
  choices() {
    const { asked, box, phrases, copy, text } = this;
    const found = find(text, copy);
    const title = found.length ? phrases.words.where : phrases.said("nothing_goes_by", { text });
    const made = drawn(this.words, "choices", { title });
    for (const one of found) {
      const name = phrases.either(one.pair);
      const about = one.type === "area" ? phrases.words.district : one.type === "place" ? phrases.words.around : copy.site(one.row).address;
      made.querySelector("ul").append(drawn(this.words, "choice", { name, about, address: address(asked, START, startingFrom(one, name)) }));
    }
    box.append(made);
    dress(this, "choices");
  }

  /** One site's own page; what is said where the copy has no such site. */
  one() {
    const { copy, words, frame, box } = this;
    const row = copy.rowOf(this.site);
    frame.querySelector(".ask").hidden = true; // nobody asks for anything here; the frame's headline is the finder's
    if (row === null) {
      box.append(drawn(words, "unknown-site"), ...(this.districts ? [this.districts] : []));
      return dress(this, "site");
    }
    const { lon, lat, name } = copy.site(row);
    const [x, y] = this.cards.onMap(lon, lat);
    Object.assign(box.dataset, { lon: x, lat: y });
    box.append(...sitePage(this, row));
    frame.title = `${name} · ${frame.title}`;
    frame.addEventListener("shown", () => {
      import("../site/go.js").then((go) => go.dress());
      if (location.hash === "#go") document.getElementById("go").scrollIntoView();
    });
    return dress(this, "site");
  }
}
