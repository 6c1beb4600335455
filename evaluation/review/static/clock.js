"use strict";
/* Episodes, which come as scripts, and the one clock that all pictures follow. */

/* Scripts of episodes call this; a page from disk may load nothing else. */
const review = {
  waiting: new Map(),
  known: new Map(),

  loaded(episode) {
    this.known.set(episode.key, episode);
    this.waiting.get(episode.key)?.resolve(episode);
    this.waiting.delete(episode.key);
  },

  /* A server calls this for an episode that it cannot make. */
  failed(key, reason) {
    this.waiting.get(key)?.reject(new Error(reason));
    this.waiting.delete(key);
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
      job.reject(new Error(`${key} could not be loaded.`));
    });
    document.head.append(script);
    return job.promise;
  },
};

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
