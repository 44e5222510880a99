// Lint rules that ask the tables of @mdn/browser-compat-data whether the oldest browsers that the pages serve know a thing.

import { createRequire } from "node:module";

const { api, css, javascript } = createRequire(import.meta.url)("@mdn/browser-compat-data");

export const OLDEST = { chrome_android: 86, safari_ios: 14 };

/** A version as a number: "≤3.2" was there in 3.2; NaN for none. */
const version = (text) => parseFloat(String(text).replace("≤", ""));

/** Whether a support table says that a browser's version knows a thing under its own name. */
function knows(compat, browser) {
  return [compat.support[browser]].flat().some((said) => said && !said.flags && !said.prefix && !said.alternative_name
    && version(said.version_added) <= OLDEST[browser] && !(version(said.version_removed) <= OLDEST[browser]));
}

/** The browsers that do not know a thing; none where the tables have no entry. */
function strangers(entry) {
  return entry && entry.__compat ? Object.keys(OLDEST).filter((browser) => !knows(entry.__compat, browser)) : [];
}

const NAMES = { chrome_android: "Chrome", safari_ios: "iOS" };
const said = (browsers) => browsers.map((browser) => `${NAMES[browser]} ${OLDEST[browser]}`).join(" or ");

/** CSS functions and units anywhere below css.types, by name. */
const types = new Map();
(function gather(entries) {
  for (const [name, entry] of Object.entries(entries)) {
    if (name === "__compat") continue;
    types.set(name, entry);
    gather(entry);
  }
})(css.types);

const styles = {
  meta: { type: "problem", schema: [{ type: "object" }] },
  create(context) {
    const harmless = context.options[0] || {};
    const told = (node, what, browsers) => context.report({ loc: node.loc, message: `${what} is not in ${said(browsers)}.` });
    let supports = 0;

    function judge(node, property, value) {
      const entry = css.properties[property];
      const missing = strangers(entry);
      if (missing.length) return told(node, `'${property}'`, missing);
      for (const part of value.children || []) {
        const name = String(part.name || part.unit || "").toLowerCase();
        const unit = part.type === "Dimension" && /^[dsl]v/.test(name) ? types.get("viewport_percentage_units_dynamic")
          : part.type === "Dimension" && /^cq/.test(name) ? types.get("container_query_length_units") : null;
        const lacking = strangers(part.type === "Identifier" && entry ? entry[name] : part.type === "Function" ? types.get(name) : unit);
        if (lacking.length && !harmless[`${property}: ${name}`]) told(part.loc ? part : node, `'${property}: ${name}'`, lacking);
      }
      return undefined;
    }

    return {
      Atrule(node) {
        if (node.name === "supports") supports += 1;
        const missing = strangers(css["at-rules"][node.name]);
        if (missing.length && !supports && !harmless[`@${node.name}`]) told(node, `'@${node.name}'`, missing);
      },
      "Atrule:exit"(node) {
        if (node.name === "supports") supports -= 1;
      },
      PseudoClassSelector(node) {
        const missing = strangers(css.selectors[node.name]);
        if (missing.length && !supports && !harmless[`:${node.name}`]) told(node, `':${node.name}'`, missing);
      },
      NestingSelector(node) {
        if (!supports) told(node, "nesting", strangers(css.selectors.nesting));
      },
      Block(node) {
        if (supports) return;
        const before = new Set();
        const of = (names) => [...node.children].filter((child) => child.type === "Declaration" && names.includes(child.property));
        for (const child of of([...node.children].map(({ property }) => property))) {
          // what comes second stands in for those who know it; the others keep the first
          if (!before.has(child.property) && !before.has(`-webkit-${child.property}`) && !harmless[child.property]) judge(child, child.property, child.value);
          before.add(child.property);
        }
        if (of(["display"]).some(({ value }) => /flex/.test(context.sourceCode.getText(value)))) {
          for (const gap of harmless["gap between flex items"] ? [] : of(["gap", "row-gap", "column-gap"])) told(gap, `'${gap.property}' between flex items`, strangers(css.properties.gap.flex_context));
        }
      },
    };
  },
};

/** The interfaces that pages like ours call; of others the names are too often somebody else's. */
const INTERFACES = ["AbortController", "AbortSignal", "Blob", "Cache", "CacheStorage", "Clipboard", "Crypto", "DOMRect", "DOMTokenList", "Document", "Element", "EventTarget", "FormData",
  "HTMLDialogElement", "HTMLElement", "HTMLFormElement", "HTMLInputElement", "HTMLSelectElement", "Headers", "IDBDatabase", "IDBFactory", "IDBObjectStore", "History", "Navigator", "Node", "NodeList", "Request",
  "Response", "ServiceWorkerContainer", "ServiceWorkerRegistration", "URL", "URLSearchParams", "Window"];

/** Names of methods that the tables list, and that nothing listed has in the oldest browsers: name → who lacks it. */
const unknown = new Map();
const known = new Set();
for (const members of [...Object.values(javascript.builtins), ...INTERFACES.map((name) => api[name])]) {
  for (const [listed, entry] of Object.entries(members)) {
    const name = listed.replace(/_static$/, "");
    if (!entry.__compat || !/^[a-z][A-Za-z]*$/.test(name)) continue;
    if (strangers(entry).length) unknown.set(name, strangers(entry));
    else known.add(name);
  }
}
known.forEach((name) => unknown.delete(name));

const calls = {
  meta: { type: "problem", schema: [{ type: "object" }] },
  create(context) {
    const { own = [] } = context.options[0] || {};
    return {
      "CallExpression > MemberExpression.callee[computed=false]"({ property }) {
        if (unknown.has(property.name) && !own.includes(property.name)) context.report({ node: property, message: `'.${property.name}()' is not in ${said(unknown.get(property.name))}.` });
      },
    };
  },
};

export default { rules: { styles, calls } };
