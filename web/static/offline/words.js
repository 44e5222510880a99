// The words and cards of a page without a network: they are in the page /offline, which the phone keeps in each language.

export const ROOT = new URL("../../../", import.meta.url).pathname;
export const LANGUAGE = document.documentElement.lang;
let asked = null;

/** The page /offline in this page's language. */
export function parts() {
  asked = asked || fetch(`${ROOT}offline?lang=${LANGUAGE}`, { credentials: "omit" }).then(async (response) => {
    if (!response.ok) throw new Error(String(response.status));
    return new DOMParser().parseFromString(await response.text(), "text/html");
  }).catch((error) => { asked = null; throw error; });
  return asked;
}

/** What pages say, by name. */
export async function words() {
  return JSON.parse((await parts()).getElementById("offline-words").dataset.words);
}
