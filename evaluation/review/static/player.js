"use strict";
/* One clock, and the pictures of episodes that follow it. */

/* Scripts of episodes call this; a page from disk may load nothing else. */
const review = {
  waiting: new Map(),
  known: new Map(),

  loaded(episode) {
    this.known.set(episode.key, episode);
    this.waiting.get(episode.key)?.resolve(episode);
    this.waiting.delete(episode.key);
  },

  load(key) {
    if (this.known.has(key)) return Promise.resolve(this.known.get(key));
    if (this.waiting.has(key)) return this.waiting.get(key).promise;
    const job = {};
    job.promise = new Promise((resolve, reject) => Object.assign(job, { resolve, reject }));
    this.waiting.set(key, job);
    const script = element("script");
    script.src = `episodes/${key}.js`;
    script.addEventListener("error", () => {
      this.waiting.delete(key);
      job.reject(new Error(key));
    });
    document.head.append(script);
    return job.promise;
  },
};

function picture(source) {
  return new Promise((resolve, reject) => {
    const image = new Image();
    image.addEventListener("load", () => resolve(image));
    image.addEventListener("error", () => reject(new Error(source)));
    image.src = source;
  });
}

class Clock {
  /* `moved` is called with every moment. */
  constructor(moved) {
    this.moved = moved;
    this.moment = 0;
    this.last = 0;
    this.rate = 10;
    this.playing = false;
  }

  go(moment) {
    this.moment = Math.max(0, Math.min(this.last, Math.round(moment)));
    this.moved(this.moment);
  }

  play(playing) {
    if (playing && this.moment >= this.last) this.moment = 0;
    this.playing = playing && this.last > 0;
    this.due = performance.now();
    if (this.playing) requestAnimationFrame((now) => this.tick(now));
    this.moved(this.moment);
  }

  tick(now) {
    if (!this.playing) return;
    const step = 1000 / this.rate;
    let moment = this.moment;
    while (this.due + step <= now && moment < this.last) {
      this.due += step;
      moment += 1;
    }
    if (moment !== this.moment) this.go(moment);
    if (this.moment >= this.last) this.play(false);
    else requestAnimationFrame((next) => this.tick(next));
  }
}

class Player {
  /* `root` holds its pictures; `clock` moves it. */
  constructor(root, clock) {
    this.root = root;
    this.clock = clock;
    this.part = (name) => root.querySelector(`.${name}`);
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
    this.row = row;
    this.episode = null;
    this.run = columns.value("run", row);
    const key = columns.key(row), said = this.part("said");
    this.root.classList.remove("ready");
    this.part("name").textContent = this.title(row);
    if (!DATA.served && !held.has(key)) {
      const number = columns.value("episode", row);
      said.textContent =
        "This episode is not in this site. To add it: " +
        `${DATA.command} --episodes ${number}; or --serve, which shows any.`;
      return false;
    }
    said.textContent = "loading …";
    try {
      const episode = await review.load(key);
      const { fine, seen } = episode.frames;
      [this.fine, this.seen, this.plan] = await Promise.all(
        [fine, seen, episode.plan.file].map(picture),
      );
      if (this.row !== row) return false;
      this.episode = episode;
    } catch (error) {
      said.textContent = `${error.message} could not be loaded.`;
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

  get length() {
    return this.episode.x.length - 1;
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
    this.frame(this.part("fine"), this.fine, this.episode.frames.fine_side, at);
    this.frame(this.part("seen"), this.seen, this.episode.frames.seen_side, at);
    this.above(this.part("plan"), at);
    this.strip(this.part("strip"), at);
    this.line(this.part("line"), at);
    this.words(at);
  }

  frame(canvas, sheet, side, at) {
    const columns = this.episode.frames.columns;
    canvas.width = canvas.height = side;
    const context = canvas.getContext("2d");
    const [x, y] = [(at % columns) * side, Math.floor(at / columns) * side];
    context.drawImage(sheet, x, y, side, side, 0, 0, side, side);
  }

  above(canvas, at) {
    const { edges, sites, sun } = this.episode.plan;
    const [west, east, north, south] = edges, sharp = devicePixelRatio || 1;
    const width = canvas.clientWidth || 260;
    const scale = (width * sharp) / Math.max(east - west, south - north);
    canvas.width = Math.round((east - west) * scale);
    canvas.height = Math.round((south - north) * scale);
    const context = canvas.getContext("2d");
    context.imageSmoothingEnabled = false;
    context.drawImage(this.plan, 0, 0, canvas.width, canvas.height);
    const px = (x) => (x - west) * scale, pz = (z) => (z - north) * scale;
    if (sun !== "overhead") {
      context.fillStyle = "#ffd650";
      context.beginPath();
      context.arc(sun === "east" ? canvas.width : 0, canvas.height / 2, scale * 1.5, 0, 7);
      context.fill();
    }
    for (const site of sites) {
      const [x0, z0, x1, z1] = site.box, touched = this.episode.touches[site.name];
      context.lineWidth = 4 * sharp;
      context.strokeStyle = "#000";
      context.strokeRect(px(x0), pz(z0), (x1 - x0) * scale, (z1 - z0) * scale);
      context.lineWidth = 2 * sharp;
      context.strokeStyle = site.colour;
      context.strokeRect(px(x0), pz(z0), (x1 - x0) * scale, (z1 - z0) * scale);
      if (touched !== undefined && touched <= at) {
        context.globalAlpha = 0.6;
        context.fillStyle = site.colour;
        context.fillRect(px(x0), pz(z0), (x1 - x0) * scale, (z1 - z0) * scale);
        context.globalAlpha = 1;
      }
    }
    const { x, z, yaw } = this.episode;
    context.lineJoin = "round";
    for (const [colour, wide] of [["#000", 4], ["#fff", 2]]) {
      context.beginPath();
      for (let each = 0; each <= at; each++) context.lineTo(px(x[each]), pz(z[each]));
      context.strokeStyle = colour;
      context.lineWidth = wide * sharp;
      context.stroke();
    }
    context.save();
    context.translate(px(x[at]), pz(z[at]));
    context.rotate((yaw[at] * Math.PI) / 180);
    context.beginPath();
    for (const [right, ahead] of [[0, 0.9], [0.55, -0.6], [0, -0.3], [-0.55, -0.6]]) {
      context.lineTo(right * scale, ahead * scale);
    }
    context.closePath();
    context.fillStyle = "#fff";
    context.fill();
    context.lineWidth = sharp;
    context.strokeStyle = "#000";
    context.stroke();
    context.restore();
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
