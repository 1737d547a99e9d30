"""The style and the script of a page."""

STYLE = """
:root { color-scheme: light dark; --ink: #1c2430; --soft: #5c6675; --paper: #f6f5f2; --card: #ffffff; --line: #e2e0da;
  --accent: #b8324f; --good: #2c7a51; --bad: #b3541e;
  --c0: #b8324f; --c1: #2b6cb0; --c2: #2c7a51; --c3: #b7791f; --c4: #6b46c1; --c5: #718096; }
@media (prefers-color-scheme: dark) { :root { --ink: #e8e6e1; --soft: #a0a6b0; --paper: #14171c; --card: #1d2127;
  --line: #2f353e; --accent: #f0708b; --good: #63c08f; --bad: #f0a063;
  --c0: #f0708b; --c1: #6fb1f0; --c2: #63c08f; --c3: #e6b450; --c4: #b093f5; --c5: #a0aec0; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink);
  font: 16px/1.55 system-ui, "Segoe UI", Roboto, sans-serif; }
main { max-width: 1180px; margin: 0 auto; padding: 48px 24px 80px; }
header h1 { font-size: 2.3rem; line-height: 1.15; margin: 0 0 6px; letter-spacing: -0.02em; overflow-wrap: anywhere; }
header p { margin: 0; color: var(--soft); overflow-wrap: anywhere; }
.chips { display: flex; flex-wrap: wrap; gap: 8px; margin: 18px 0 0; padding: 0; list-style: none; }
.chips li { border: 1px solid var(--line); background: var(--card);
  border-radius: 99px; padding: 3px 13px; font-size: .88rem; }
.chips .good { color: var(--good); border-color: currentColor; }
.chips .bad { color: var(--bad); border-color: currentColor; }
section { margin-top: 44px; }
h2 { font-size: 1.15rem; margin: 0 0 14px; letter-spacing: -0.01em; }
.card { background: var(--card); border: 1px solid var(--line); border-radius: 14px; padding: 20px; }
.note { color: var(--soft); font-size: .9rem; margin: 10px 0 0; }
.stage { display: flex; flex-direction: column; align-items: center; gap: 14px; }
.stage img { display: block; max-width: 100%; height: auto; max-height: 72vh; min-width: min(420px, 100%);
  object-fit: contain; image-rendering: pixelated; border-radius: 8px; }
[hidden] { display: none !important; }
.time { display: flex; align-items: center; gap: 14px; width: 100%; max-width: 720px; }
.time input { flex: 1; accent-color: var(--accent); }
.time output { min-width: 8.5em; text-align: right; font-variant-numeric: tabular-nums; color: var(--soft); }
button { font: inherit; color: inherit; background: none; border: 1px solid var(--line); border-radius: 99px;
  padding: 3px 16px; min-width: 5.5em; cursor: pointer; }
button:hover, button:focus-visible { border-color: var(--accent); color: var(--accent); }
.numbers { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(250px, 100%), 1fr)); gap: 14px; }
.numbers .card { padding: 16px 18px; }
.numbers h3 { margin: 0; font-size: .88rem; font-weight: 600; color: var(--soft); }
.numbers strong { display: block; font-size: 1.9rem; line-height: 1.25; letter-spacing: -0.02em;
  font-variant-numeric: tabular-nums; }
.numbers small { display: block; color: var(--soft); font-size: .82rem; line-height: 1.4; }
.charts { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(440px, 100%), 1fr)); gap: 14px; }
.chart { margin: 0; background: var(--card); border: 1px solid var(--line);
  padding: 16px 16px 12px; border-radius: 14px; }
.chart figcaption { font-weight: 600; font-size: .95rem; margin-bottom: 6px; }
.chart svg { display: block; width: 100%; height: auto; touch-action: pan-y; }
.chart output { display: block; min-height: 1.5em; color: var(--soft);
  font-size: .82rem; font-variant-numeric: tabular-nums; }
polyline { fill: none; stroke-width: 1.8; stroke-linejoin: round; }
polyline.c0 { stroke: var(--c0); } polyline.c1 { stroke: var(--c1); } polyline.c2 { stroke: var(--c2); }
polyline.c3 { stroke: var(--c3); } polyline.c4 { stroke: var(--c4); } polyline.c5 { stroke: var(--c5); }
circle.c0 { fill: var(--c0); } circle.c1 { fill: var(--c1); } circle.c2 { fill: var(--c2); }
circle.c3 { fill: var(--c3); } circle.c4 { fill: var(--c4); } circle.c5 { fill: var(--c5); }
figure.card { margin: 0; } figure.card svg { display: block; width: 100%; height: auto; }
rect { fill: var(--c5); opacity: .55; }
.rule { stroke: var(--line); } .cursor { stroke: var(--soft); stroke-dasharray: 3 3; }
.tick { fill: var(--soft); font-size: 12px; } .end { text-anchor: end; } .mid { text-anchor: middle; }
.legend { display: flex; flex-wrap: wrap; gap: 4px 16px; font-size: .85rem; }
.legend i { display: inline-block; width: 14px; height: 3px; border-radius: 2px;
  margin-right: 6px; vertical-align: middle; }
i.c0 { background: var(--c0); } i.c1 { background: var(--c1); } i.c2 { background: var(--c2); }
i.c3 { background: var(--c3); } i.c4 { background: var(--c4); } i.c5 { background: var(--c5); }
.finding { border-left: 4px solid var(--bad); margin-bottom: 12px; }
.finding h3 { margin: 0 0 4px; font-size: 1rem; }
.finding h3::first-letter, figcaption::first-letter { text-transform: uppercase; }
.finding p { margin: 4px 0 0; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: .88rem; }
th, td { text-align: left; padding: 6px 14px 6px 0; border-bottom: 1px solid var(--line); vertical-align: top; }
th { font-weight: 600; color: var(--soft); white-space: nowrap; }
td { overflow-wrap: anywhere; font-variant-numeric: tabular-nums; }
.rows td { white-space: nowrap; }
tr:last-child > * { border-bottom: 0; }
.config { columns: 2 380px; column-gap: 40px; }
.config div { display: flex; justify-content: space-between; gap: 20px; break-inside: avoid; padding: 5px 0;
  border-bottom: 1px solid var(--line); font-size: .92rem; }
.config dt { color: var(--soft); } .config dd { margin: 0; text-align: right; overflow-wrap: anywhere; }
dl { margin: 0; }
details { margin-top: 14px; } summary { cursor: pointer; color: var(--soft); font-size: .92rem; }
details .card { margin-top: 10px; }
footer { margin-top: 56px; color: var(--soft); font-size: .85rem; }
"""

SCRIPT = """
"use strict";
const frames = [...document.querySelectorAll(".frame")], slider = document.querySelector("#time");
if (slider) {
  const label = document.querySelector("#when"), button = document.querySelector("#play");
  let timer = 0;
  slider.parentElement.hidden = false;  // without scripts only the last picture is shown
  const show = i => {
    frames.forEach((frame, k) => { frame.hidden = k !== i; });
    slider.value = i;
    label.textContent = frames[i].dataset.label;
  };
  const stop = () => { clearInterval(timer); timer = 0; button.textContent = "Play"; };
  slider.addEventListener("input", () => { stop(); show(Number(slider.value)); });
  button.addEventListener("click", () => {
    if (timer) { stop(); return; }
    let i = Number(slider.value) === frames.length - 1 ? -1 : Number(slider.value);
    button.textContent = "Pause";
    timer = setInterval(() => { show(++i); if (i === frames.length - 1) stop(); }, 180);
  });
}
for (const chart of document.querySelectorAll(".chart")) {
  const lines = Object.entries(JSON.parse(chart.dataset.lines)), [low, high] = JSON.parse(chart.dataset.range);
  const svg = chart.querySelector("svg"), out = chart.querySelector("output"), cursor = chart.querySelector(".cursor");
  const before = out.textContent, box = svg.viewBox.baseVal, left = 56, right = box.width - 12;
  const digits = { maximumSignificantDigits: 4 };
  const short = value => value === null ? "not finite" : Number(value.toPrecision(4)).toLocaleString("en", digits);
  svg.addEventListener("pointermove", event => {
    const at = (event.clientX - svg.getBoundingClientRect().left) / svg.clientWidth * box.width;
    const x = low + (at - left) / (right - left) * (high - low);
    const near = lines.map(([name, points]) =>
      [name, points.reduce((a, b) => Math.abs(b[0] - x) < Math.abs(a[0] - x) ? b : a)]);
    const place = left + (near[0][1][0] - low) / (high - low) * (right - left);
    cursor.setAttribute("x1", place);
    cursor.setAttribute("x2", place);
    cursor.setAttribute("visibility", "visible");
    out.textContent = chart.dataset.x + " " + near[0][1][0].toLocaleString("en") + ": " +
      near.map(([name, point]) => name + " " + short(point[1])).join(", ");
  });
  svg.addEventListener("pointerleave", () => {
    cursor.setAttribute("visibility", "hidden");
    out.textContent = before;
  });
}
"""
