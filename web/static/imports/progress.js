// How far the work is, without loading the page again; when it has ended the page of that is opened.

const shown = document.getElementById("progress");
const bar = document.getElementById("bar");
const EVERY_MS = 700;

async function look() {
  try {
    const answer = await fetch(shown.dataset.job, { headers: { Accept: "application/json" } });
    if (answer.status === 401 || answer.status === 403 || answer.status === 404) {
      location.reload(); // the session has ended, or the work is gone: the page says which
      return;
    }
    if (!answer.ok) throw new Error(String(answer.status));
    const job = await answer.json();
    if (job.state !== "waiting" && job.state !== "running") {
      location.replace(shown.dataset.next);
      return;
    }
    document.getElementById("step").textContent = job.step;
    if (job.total) {
      bar.max = job.total;
      bar.value = job.done;
      document.getElementById("count").textContent = `${job.done.toLocaleString()} / ${job.total.toLocaleString()}`;
    } else {
      bar.removeAttribute("value");
      document.getElementById("count").textContent = "\u00a0";
    }
  } catch (error) {
    // a server that is just being started again: look later
  }
  setTimeout(look, EVERY_MS);
}

if (shown.dataset.job) setTimeout(look, EVERY_MS);
else setTimeout(() => location.reload(), 2000);
