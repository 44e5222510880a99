// One site's page: printing is the browser's; the button only appears where a script can call it.

const button = document.getElementById("print");
if (button) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}
