"use strict";
const data = JSON.parse(document.getElementById("figures").textContent);
const byCode = new Map(data.measures.map((measure) => [measure.code, measure]));
const rank = new Map(data.codes.map((code, place) => [code, place]));
const map = document.getElementById("map"), said = document.getElementById("value");
const areas = new Map(Array.from(map.querySelectorAll(".place"), (area) => [area.dataset.code, area]));
const all = document.getElementById("all"), body = all.tBodies[0];
const rows = new Map(Array.from(body.rows, (row) => [row.dataset.code, row]));
const choosers = Array.from(document.querySelectorAll(".choosers select"));
const scores = data.measures.filter((measure) => measure.unit === "0-100");
let current = byCode.get(data.first);

document.querySelectorAll(".script").forEach((part) => { part.hidden = false; });

function element(name, text, attributes) {
  const made = document.createElement(name);
  made.textContent = text;
  Object.entries(attributes || {}).forEach(([key, value]) => made.setAttribute(key, value));
  return made;
}

function titleOf(measure) {
  return measure.unit && measure.unit !== "0-100" ? `${measure.label} (${measure.unit})` : measure.label;
}

function sentence(code) {
  const place = rank.get(code);
  return `${data.names[place]}: ${current.written[place]}`;
}

/* the map: one stop of the Tab key; arrows go to the nearest place in their direction */
function paint() {
  areas.forEach((area, code) => {
    area.setAttribute("class", `place k${current.classes[rank.get(code)]}`);
    area.setAttribute("aria-label", sentence(code));
    area.querySelector("title").textContent = sentence(code);
  });
  const legend = document.getElementById("legend"), fixed = legend.querySelectorAll(".fixed");
  legend.replaceChildren(...current.bounds.map((bound, number) => {
    const item = element("li", bound);
    item.prepend(element("span", "", { class: `swatch k${number}` }));
    return item;
  }), ...fixed);
  document.getElementById("about").textContent = current.about;
  map.setAttribute("aria-label", map.dataset.alt.replace("#", current.label));
}

function stopAt(code) {
  areas.forEach((area) => area.setAttribute("tabindex", "-1"));
  areas.get(code).setAttribute("tabindex", "0");
}

function nearest(code, dx, dy) {
  const from = data.middles[rank.get(code)];
  let best = null, least = Infinity;
  data.middles.forEach((to, place) => {
    if (!to || data.codes[place] === code || !areas.has(data.codes[place])) return;
    const along = (to[0] - from[0]) * dx + (to[1] - from[1]) * dy;
    const aside = Math.abs((to[0] - from[0]) * dy) + Math.abs((to[1] - from[1]) * dx);
    if (along > 0 && along + 2 * aside < least) { least = along + 2 * aside; best = data.codes[place]; }
  });
  return best;
}

const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
areas.forEach((area, code) => {
  area.setAttribute("role", "button");
  area.addEventListener("mouseenter", () => { said.textContent = sentence(code); });
  area.addEventListener("focus", () => { said.textContent = sentence(code); stopAt(code); });
  area.addEventListener("click", () => add(code));
  area.addEventListener("keydown", (event) => {
    if (event.key === "Enter" || event.key === " ") { event.preventDefault(); add(code); }
    if (!(event.key in ARROWS)) return;
    event.preventDefault();
    const next = nearest(code, ...ARROWS[event.key]);
    if (next) areas.get(next).focus();
  });
});

/* side by side */
function add(code) {
  if (choosers.some((chooser) => chooser.value === code)) return;
  const free = choosers.find((chooser) => chooser.value === "") || choosers[choosers.length - 1];
  free.value = code;
  compare();
}

function cell(measure, place) {
  const made = element("td", measure.written[place]);
  if (measure.unit !== "0-100" || measure.value[place] === null) return made;
  const low = measure.low.length ? measure.low[place] : null, high = measure.high.length ? measure.high[place] : null;
  const margin = low === null || high === null ? "" :
    `<line x1="${low}" x2="${high}" y1="6" y2="6" stroke="#5a6570" stroke-width="3"/>`;
  made.insertAdjacentHTML("beforeend", `<br><svg class="cell" viewBox="-5 0 110 12" width="110" height="12" aria-hidden="true">` +
    `<line x1="0" x2="100" y1="6" y2="6" stroke="#e4e8ec" stroke-width="8"/>${margin}` +
    `<circle cx="${measure.value[place]}" cy="6" r="4.5" fill="#12436d"/></svg>`);
  return made;
}

function compare() {
  const table = document.getElementById("side-by-side");
  const places = choosers.filter((chooser) => chooser.value).map((chooser) => rank.get(chooser.value));
  const head = document.createElement("tr");
  head.append(element("td", ""), ...places.map((place) => element("th", data.names[place], { scope: "col" })));
  table.tHead.replaceChildren(head);
  const shown = scores.length ? scores.concat(current.unit === "0-100" ? [] : [current]) : data.measures;
  table.tBodies[0].replaceChildren(...shown.map((measure) => {
    const row = document.createElement("tr");
    row.append(element("th", titleOf(measure), { scope: "row" }), ...places.map((place) => cell(measure, place)));
    return row;
  }));
}
choosers.forEach((chooser) => chooser.addEventListener("change", compare));

/* the table: sorted by a click on a heading, narrowed by typing */
const headings = Array.from(all.tHead.rows[0].cells);
headings.forEach((heading) => {
  const button = element("button", heading.textContent, { type: "button" });
  heading.replaceChildren(button);
  button.addEventListener("click", () => sort(heading));
});

function sort(heading) {
  const down = heading.getAttribute("aria-sort") === "ascending" ? -1 : 1;
  headings.forEach((other) => other.removeAttribute("aria-sort"));
  heading.setAttribute("aria-sort", down > 0 ? "ascending" : "descending");
  const measure = byCode.get(heading.dataset.code);
  const key = (place) => (measure ? measure.value[place] : place);
  const order = data.codes.map((_, place) => place).sort((one, other) => {
    if (key(one) === null || key(other) === null) return (key(one) === null) - (key(other) === null);
    return down * (key(one) - key(other));
  });
  body.append(...order.map((place) => rows.get(data.codes[place])));
}

function fill() {
  const heading = document.getElementById("current");
  if (!heading || current.unit === "0-100") return;
  heading.dataset.code = current.code;
  heading.removeAttribute("aria-sort");
  heading.firstChild.textContent = titleOf(current);
  rows.forEach((row, code) => { row.cells[1].textContent = current.written[rank.get(code)]; });
}

function plain(text) { return text.toLowerCase().normalize("NFD").replace(/[\u0300-\u036f]/g, ""); }
const field = document.getElementById("name"), found = document.getElementById("found");
field.addEventListener("input", () => {
  const wanted = plain(field.value.trim());
  let count = 0;
  rows.forEach((row, code) => {
    const fits = plain(row.cells[0].textContent).includes(wanted);
    row.hidden = !fits;
    count += fits ? 1 : 0;
    if (areas.has(code)) areas.get(code).classList.toggle("found", fits && wanted !== "");
  });
  found.textContent = found.dataset.words.replace("#", count);
});

document.getElementById("save").addEventListener("click", () => {
  const quoted = (text) => `"${text.trim().replace(/\s+/g, " ").replace(/"/g, '""')}"`;
  const lines = Array.from(all.rows).filter((row) => !row.hidden)
    .map((row) => Array.from(row.cells, (part) => quoted(part.textContent)).join(";"));
  const link = element("a", "", { download: "table.csv" });
  link.href = URL.createObjectURL(new Blob(["\ufeff" + lines.join("\r\n") + "\r\n"], { type: "text/csv;charset=utf-8" }));
  link.click();
  URL.revokeObjectURL(link.href);
});

document.getElementById("measure").addEventListener("change", (event) => {
  current = byCode.get(event.target.value);
  paint();
  fill();
  compare();
});

paint();
stopAt(data.codes.find((code) => areas.has(code)));
compare();
