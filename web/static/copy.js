// Copying that works where there is no Clipboard API: old browsers, WeChat, and pages of a plain http address.

/** Copy a text; say whether it worked. Where nothing works, `shown` is selected for the reader to copy. */
export async function copy(text, shown) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch (error) {
    // not there, or not allowed: the old way may be
  }
  const before = document.activeElement;
  const field = document.createElement("textarea");
  field.value = text;
  field.setAttribute("readonly", ""); // no keyboard comes up
  field.className = "sr";
  shown.after(field); // where the focus may go: not behind a dialog, nor at the far end of the page
  field.select();
  field.setSelectionRange(0, text.length);
  let done = false;
  try {
    done = document.execCommand("copy");
  } catch (error) {
    // told by what is returned
  }
  field.remove();
  if (before) before.focus({ preventScroll: true });
  if (!done) getSelection().selectAllChildren(shown);
  return done;
}
