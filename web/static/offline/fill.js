/** A page's words with values in the places that are named for them: "{n} m" and {n: 5} are "5 m"; a place without a value stays. */
export const fill = (text, values) => text.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? values[name] : whole));
