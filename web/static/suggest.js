// Places and sites offered while one types: a combobox with a listbox, by the WAI-ARIA pattern. Without an answer nothing is offered.

const WAIT_MS = 250;
const MOST = 6;
let turn = 0;

/** Let the search field of a form offer what goes by its words; `choose` takes the one that is chosen. */
export function suggest(form, choose) {
  const input = form.querySelector("[name=q]");
  const list = Object.assign(document.createElement("ul"), { id: "offered", className: "offered", hidden: true });
  let waiting = null;
  let active = -1;
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", form.dataset.offered);
  form.after(list);
  for (const [name, value] of [["role", "combobox"], ["aria-autocomplete", "list"], ["aria-controls", list.id], ["aria-expanded", "false"]]) {
    input.setAttribute(name, value);
  }

  const point = (to) => {
    active = to;
    for (const [i, option] of [...list.children].entries()) option.setAttribute("aria-selected", i === active ? "true" : "false");
    if (active < 0) input.removeAttribute("aria-activedescendant");
    else input.setAttribute("aria-activedescendant", list.children[active].id);
  };
  const show = (found) => {
    list.textContent = "";
    for (const [i, one] of found.entries()) {
      const option = Object.assign(document.createElement("li"), { id: `offered-${i}`, textContent: one.name });
      option.setAttribute("role", "option");
      if (one.address) option.append(Object.assign(document.createElement("small"), { textContent: one.address }));
      option.addEventListener("click", () => take(one));
      list.append(option);
    }
    list.hidden = !found.length;
    list.found = found;
    input.setAttribute("aria-expanded", found.length ? "true" : "false");
    point(-1);
  };
  const close = () => {
    clearTimeout(waiting);
    turn += 1;
    show([]);
  };
  const take = (one) => {
    close();
    choose(one);
  };
  const ask = async () => {
    const mine = ++turn;
    try {
      const response = await fetch(`${form.dataset.search}?${new URLSearchParams({ q: input.value.trim(), k: MOST })}`);
      const { results } = await response.json();
      if (mine === turn) show(results);
    } catch (error) {
      if (mine === turn) show([]);
    }
  };
  const typed = () => {
    clearTimeout(waiting);
    if (input.value.trim()) waiting = setTimeout(ask, WAIT_MS); else close();
  };
  input.addEventListener("input", (event) => {
    if (!event.isComposing) typed(); // half-typed pinyin is no question
  });
  input.addEventListener("compositionend", typed);
  if (input.value !== input.defaultValue) typed(); // while this was fetched
  input.addEventListener("blur", close);
  form.addEventListener("submit", close);
  list.addEventListener("mousedown", (event) => event.preventDefault()); // the field keeps the focus until the tap is done
  input.addEventListener("keydown", (event) => {
    if (list.hidden || event.isComposing) return;
    const last = list.children.length - 1;
    if (event.key === "ArrowDown") point(active < last ? active + 1 : 0);
    else if (event.key === "ArrowUp") point(active > 0 ? active - 1 : last);
    else if (event.key === "Escape") close();
    else if (event.key === "Enter" && active >= 0) take(list.found[active]);
    else return;
    event.preventDefault();
  });
}
