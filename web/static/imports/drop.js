// A file dropped on the page is chosen as if by the button; one that is too large is told so before it is sent.

const form = document.getElementById("hand-in");
const place = document.getElementById("drop");
const input = document.getElementById("file");
const told = document.getElementById("drop-told");

function check() {
  const file = input.files[0];
  const large = Boolean(file) && file.size > Number(form.dataset.mostMb) * 1024 * 1024;
  told.textContent = large ? told.dataset.large : "";
  told.hidden = !large;
  return !large;
}

for (const name of ["dragenter", "dragover"]) {
  place.addEventListener(name, (event) => {
    event.preventDefault();
    place.classList.add("over");
  });
}
for (const name of ["dragleave", "drop"]) place.addEventListener(name, () => place.classList.remove("over"));
place.addEventListener("drop", (event) => {
  event.preventDefault();
  if (event.dataTransfer.files.length) {
    input.files = event.dataTransfer.files;
    check();
    document.getElementById("source").focus();
  }
});
input.addEventListener("change", check);
form.addEventListener("submit", (event) => {
  if (!check()) {
    event.preventDefault();
    return;
  }
  document.getElementById("send").setAttribute("aria-busy", "true");
});
