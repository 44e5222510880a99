// The oldest browsers that the pages serve are Chrome 86 and iOS 14. What they do not know is a fault: of the language (es-x), of the
// browser's interfaces (compat, with `browserslist` of package.json, and oldest/calls) and of styles (oldest/styles).

import css from "@eslint/css";
import compat from "eslint-plugin-compat";
import esx from "eslint-plugin-es-x";
import oldest from "./oldest.mjs";

/** What the oldest browsers pass over, and why nothing is lost. */
const HARMLESS = {
  ":focus-visible": "their own focus ring shows instead",
  "cursor: pointer": "an iPad shows its own pointer",
  "cursor: crosshair": "an iPad shows its own pointer",
  "text-underline-offset": "the line is nearer to the words",
  "scroll-behavior": "they jump, as with reduced motion",
  "scroll-padding-top": "a heading jumped to stands at the very top",
  "text-wrap": "lines break where they fit",
  "@page": "a sheet has the printer's own margins",
  "resize": "the box keeps its size",
  "forced-color-adjust": "they have no forced colours",
  "font-family: ui-monospace": "the next family of the list is taken",
};
/** Pages for a desk in an office, where such a browser only looks plainer. */
const OFFICE = { ...HARMLESS, "gap between flex items": "boxes stand closer together", "accent-color": "the browser's own blue",
  "break-after: avoid": "on paper a heading may be parted from what it is over", "page-break-after: avoid": "the same" };
/** Methods of ours that are called as newer ones of the browser's are. */
const OURS = { "static/reports/*.js": ["drop"], "static/offline/*.js": ["at"], "static/admin/*.js": ["show"] };

export default [
  { ignores: ["node_modules/", "static/vendor/"] },
  { linterOptions: { reportUnusedDisableDirectives: "error" } },
  {
    files: ["static/**/*.js"],
    languageOptions: { ecmaVersion: "latest", sourceType: "module" },
    plugins: { "es-x": esx, compat, oldest },
    rules: {
      ...esx.configs["flat/restrict-to-es2020"].rules,
      "es-x/no-regexp-lookbehind-assertions": "error",
      "compat/compat": "error",
      "oldest/calls": "error",
    },
  },
  {
    files: ["static/**/*.css"],
    language: "css/css",
    plugins: { css, oldest },
    rules: { "oldest/styles": ["error", HARMLESS] },
  },
  ...Object.entries(OURS).map(([files, own]) => ({ files: [files], rules: { "oldest/calls": ["error", { own }] } })),
  { files: ["static/{accounts,admin,imports,planner}/*.css"], rules: { "oldest/styles": ["error", OFFICE] } },
];
