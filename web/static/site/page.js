// One site's page, made quicker where scripts run.

import { dress } from "./go.js";

const print = document.getElementById("print");
if (print) {
  print.hidden = false;
  print.addEventListener("click", () => window.print());
}
dress();
