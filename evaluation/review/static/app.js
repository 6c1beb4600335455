"use strict";
/* Joins the list, the clock and the players; keys, and the address of a moment. */

const parts = (selector) => document.querySelector(selector);
const [left, right] = document.querySelectorAll(".player");
const slider = parts("#moment");

const clock = new Clock((moment) => {
  for (const player of players) player.draw(moment);
  slider.value = String(moment);
  parts("#play").textContent = clock.playing ? "pause" : "play";
  note();
});
const players = [new Player(left, clock), new Player(right, clock)];
const list = new List(parts("#list"), (row) => show(row));
list.changed = () => note();

let beside = -1, comparisons = 0;

let shows = 0;

async function show(row, moment = 0) {
  const own = ++shows;
  clock.play(false);
  list.choose(row);
  compare(-1);
  const run = DATA.runs[columns.value("run", row)];
  parts("#verdict summary").textContent = `${run.label}: ${run.verdict}`;
  const reasons = run.reasons.map((reason) => element("li", "", reason));
  parts("#verdict ul").replaceChildren(...reasons);
  const number = columns.value("run", row), report = DATA.reports[number];
  parts("#report").hidden = !report;
  if (report) parts("#report").href = served ? `reports/${number}.html` : report;
  choices(row);
  await players[0].load(row);
  if (own === shows) fit(moment);
}

/* Puts another episode beside the first, in step with it; -1 for none. */
async function compare(row, moment = clock.moment) {
  const own = ++comparisons;
  beside = row;
  right.hidden = row < 0;
  document.body.classList.toggle("two", row >= 0);
  if (row >= 0) {
    await players[1].load(row);
    if (own === comparisons) fit(moment);
  } else {
    players[1].clear();
    if (players[0].episode) fit(moment);
  }
}

function fit(moment) {
  const lengths = players.filter((player) => player.episode).map((player) => player.length);
  clock.last = Math.max(0, ...lengths);
  slider.max = String(clock.last);
  clock.go(moment);
}

/* What an episode can be compared with: its twin, and the same level in other runs. */
function choices(row) {
  const select = parts("#with");
  select.replaceChildren(new Option("beside it: nothing", "-1"));
  const twin = columns.value("twin", row), run = columns.value("run", row);
  if (twin >= 0) {
    const key = `${run}-${String(twin).padStart(5, "0")}`;
    select.append(new Option("the twin of its level", String(columns.row(key))));
  }
  for (const other of columns.runsOf(row)) {
    const found = columns.counterpart(row, other);
    if (found >= 0) select.append(new Option(DATA.runs[other].label, String(found)));
  }
}

let writing = 0;

/* Writes the moment into the address, which can be sent to somebody. */
function note() {
  clearTimeout(writing);
  writing = setTimeout(() => {
    const words = new URLSearchParams();
    if (list.chosen >= 0) {
      words.set("episode", columns.key(list.chosen));
      words.set("decision", String(clock.moment));
      if (beside >= 0) words.set("with", columns.key(beside));
    }
    for (const [name, value] of Object.entries(list.filters)) words.set(`where.${name}`, value);
    history.replaceState(null, "", `#${words}`);
  }, 150);
}

async function restore() {
  const words = new URLSearchParams(location.hash.slice(1));
  const filters = {};
  for (const [name, value] of words) {
    const own = name.startsWith("where.") && name.slice(6);
    if (own && (own === "held" || columns.names.includes(own))) filters[own] = value;
  }
  list.restore(filters);
  let row = columns.row(words.get("episode") || "");
  if (row < 0) row = list.rows.find((each) => held.has(columns.key(each))) ?? list.rows[0] ?? -1;
  if (row < 0) return;
  const moment = Number(words.get("decision")) || 0;
  await show(row, moment);
  const other = columns.row(words.get("with") || "");
  if (other >= 0) {
    parts("#with").value = String(other);
    await compare(other, moment);
  }
}

const rates = [1, 2, 5, 10, 20];
const speed = parts("#rate");
for (const rate of rates) speed.append(new Option(`${rate} decisions a second`, String(rate)));

function pace(rate) {
  clock.rate = rate;
  speed.value = String(rate);
}

pace(10);
slider.addEventListener("input", () => {
  clock.play(false);
  clock.go(Number(slider.value));
});
speed.addEventListener("change", () => pace(Number(speed.value)));
parts("#with").addEventListener("change", (event) => compare(Number(event.target.value)));
parts("#play").addEventListener("click", () => clock.play(!clock.playing));
parts("#back").addEventListener("click", () => step(-1));
parts("#on").addEventListener("click", () => step(1));
parts("#link").addEventListener("click", async () => {
  try {
    await navigator.clipboard.writeText(location.href);
    parts("#link").textContent = "copied";
  } catch {
    parts("#link").textContent = "it is in the address bar";
  }
  setTimeout(() => { parts("#link").textContent = "copy link"; }, 1500);
});

function step(count) {
  clock.play(false);
  clock.go(clock.moment + count);
}

function move(way) {
  const row = list.beside(way);
  if (row >= 0) show(row);
}

const KEYS = {
  " ": () => clock.play(!clock.playing),
  ArrowLeft: (event) => step(event.shiftKey ? -10 : -1),
  ArrowRight: (event) => step(event.shiftKey ? 10 : 1),
  Home: () => step(-clock.last),
  End: () => step(clock.last),
  ",": () => pace(rates[Math.max(0, rates.indexOf(clock.rate) - 1)]),
  ".": () => pace(rates[Math.min(rates.length - 1, rates.indexOf(clock.rate) + 1)]),
  j: () => move(1),
  k: () => move(-1),
  t: () => {
    const select = parts("#with");
    select.selectedIndex = (select.selectedIndex + 1) % select.options.length;
    compare(Number(select.value));
  },
  d: () => list.filter("disagrees", list.filters.disagrees ? "" : "yes"),
  "/": () => parts(".filters select").focus(),
  "?": () => parts("#keys").toggleAttribute("open"),
};

document.addEventListener("keydown", (event) => {
  const kind = event.target.tagName;
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (/^(INPUT|SELECT|TEXTAREA)$/.test(kind) && event.target !== slider) {
    if (event.key === "Escape") event.target.blur();
    return;
  }
  // A focused button is pressed by these.
  if (kind === "BUTTON" && (event.key === " " || event.key === "Enter")) return;
  const press = KEYS[event.key];
  if (!press) return;
  event.preventDefault();
  press(event);
});
addEventListener("hashchange", restore);
restore();
