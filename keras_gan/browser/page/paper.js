// The picture that a visitor gives: drawn on a canvas, or dropped, chosen or pasted, then cut and scaled to fit.

const byId = id => document.getElementById(id);

// Shows the card of a picture input. `changed` receives RGBA pixels, 0 to 255; `failed` the files that are no pictures.
export function paper(input, changed, failed) {
  const [height, width] = input.shape, canvas = byId("source");
  const context = canvas.getContext("2d", {willReadFrequently: true});
  Object.assign(canvas, {width, height, className: Math.max(width, height) < 128 ? "small" : ""});
  const tell = () => changed(context.getImageData(0, 0, width, height).data);
  const clear = () => {
    context.fillStyle = byId("paper").value;
    context.fillRect(0, 0, width, height);
    tell();
  };
  const take = async file => {
    try {
      const picture = await createImageBitmap(file);
      const scale = Math.max(width / picture.width, height / picture.height);
      const [wide, high] = [picture.width * scale, picture.height * scale];
      context.imageSmoothingQuality = "high";
      context.fillStyle = "#ffffff";  // below transparent pixels
      context.fillRect(0, 0, width, height);
      context.drawImage(picture, (width - wide) / 2, (height - high) / 2, wide, high);
      tell();
    } catch {
      failed(`${file.name} is no picture that this browser can read.`);
    }
  };
  drawing(canvas, context, tell);
  dropping(take);
  byId("width").value = Math.max(1, Math.round(width / 16));
  byId("width").max = Math.max(4, Math.round(width / 6));
  byId("clear").onclick = clear;
  byId("paper").onchange = clear;
  byId("sources").hidden = false;
  clear();
}

function drawing(canvas, context, tell) {
  let last = null;
  const at = event => {
    const box = canvas.getBoundingClientRect();
    return [(event.clientX - box.left) * canvas.width / box.width, (event.clientY - box.top) * canvas.height / box.height];
  };
  const stroke = event => {
    const to = at(event);
    Object.assign(context, {strokeStyle: byId("brush").value, lineWidth: byId("width").value, lineCap: "round"});
    context.beginPath();
    context.moveTo(...last);
    context.lineTo(to[0] + 0.01, to[1]);  // a dot has no length
    context.stroke();
    last = to;
    tell();
  };
  canvas.onpointerdown = event => {
    canvas.setPointerCapture(event.pointerId);
    last = at(event);
    stroke(event);
  };
  canvas.onpointermove = event => canvas.hasPointerCapture(event.pointerId) && stroke(event);
}

function dropping(take) {
  const drop = byId("drop"), file = byId("file");
  const first = list => [...list].find(each => each.type.startsWith("image/")) ?? list[0];
  drop.ondragover = event => {
    event.preventDefault();
    drop.classList.add("over");
  };
  drop.ondragleave = () => drop.classList.remove("over");
  drop.ondrop = event => {
    event.preventDefault();
    drop.classList.remove("over");
    if (event.dataTransfer.files.length) take(first(event.dataTransfer.files));
  };
  file.onchange = () => {
    if (file.files.length) take(file.files[0]);
    file.value = "";  // so that the same one may be chosen again
  };
  document.addEventListener("paste", event => {
    if (event.clipboardData.files.length) take(first(event.clipboardData.files));
  });
}
