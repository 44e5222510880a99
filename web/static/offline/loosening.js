// When nothing suits: which filters emptied the list, and what is there without them; and what is asked for, in words. As web/loosening.py.

import { START } from "./find.js";
import { address, codeOf, less } from "./question.js";
import { waysOut } from "./tallies.js";

const MOST_OFFERS = 6;

/** [{words, address, metres}] of the smallest sets of filters that emptied a list, the one that leads to the nearest site first. */
export function offers({ asked, copy, question, phrases, minute, second }) {
  const said = partsOf(question, asked, copy, phrases);
  return waysOut(copy, question, said, minute, second).slice(0, MOST_OFFERS).map(({ parts, metres }) => {
    const given = parts.map((i) => said[i]);
    const names = given.flatMap((one) => one.names || []);
    // without its district a question keeps the place it was measured from
    const also = names.includes("area")
      ? [["lon", question.lon], ["lat", question.lat], ["place", phrases.either(copy.words.area[question.area])]] : [];
    return {
      words: [...new Set(given.map((one) => one.words))], metres,
      address: address(less(asked, given.flatMap((one) => one.pairs || [])), [...names, ...(also.length ? START : [])], also),
    };
  });
}

/** The filters that have no toggle: their words, and the address without each. */
export function told({ asked, copy, phrases }) {
  const named = ["kind", "facility", "eligibility"].flatMap((section) => [...new Set(asked.getAll(section).filter(Boolean))].map((said) => (
    { words: phrases.either(copy.words[section][codeOf(copy.words[section], said)]) || said, address: address(less(asked, [[section, said]])) })));
  const others = [["strict", phrases.words.unknown_left_out], ["within", phrases.words.distance_limit]].filter(([name]) => asked.get(name));
  return [...named, ...others.map(([name, words]) => ({ words, address: address(asked, [name]) }))];
}

/** Everything a question asks for that could be given up, as {words, filters, known, within, pairs, names}. */
function partsOf(question, asked, copy, phrases) {
  const { filters, state, strict, within } = question;
  const { need: needs, kind: kinds, facility: facilities, area } = copy.words;
  const all = (section) => [...new Set(asked.getAll(section).filter(Boolean))];
  const needed = all("need").map((said) => codeOf(needs, said)).filter((code) => needs[code]);
  const parts = [];
  if (filters.kinds.length) {
    const some = needed.filter((code) => needs[code][2].kind);
    const words = [...some.map((code) => phrases.either(needs[code])), ...all("kind").map((said) => phrases.either(kinds[codeOf(kinds, said)]) || said)];
    parts.push({ words: [...new Set(words)].join(phrases.words.or), filters: { kinds: filters.kinds }, pairs: some.map((code) => ["need", code]), names: ["kind"] });
  }
  for (const code of needed.filter((one) => !needs[one][2].kind)) {
    const { facility, eligibility, state: [wanted] = [null] } = needs[code][2];
    parts.push({ words: phrases.either(needs[code]), filters: { facilities: facility, eligibility, state: wanted }, pairs: [["need", code]] });
  }
  for (const said of all("facility")) {
    const code = codeOf(facilities, said);
    parts.push({ words: phrases.either(facilities[code]) || said, filters: { facilities: [code] }, pairs: [["facility", said]] });
  }
  // nobody sets out from an area's middle: there the list goes by what is open now
  const hidden = asked.get("state") && state === "open" ? "open" : asked.get("state");
  const whole = [
    [filters.eligibility.length, phrases.words.who_may, { filters: { eligibility: filters.eligibility }, names: ["eligibility"] }],
    [asked.get("state"), phrases.words.hide_closed, { filters: { state: hidden }, names: ["state", "strict"] }],
    [state && strict, phrases.words.unknown_left_out, { filters: { state }, known: true, names: ["strict"] }],
    [filters.verifiedOnly, phrases.words.verified_only, { filters: { verifiedOnly: true }, names: ["verified_only"] }],
    [within < Infinity, phrases.words.distance_limit, { within, names: ["within"] }],
    [filters.areas.length, phrases.either(area[question.area]), { filters: { areas: filters.areas }, names: ["area"] }],
  ];
  return [...parts, ...whole.filter(([given]) => given).map(([, words, part]) => ({ words, ...part }))];
}
