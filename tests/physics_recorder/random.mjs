// A small deterministic generator (mulberry32), so that a seed gives the same recordings anywhere.

export class Random {
  constructor(seed) {
    this.state = seed >>> 0;
  }

  /** In [0, 1). */
  next() {
    this.state = (this.state + 0x6d2b79f5) >>> 0;
    let t = this.state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  }

  /** In [low, high), to three decimals: JSON carries it exactly. */
  real(low, high) {
    return Math.round((low + (high - low) * this.next()) * 1000) / 1000;
  }

  /** Whole number, both ends included. */
  whole(low, high) {
    return low + Math.floor(this.next() * (high - low + 1));
  }

  chance(probability) {
    return this.next() < probability;
  }

  pick(list) {
    return list[this.whole(0, list.length - 1)];
  }

  sign() {
    return this.chance(0.5) ? 1 : -1;
  }
}
