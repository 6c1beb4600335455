"use strict";
/* An episode with all that is known of its decisions. */

class Player extends Screen {
  /* `root` holds its pictures; `clock` moves it. */
  constructor(root, clock) {
    super(root);
    this.clock = clock;
    for (const name of ["strip", "line"]) {
      const canvas = this.part(name);
      const seek = (event) => {
        if (!this.episode || !(event.buttons & 1)) return;
        const box = canvas.getBoundingClientRect();
        this.clock.play(false);
        this.clock.go(((event.clientX - box.left) / box.width) * this.length);
      };
      canvas.addEventListener("pointerdown", seek);
      canvas.addEventListener("pointermove", seek);
    }
    new ResizeObserver(() => this.episode && this.draw(this.clock.moment)).observe(root);
  }

  async load(row) {
    this.clear();
    this.row = row;
    this.run = columns.value("run", row);
    const key = columns.key(row), said = this.part("said");
    this.root.classList.remove("ready");
    this.part("name").textContent = this.title(row);
    if (!served && !held.has(key)) {
      const number = columns.value("episode", row);
      said.textContent =
        "This episode is not in this site. To add it: " +
        `${DATA.commands[this.run]} --episodes ${number}; or --serve, which shows any.`;
      return false;
    }
    said.textContent = "loading …";
    try {
      if (!(await this.fetch(key))) return false;
    } catch (error) {
      if (this.row === row) said.textContent = error.message;
      return false;
    }
    said.textContent = "";
    this.legend();
    this.root.classList.add("ready");
    return true;
  }

  title(row) {
    const value = (name) => columns.value(name, row);
    return `${DATA.runs[this.run].label} · ${value("split")} · level ${value("level")}, seed` +
      ` ${value("seed")} · ${value("mode")} · episode ${value("episode")}`;
  }

  legend() {
    const list = this.part("legend");
    const hypotheses = Object.keys(this.episode.posterior);
    const names = hypotheses.length ? hypotheses : this.episode.plan.sites.map((site) => site.name);
    list.replaceChildren(...names.map((name) => {
      const dot = element("i", "key");
      dot.style.background = this.colour(name);
      const item = element("li", "", "", [dot, name, element("b")]);
      item.dataset.name = name;
      return item;
    }));
  }

  colour(name) {
    const known = DATA.colours[name];
    if (known) return known;
    const devices = ["#7b68a6", "#4d8a8a", "#a6761d", "#66666f", "#9a5b5b", "#5b7a9a"];
    const names = Object.keys(this.episode.posterior).filter((each) => !DATA.colours[each]);
    return devices[Math.max(0, names.indexOf(name)) % devices.length];
  }

  draw(clock) {
    if (!this.episode) return;
    const at = Math.min(clock, this.length);
    this.look(at);
    this.strip(this.part("strip"), at);
    this.line(this.part("line"), at);
    this.words(at);
  }

  canvas(canvas) {
    const sharp = devicePixelRatio || 1;
    canvas.width = Math.round(canvas.clientWidth * sharp);
    canvas.height = Math.round(canvas.clientHeight * sharp);
    const context = canvas.getContext("2d");
    return [context, canvas.width, canvas.height, sharp];
  }

  /* Posterior over hypotheses after every decision, stacked; one column for each decision. */
  strip(canvas, at) {
    const [context, width, height, sharp] = this.canvas(canvas);
    const names = Object.keys(this.episode.posterior);
    const step = width / Math.max(this.length, 1);
    for (let moment = 0; moment < this.length; moment++) {
      let top = 0;
      for (const name of names) {
        const chance = this.episode.posterior[name][moment];
        if (!chance) continue;
        context.fillStyle = this.colour(name);
        context.fillRect(moment * step, top * height, step + 0.5, chance * height);
        top += chance;
      }
    }
    this.marks(context, width, height, sharp, at);
  }

  /* Value estimate, and the probability of the action that was taken. */
  line(canvas, at) {
    const [context, width, height, sharp] = this.canvas(canvas);
    const style = getComputedStyle(canvas);
    const values = this.episode.value.slice(1);
    const known = values.filter((value) => value !== null);
    if (known.length) {
      const low = Math.min(0, ...known), high = Math.max(1, ...known);
      context.beginPath();
      values.forEach((value, moment) => {
        if (value === null) return;
        const x = (moment / Math.max(this.length, 1)) * width;
        context.lineTo(x, height - 2 - ((value - low) / (high - low)) * (height - 4));
      });
      context.strokeStyle = style.color;
      context.lineWidth = 1.5 * sharp;
      context.stroke();
    }
    this.marks(context, width, height, sharp, at);
  }

  marks(context, width, height, sharp, at) {
    const place = (moment) => (moment / Math.max(this.length, 1)) * width;
    for (const [name, moment] of Object.entries(this.episode.touches)) {
      context.fillStyle = "#000";
      context.fillRect(place(moment) - 2 * sharp, 0, 4 * sharp, height);
      context.fillStyle = this.colour(name);
      context.fillRect(place(moment) - sharp, 0, 2 * sharp, height);
    }
    context.fillStyle = "#fff";
    context.fillRect(place(at) - 1.5 * sharp, 0, 3 * sharp, height);
    context.fillStyle = "#d00";
    context.fillRect(place(at) - 0.5 * sharp, 0, sharp, height);
  }

  words(at) {
    const { action, chances, value, posterior, touches } = this.episode;
    const actions = DATA.runs[this.run].actions, next = at + 1;
    const before = at ? actions[action[at]].replaceAll("_", " ") : "spawn";
    const touched = Object.entries(touches).filter(([, moment]) => moment === at);
    const news = touched.map(([name]) => `touches ${name}`).join(", ");
    this.part("now").textContent =
      `decision ${at} of ${this.length}: ${before}${news ? `; ${news}` : ""}`;
    const bars = this.part("chances");
    if (next > this.length) {
      bars.replaceChildren(element("li", "", "the episode is over"));
    } else {
      bars.replaceChildren(...actions.map((name, index) => {
        const chance = chances[index]?.[next];
        const bar = element("i", "bar");
        bar.style.width = `${100 * (chance || 0)}%`;
        const text = `${name.replaceAll("_", " ")}${chance == null ? "" : ` ${chance.toFixed(2)}`}`;
        const item = element("li", action[next] === index ? "taken" : "", "", [bar, text]);
        return item;
      }));
    }
    const estimate = next <= this.length ? value[next] : null;
    this.part("value").textContent = estimate == null ? "" : `value ${estimate.toFixed(2)}`;
    for (const item of this.part("legend").children) {
      const chance = at ? posterior[item.dataset.name]?.[at - 1] : undefined;
      item.querySelector("b").textContent = chance == null ? "" : ` ${chance.toFixed(2)}`;
    }
  }
}
