// How many sites each toggle above the list would leave: web/toggles.py on the phone.

import { tally } from "./tallies.js";

const REACH_M = { walk: 2000, ride: 6000 };

/** {counts: need code, "hide" and "verified_only" → sites, words: what they count}. */
export function counts({ copy, question, phrases, minute, second }) {
  const { need } = copy.words;
  const { filters, state, strict, middle } = question;
  const here = { ...filters, state, strict };
  const codes = Object.keys(need);
  const alternatives = [...codes.map((code) => withNeed(here, need[code][2])), state ? here : { ...here, state: middle ? "open" : "open-on-arrival" }, { ...here, verifiedOnly: true }];
  const radius = question.within < Infinity ? question.within : filters.areas.length ? Infinity : REACH_M[question.by];
  const told = tally(copy, question, alternatives.map((one) => ({ ...one, areas: [] })), radius, minute, second);
  return {
    counts: Object.fromEntries([...codes, "hide", "verified_only"].map((code, i) => [code, told[i]])),
    words: radius === Infinity ? phrases.words.counted_in_area : phrases.said("counted_within", { far: phrases.distance(radius) }),
  };
}

const withNeed = (filters, said) => ({
  ...filters, kinds: [...filters.kinds, ...(said.kind || [])], facilities: [...filters.facilities, ...(said.facility || [])],
  eligibility: [...filters.eligibility, ...(said.eligibility || [])], state: said.state ? said.state[0] : filters.state });
