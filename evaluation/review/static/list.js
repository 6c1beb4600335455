"use strict";
/* The list of episodes: filters, sorting, and only those rows in the page that are in view. */

const SHOWN = [
  ["run", "run"], ["episode", "episode"], ["mode", "mode"], ["split", "split"],
  ["level", "level"], ["seed", "seed"], ["class", "attributed to"], ["posterior", "p"],
  ["first", "touched first"], ["steps", "steps"], ["ratio", "cost / fewest"], ["cycle", "cycle"],
];
const CHOICES = ["run", "split", "mode", "class", "first"];
const FLAGS = [
  ["disagrees", "first touch and attribution disagree"],
  ["cycle", "ends in a cycle"],
  ["held", "in this site"],
];
const ROW = 30;

class List {
  /* `root` holds the list, `open` is called with the row of a chosen episode. */
  constructor(root, open) {
    this.root = root;
    this.open = open;
    this.chosen = -1;
    this.filters = {};
    this.sort = ["run", 1];
    this.build();
    this.apply();
  }

  build() {
    const bar = this.root.querySelector(".filters");
    for (const name of CHOICES) {
      const select = element("select");
      select.setAttribute("aria-label", `filter by ${name}`);
      select.append(new Option(`any ${name === "class" ? "attribution" : name}`, ""));
      for (const value of columns.choices(name)) {
        const label = name === "run" ? DATA.runs[value].label : value || "not attributed";
        select.append(new Option(label, `=${value}`));
      }
      select.addEventListener("change", () => this.filter(name, select.value));
      bar.append(select);
      select.dataset.filter = name;
    }
    const seed = element("input");
    seed.type = "search";
    seed.placeholder = "level seed";
    seed.dataset.filter = "seed";
    seed.setAttribute("aria-label", "filter by level seed");
    seed.addEventListener("input", () => this.filter("seed", seed.value && `=${seed.value}`));
    bar.append(seed);
    for (const [name, label] of FLAGS) {
      const button = element("button", "flag", label);
      button.type = "button";
      button.dataset.filter = name;
      button.setAttribute("aria-pressed", "false");
      button.addEventListener("click", () => {
        this.filter(name, this.filters[name] ? "" : "yes");
      });
      bar.append(button);
    }
    const head = this.root.querySelector(".head");
    for (const [name, label] of SHOWN) {
      const cell = element("button", `cell ${name}`, label);
      cell.type = "button";
      cell.addEventListener("click", () => {
        this.sort = [name, this.sort[0] === name ? -this.sort[1] : 1];
        this.apply();
      });
      cell.dataset.column = name;
      head.append(cell);
    }
    this.body = this.root.querySelector(".body");
    this.space = this.root.querySelector(".space");
    this.body.addEventListener("scroll", () => this.draw());
    new ResizeObserver(() => this.draw()).observe(this.body);
  }

  filter(name, value) {
    if (value) this.filters[name] = value;
    else delete this.filters[name];
    this.apply();
    this.changed?.();
  }

  /* Sets all filters at once, as a link has them. */
  restore(filters) {
    this.filters = filters;
    this.apply();
  }

  matches(row) {
    for (const [name, wanted] of Object.entries(this.filters)) {
      if (name === "held") {
        if (!held.has(columns.key(row))) return false;
      } else if (wanted === "yes") {
        if (!columns.value(name, row)) return false;
      } else if (`=${columns.value(name, row)}` !== wanted) return false;
    }
    return true;
  }

  apply() {
    const rows = [];
    for (let row = 0; row < columns.count; row++) if (this.matches(row)) rows.push(row);
    const [name, way] = this.sort, rank = columns.rank(name);
    rows.sort((a, b) => {
      const one = rank[a], other = rank[b];
      if (one === other) return a - b;
      if (one === null || other === null) return one === null ? 1 : -1;
      return one < other ? -way : way;
    });
    this.rows = rows;
    this.space.style.height = `${rows.length * ROW}px`;
    const many = `${rows.length.toLocaleString("en")} of ${columns.count.toLocaleString("en")}`;
    this.root.querySelector(".count").textContent = `${many} episodes`;
    for (const control of this.root.querySelectorAll("[data-filter]")) {
      const value = this.filters[control.dataset.filter] || "";
      if (control.tagName === "BUTTON") control.setAttribute("aria-pressed", String(!!value));
      else if (control.tagName === "SELECT") control.value = value;
      else if (document.activeElement !== control) control.value = value.slice(1);
    }
    for (const cell of this.root.querySelectorAll(".head .cell")) {
      const own = cell.dataset.column === name;
      cell.setAttribute("aria-sort", own ? (way > 0 ? "ascending" : "descending") : "none");
    }
    this.draw();
  }

  draw() {
    const first = Math.max(0, Math.floor(this.body.scrollTop / ROW) - 5);
    const last = Math.min(this.rows.length, first + Math.ceil(this.body.clientHeight / ROW) + 10);
    const lines = [];
    for (let at = first; at < last; at++) lines.push(this.line(this.rows[at], at));
    this.space.replaceChildren(...lines);
  }

  line(row, at) {
    const run = columns.value("run", row);
    const line = element("button", "row");
    line.type = "button";
    line.style.top = `${at * ROW}px`;
    line.dataset.key = columns.key(row);
    if (row === this.chosen) line.setAttribute("aria-current", "true");
    if (!served && !held.has(line.dataset.key)) line.classList.add("missing");
    for (const [name] of SHOWN) line.append(this.cell(name, row, run));
    line.addEventListener("click", () => this.open(row));
    return line;
  }

  cell(name, row, run) {
    const value = columns.value(name, row);
    let text = value === null ? "" : String(value);
    if (name === "run") text = DATA.runs[value].label;
    if (name === "cycle") text = value ? `every ${value}` : "";
    if ((name === "ratio" || name === "posterior") && value !== null) text = value.toFixed(2);
    const cell = element("span", `cell ${name}`);
    if ((name === "class" || name === "first") && text) {
      const dot = element("i", "key");
      dot.style.background = colourOf(text, run);
      cell.append(dot);
    }
    cell.append(text);
    cell.title = text;
    return cell;
  }

  /* Marks an episode, and brings it into view. */
  choose(row) {
    this.chosen = row;
    const at = this.rows.indexOf(row);
    if (at >= 0) {
      const top = at * ROW, view = this.body;
      if (top < view.scrollTop) view.scrollTop = top;
      if (top + ROW > view.scrollTop + view.clientHeight) {
        view.scrollTop = top + ROW - view.clientHeight;
      }
    }
    this.draw();
  }

  /* The row before or after the chosen one in the list; -1 for none. */
  beside(way) {
    const at = this.rows.indexOf(this.chosen) + way;
    return at >= 0 && at < this.rows.length ? this.rows[at] : -1;
  }
}
