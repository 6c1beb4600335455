"use strict";
/* What an episode shows: the view at a finer grain and as it was, and the level from above. */

class Screen {
  constructor(root) {
    this.root = root;
    this.wanted = 0;
    this.part = (name) => root.querySelector(`.${name}`);
  }

  /* Loads an episode and its pictures; false if another one was asked for meanwhile. */
  async fetch(key) {
    const own = ++this.wanted;
    this.episode = null;
    const episode = await review.load(key);
    const { fine, seen } = episode.frames;
    const pictures = await Promise.all([fine, seen, episode.plan.file].map(picture));
    if (own !== this.wanted) return false;
    [this.fine, this.seen, this.plan] = pictures;
    this.episode = episode;
    return true;
  }

  /* Shows nothing, whatever is still on its way. */
  clear() {
    this.wanted += 1;
    this.episode = null;
  }

  get length() {
    return this.episode.x.length - 1;
  }

  look(at) {
    this.frame(this.part("fine"), this.fine, this.episode.frames.fine_side, at);
    this.frame(this.part("seen"), this.seen, this.episode.frames.seen_side, at);
    this.above(this.part("plan"), at);
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
      const [x0, z0, x1, z1] = site.box, touched = this.episode.touches?.[site.name];
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
}
