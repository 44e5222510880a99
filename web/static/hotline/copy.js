// Copying that works where there is no Clipboard API: old browsers, and pages of a plain http address.

/** Copy a text; say whether it worked. Where nothing works, `shown` is selected for the reader to copy. */
export async function copy(text, shown) {
  if (navigator.clipboard && window.isSecureContext) {
    try {
      await navigator.clipboard.writeText(text);
      return true;
    } catch (error) { /* not allowed: the old way may be */ }
  }
  const before = document.activeElement;
  const field = document.createElement("textarea");
  field.value = text;
  field.setAttribute("readonly", "");
  field.className = "sr";
  document.body.append(field);
  field.select();
  let done = false;
  try {
    done = document.execCommand("copy");
  } catch (error) { /* told below */ }
  field.remove();
  if (before) before.focus({ preventScroll: true });
  if (!done) getSelection().selectAllChildren(shown);
  return done;
}
