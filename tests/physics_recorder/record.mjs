// Records how prismarine-physics moves a player in Minecraft 1.11.2, for
// tests/golden/test_physics_recordings.py. In this folder, with Node 18 or newer:
//
//     npm ci && node record.mjs
//
// writes ../golden/physics.json, the same bytes for the same script, seed and packages.
// A scene is drawn anew until it shows its kind of motion; DRAWS without success stop the script.
// Raise "version" in package.json with every change of what is recorded.
//
// Recordings keep away from two places where prismarine-physics is not Minecraft:
//
// - It keeps a position and builds the body's box from it anew each tick, where Minecraft keeps
//   the box. At the west and north face of a wall at 0, -2 or -32, and at the east and south face
//   of one at 2 or 32, the rounding of that leaves a body that touches the wall one unit in the
//   last place inside it, and from there it walks through. ORIGINS keep rooms away from those
//   coordinates; a body inside a block stops the script.
// - A step rises under what is over the way the body asked for; prismarine-physics looks over the
//   way that collision left of it (its pull request 140). That matters where someone takes off
//   less than a tick before a ceiling two blocks high begins: up to 1.13 Minecraft cancels such a
//   jump. Scenes in which it happens are drawn anew.

import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { EXERCISED } from "./exercised.mjs";
import { Random } from "./random.mjs";
import { KINDS, placed } from "./scenes.mjs";
import { MINECRAFT, simulate } from "./simulate.mjs";

const SEED = 1;
const COUNTS = { mixed: 12 };
const DEFAULT_COUNT = 4;
const ORIGINS = [
  [66, 1, 66],
  [-126, 64, 66],
  [-120, 4, -125],
  [70, -40, -126],
];
const DRAWS = 50;
const UNIT = 1e-6;
const OUTPUT = new URL("../golden/physics.json", import.meta.url);

/** Positions as whole units moved in each tick: their running sum never drifts. */
function encode(start, events) {
  const units = [start, ...events.map(({ at }) => at)].map((at) =>
    at.map((value) => Math.round(value / UNIT)),
  );
  return units.slice(1).flatMap((at, tick) => at.map((value, axis) => value - units[tick][axis]));
}

/** The first scene drawn that shows its kind of motion. */
function record(kind, index, seed) {
  const name = `${kind}-${index}`;
  const missed = new Set();
  for (let draw = 0; draw < DRAWS; draw++) {
    const random = new Random(seed + draw);
    const scene = placed(KINDS[kind](random), index % 4, random.pick(ORIGINS));
    const events = simulate(scene, name);
    const shown = {
      ...EXERCISED[kind](events),
      "no jump at a ceiling's edge": !events.some((e) => e.metLintel),
    };
    const lacking = Object.keys(shown).filter((what) => !shown[what]);
    if (!lacking.length) return { name, kind, ...scene, moved: encode(scene.start, events) };
    for (const what of lacking) missed.add(what);
  }
  throw new Error(`${name}: no draw of ${DRAWS} shows ${[...missed].join(", ")}`);
}

function packageOf(name) {
  const path = new URL(
    name ? `./node_modules/${name}/package.json` : "./package.json",
    import.meta.url,
  );
  return JSON.parse(readFileSync(path, "utf8"));
}

const recorder = packageOf("");
const recordings = Object.keys(KINDS).flatMap((kind, k) =>
  Array.from({ length: COUNTS[kind] ?? DEFAULT_COUNT }, (_, i) =>
    record(kind, i, SEED * 1e6 + k * 1e4 + i * 100),
  ),
);
const header = {
  recorder: recorder.version,
  seed: SEED,
  minecraft: MINECRAFT,
  packages: Object.fromEntries(
    Object.keys(recorder.dependencies).map((name) => [name, packageOf(name).version]),
  ),
  unit: UNIT,
};
const lines = recordings.map((recording) => JSON.stringify(recording)).join(",\n");
mkdirSync(new URL(".", OUTPUT), { recursive: true });
writeFileSync(OUTPUT, `${JSON.stringify(header).slice(0, -1)},"recordings":[\n${lines}\n]}\n`);
console.log(`${recordings.length} recordings`);
