"use strict";
/* Columns of DATA: words are stored as numbers of a list. */

const columns = {
  names: Object.keys(DATA.columns),
  count: DATA.columns.run.length,

  /* The value of a column in a row: a number, a word, or null. */
  value(name, row) {
    const column = DATA.columns[name];
    return column.words ? column.words[column.codes[row]] : column[row];
  },

  /* What orders rows by a column: numbers as they are, words by their place in the alphabet. */
  rank(name) {
    const column = DATA.columns[name];
    return column.words ? column.codes : column;
  },

  /* All values that a column has, for a choice. */
  choices(name) {
    if (name === "run") return DATA.runs.map((run, number) => number);
    return DATA.columns[name].words;
  },

  key(row) {
    return `${this.value("run", row)}-${String(this.value("episode", row)).padStart(5, "0")}`;
  },

  /* The row of an episode's key; -1 for none. */
  row(key) {
    if (!this.rows) {
      this.rows = new Map();
      for (let row = 0; row < this.count; row++) this.rows.set(this.key(row), row);
    }
    return this.rows.has(key) ? this.rows.get(key) : -1;
  },

  /* The row of the same level and mode in another run; -1 for none. */
  counterpart(row, run) {
    if (!this.levels) {
      this.levels = new Map();
      for (let each = 0; each < this.count; each++) this.levels.set(this.place(each), each);
    }
    const found = this.levels.get(this.place(row, run));
    return found === undefined ? -1 : found;
  },

  place(row, run = this.value("run", row)) {
    const task = DATA.runs[run].task;
    const level = ["split", "seed", "mode"].map((name) => this.value(name, row)).join("|");
    return `${run}|${task}|${level}`;
  },

  runsOf(row) {
    const own = this.value("run", row), task = DATA.runs[own].task;
    return DATA.runs.map((run, number) => number)
      .filter((number) => number !== own && DATA.runs[number].task === task);
  },
};

const held = new Set(DATA.held);

/* Whether a server makes the episodes that the site does not hold. */
const served = location.protocol.startsWith("http");

function colourOf(name, run) {
  const bare = name.replace(/^proxy:/, "");
  if (name === "intended") return DATA.colours[DATA.runs[run].candidates[0]] || "#888";
  return DATA.colours[bare] || "#8a8a8a";
}
