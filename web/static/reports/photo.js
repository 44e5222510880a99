// The photo of a report: made smaller on the phone, so that a weak network copes with it. The server draws it anew in any case.

const EDGE_PX = 1280, QUALITY = 0.8;
const MOST_BYTES = 8 * 1024 * 1024; // what the server takes, where a browser cannot make it smaller
const READ_THERE = ["image/jpeg", "image/png", "image/webp"];

async function smaller(file) {
  const bitmap = await createImageBitmap(file); // eslint-disable-line compat/compat -- iOS 14 has none: `read` sends it as it is
  // it is upright: a browser follows the camera's note
  const scale = Math.min(1, EDGE_PX / Math.max(bitmap.width, bitmap.height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(bitmap.width * scale));
  canvas.height = Math.max(1, Math.round(bitmap.height * scale));
  const context = canvas.getContext("2d");
  context.imageSmoothingQuality = "high";
  context.fillStyle = "#fff"; // what is transparent would become black
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  bitmap.close();
  const blob = await new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", QUALITY));
  if (!blob) throw new Error("not drawn");
  return { canvas, content: await blob.arrayBuffer() }; // bytes: an old browser may not keep a Blob
}

async function read(file) {
  try {
    return await smaller(file);
  } catch (error) { // it has no createImageBitmap (iOS 14), too little memory, or cannot read it
    if (!READ_THERE.includes(file.type) || file.size > MOST_BYTES) throw error;
    return { canvas: null, content: await file.arrayBuffer() };
  }
}

// Watch a file input in its box: show what is chosen, and a button to leave it out again.
// Return a function that promises the photo's bytes, or null; it fails where the picture cannot be read.
export function chooser(input) {
  const box = input.closest(".photo-box"), leave = box.querySelector("button");
  let chosen = Promise.resolve(null);

  function show(canvas) {
    box.querySelectorAll("canvas").forEach((old) => old.remove());
    leave.hidden = !input.files.length;
    if (!canvas) return;
    canvas.setAttribute("role", "img");
    canvas.setAttribute("aria-label", box.dataset.chosen);
    box.insertBefore(canvas, leave);
  }

  function choose() {
    const file = input.files[0];
    const mine = chosen = file ? read(file) : Promise.resolve(null);
    show(null);
    mine.then((photo) => { if (photo && mine === chosen) show(photo.canvas); }).catch(() => {}); // told when it is sent
  }

  input.addEventListener("change", choose);
  input.form.addEventListener("reset", () => setTimeout(choose));
  leave.addEventListener("click", () => {
    input.value = "";
    choose();
    input.focus();
  });
  if (input.files.length) choose(); // a browser that went back still has it
  return async () => {
    const photo = await chosen;
    return photo && photo.content;
  };
}
