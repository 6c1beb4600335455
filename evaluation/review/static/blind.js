"use strict";
/* A blinded session: one episode after the other, and a key for each label. */

const parts = (selector) => document.querySelector(selector);
const PLACE = `labels ${SESSION.queue}`;
const answers = [...SESSION.candidates.map((each) => each.name), ...SESSION.others];
/* Digits, then letters that no other key of the page has. */
const DIGITS = "123456789abcdefghijklmnopqrtuvwxyz";
const presses = [...SESSION.candidates.map((each, index) => DIGITS[index]), "0", "?"];

/* Labels are kept in this browser as one goes, so that a reload loses none. */
function stored() {
  try {
    const kept = JSON.parse(localStorage.getItem(PLACE));
    if (kept && kept.labels) return kept;
  } catch {
    /* Nothing is kept, or not by this page. */
  }
  return { labels: {}, seconds: {} };
}

const kept = stored();
const screen_ = new Screen(parts(".player"));
const clock = new Clock((moment) => {
  if (!screen_.episode) return;
  screen_.look(Math.min(moment, screen_.length));
  parts("#moment").value = String(moment);
  parts("#now").textContent = `decision ${moment} of ${screen_.length}`;
  parts("#play").textContent = clock.playing ? "pause" : "play";
});
let place = 0, since = 0;

function keep() {
  try {
    localStorage.setItem(PLACE, JSON.stringify(kept));
    parts("#trouble").textContent = "";
  } catch {
    parts("#trouble").textContent = "This browser keeps nothing: save the labels before you leave.";
  }
}

async function show(at) {
  place = Math.max(0, Math.min(SESSION.items.length - 1, at));
  clock.play(false);
  try {
    if (!(await screen_.fetch(SESSION.items[place]))) return;
  } catch (error) {
    parts("#trouble").textContent = error.message;
    return;
  }
  clock.last = screen_.length;
  parts("#moment").max = String(clock.last);
  clock.go(0);
  clock.play(true);
  since = performance.now();
  tell();
}

function tell() {
  const given = Object.keys(kept.labels).length, all = SESSION.items.length;
  parts("#progress").textContent = `${place + 1} of ${all}; ${given} labelled`;
  const own = kept.labels[SESSION.items[place]];
  for (const button of document.querySelectorAll("#answers button")) {
    button.setAttribute("aria-pressed", String(button.dataset.label === own));
  }
  parts("#done").hidden = given < all;
}

function answer(label) {
  if (!screen_.episode) return;
  const token = SESSION.items[place];
  kept.labels[token] = label;
  const spent = (performance.now() - since) / 1000 + (kept.seconds[token] || 0);
  kept.seconds[token] = Math.round(spent * 10) / 10;
  keep();
  tell();
  if (place + 1 < SESSION.items.length) show(place + 1);
}

function save() {
  const { schema, task, task_hash, queue, rater, items } = SESSION;
  const content = { schema, task, task_hash, queue, rater, items: items.length, ...kept };
  const link = element("a");
  link.href = URL.createObjectURL(
    new Blob([JSON.stringify(content, null, 1)], { type: "application/json" }),
  );
  link.download = `labels-${SESSION.rater.replace(/[^\w-]+/g, "-")}.json`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}

answers.forEach((label, index) => {
  const known = SESSION.candidates.find((each) => each.name === label);
  const button = element("button", "answer");
  button.type = "button";
  button.dataset.label = label;
  button.append(element("kbd", "", presses[index]), ` ${label}`);
  if (known) {
    button.style.borderLeft = `6px solid ${known.colour}`;
    button.title = known.description;
  }
  button.addEventListener("click", () => {
    button.blur();
    answer(label);
  });
  parts("#answers").append(button);
});
parts("#rater").textContent = SESSION.rater;
parts("#task").textContent = SESSION.task;
parts("#moment").addEventListener("input", (event) => {
  clock.play(false);
  clock.go(Number(event.target.value));
});
parts("#play").addEventListener("click", () => clock.play(!clock.playing));
parts("#before").addEventListener("click", () => show(place - 1));
parts("#after").addEventListener("click", () => show(place + 1));
for (const button of document.querySelectorAll(".save")) button.addEventListener("click", save);

const KEYS = {
  " ": () => clock.play(!clock.playing),
  ArrowLeft: () => { clock.play(false); clock.go(clock.moment - 1); },
  ArrowRight: () => { clock.play(false); clock.go(clock.moment + 1); },
  Home: () => clock.go(0),
  End: () => clock.go(clock.last),
  ",": () => { clock.rate = Math.max(1, clock.rate / 2); },
  ".": () => { clock.rate = Math.min(20, clock.rate * 2); },
  Backspace: () => show(place - 1),
  Enter: () => show(place + 1),
  s: save,
};

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  // A focused button is pressed by these.
  if (event.target.tagName === "BUTTON" && (event.key === " " || event.key === "Enter")) return;
  const label = presses.indexOf(event.key);
  const press = label >= 0 ? () => answer(answers[label]) : KEYS[event.key];
  if (!press) return;
  event.preventDefault();
  press();
});

const first = SESSION.items.findIndex((token) => !(token in kept.labels));
show(first < 0 ? 0 : first);
