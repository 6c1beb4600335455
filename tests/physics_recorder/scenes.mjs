// Rooms and key scripts, one kind of motion each.
//
// A scene is {boxes, start, script} in its own coordinates, with the floor's top at y = 0:
//   boxes   [x0, y0, z0, x1, y1, z1] cells of solid blocks, upper ends excluded
//   start   feet [x, y, z]
//   script  [ticks, keys, yaw, turn]: keys held ("forward jump"), yaw of the first tick in
//           degrees (0 looks along +z, 90 along -x), degrees turned before each further tick

const TICKS = 200;

/** A walled floor of `width` x `depth` cells from (0, 0). */
function hall(width, depth, wall = 4) {
  return [
    [-1, -1, -1, width + 1, 0, depth + 1],
    [-1, 0, -1, width + 1, wall, 0],
    [-1, 0, depth, width + 1, wall, depth + 1],
    [-1, 0, 0, 0, wall, depth],
    [width, 0, 0, width + 1, wall, depth],
  ];
}

const pillar = (x, z, height, y = 0) => [x, y, z, x + 1, y + height, z + 1];

/** Segments from `make()` until the time is up; the last is cut. */
function script(make) {
  const segments = [];
  for (let left = TICKS; left > 0; ) {
    const [ticks, ...rest] = make(segments.length);
    segments.push([Math.min(ticks, left), ...rest]);
    left -= ticks;
  }
  return segments;
}

/** Straight on, coasting to a halt, and on in another direction. */
function walking(random) {
  const yaw = random.real(-180, 180);
  const turned = random.real(100, 140);
  return {
    boxes: hall(50, 50),
    start: [random.real(24, 26), 0, random.real(24, 26)],
    script: script((i) =>
      i % 2
        ? [random.whole(6, 14), "", yaw, 0]
        : [random.whole(30, 50), "forward", yaw + turned * i, 0],
    ),
  };
}

function turning(random) {
  let yaw = random.real(-180, 180);
  return {
    boxes: hall(50, 50),
    start: [25, 0, 25],
    script: script((i) => {
      const ticks = random.whole(10, 30);
      const turn = i % 2 ? random.real(-5, -2) : random.real(6, 15);
      const segment = [ticks, "forward", yaw, turn];
      yaw += turn * ticks;
      return segment;
    }),
  };
}

function strafing(random) {
  const keys = [
    "left",
    "right",
    "forward left",
    "forward right",
    "back right",
    "back left",
    "left right",
  ];
  let yaw = random.real(-180, 180);
  return {
    boxes: hall(50, 50),
    start: [25, 0, 25],
    script: script((i) => {
      yaw += random.real(-40, 40);
      return [random.whole(18, 26), keys[i % keys.length], yaw, i % 3 ? 0 : random.real(-4, 4)];
    }),
  };
}

function backing(random) {
  let yaw = random.real(-180, 180);
  return {
    boxes: hall(50, 50),
    start: [25, 0, 25],
    script: script((i) => {
      yaw += random.real(30, 120);
      const keys = i % 3 === 2 ? "back jump" : "back";
      return [random.whole(20, 40), keys, yaw, i % 2 ? random.real(-5, 5) : 0];
    }),
  };
}

/** A stair of blocks within walls; the body jumps up it, weaving. */
function climbing(random) {
  const steps = 9;
  const boxes = hall(5, 40, 14);
  for (let i = 0, z = 4; i < steps; i++, z += random.whole(1, 3)) {
    boxes.push([0, i, z, 5, i + 1, 40]);
  }
  return {
    boxes,
    start: [random.real(1, 4), 0, random.real(0.5, 2)],
    script: script(() => [
      random.whole(8, 20),
      "forward jump",
      random.real(-35, 35),
      random.real(-2, 2),
    ]),
  };
}

/** Running jumps along a corridor with pits, one block deep, held or tapped. */
function jumping(random) {
  const boxes = hall(5, 50).slice(1);
  boxes.push([-1, -2, -1, 6, -1, 51]);
  let z = -1;
  while (z < 51) {
    const end = Math.min(z + random.whole(3, 6), 51);
    boxes.push([-1, -1, z, 6, 0, end]);
    z = end + random.whole(1, 3);
  }
  boxes.push([-1, -1, 50, 6, 0, 51], [-1, -1, -1, 0, 0, 51], [5, -1, -1, 6, 0, 51]);
  return {
    boxes,
    start: [2.5, 0, 1.5],
    script: script((i) => [
      random.whole(6, 24),
      i % 3 === 1 ? "forward" : "forward jump",
      random.real(-12, 12),
      random.real(-0.5, 0.5),
    ]),
  };
}

/** Pressed obliquely against one wall after the other. */
function sliding(random) {
  const along = random.sign();
  return {
    boxes: hall(12, 12),
    start: [random.real(0.4, 1.5), 0, along > 0 ? 2.5 : 9.5],
    script: script((i) => {
      const wall = 90 - 90 * along * i;
      const slant = random.real(35, 70);
      return [random.whole(60, 75), i === 1 ? "forward jump" : "forward", wall - along * slant, 0];
    }),
  };
}

/** Pillars and pairs of pillars that touch at an edge; the first leg ends in such a crevice. */
function corners(random) {
  const boxes = hall(16, 16);
  for (let x = 1; x < 15; x += 3) {
    for (let z = 1; z < 15; z += 3) {
      if (x === 7 && z === 7) continue;
      boxes.push(pillar(x, z, 2));
      if (random.chance(0.5)) boxes.push(pillar(x + 1, z + random.sign(), 2));
    }
  }
  boxes.push(pillar(9, 8, 3), pillar(8, 9, 3));
  return {
    boxes,
    start: [7.5, 0, 7.5],
    script: script((i) =>
      i === 0
        ? [25, "forward", random.real(-55, -35), 0]
        : [
            random.whole(15, 30),
            random.chance(0.2) ? "forward left" : "forward",
            random.real(-180, 180),
            0,
          ],
    ),
  };
}

/** Terraces going down, each behind a trench whose far side is pressed against in the fall. */
function ledges(random) {
  const boxes = hall(6, 40, 24);
  let height = 20;
  for (let z = 0; z < 40 && height > 0; ) {
    const run = random.whole(2, 4);
    boxes.push([0, 0, z, 6, height, z + run]);
    z += run;
    const trench = Math.max(height - random.whole(3, 5), 0);
    const width = random.whole(1, 2);
    if (trench > 0) boxes.push([0, 0, z, 6, trench, z + width]);
    z += width;
    height = trench + (trench > 0 ? 1 : 0);
  }
  return {
    boxes,
    start: [random.real(2, 4), 20, random.real(0.5, 1.5)],
    script: script((i) => [
      random.whole(12, 30),
      i % 4 === 3 ? "forward jump" : "forward",
      random.real(-25, 25),
      random.real(-1, 1),
    ]),
  };
}

/** Jumps under ceilings two and three blocks high with holes, and blocks at head height. */
function ceilings(random) {
  const boxes = hall(16, 16);
  for (let x = 0; x < 16; x += 2) {
    for (let z = 0; z < 16; z += 2) {
      const middle = x === 8 && z === 8;
      const room = middle ? 2 : random.pick([2, 2, 2, 3, 3, 4]);
      if (room < 4) boxes.push([x, room, z, x + 2, room + 1, z + 2]);
      if (!middle && random.chance(0.12)) boxes.push(pillar(x, z, 1, 1));
    }
  }
  let yaw = random.real(-180, 180);
  return {
    boxes,
    start: [8.5, 0, 8.5],
    script: script(() => {
      yaw += random.real(-70, 70);
      return [
        random.whole(8, 20),
        random.chance(0.85) ? "forward jump" : "forward",
        yaw,
        random.real(-3, 3),
      ];
    }),
  };
}

/** Everything at once: random keys among steps, pillars, low beams and diagonal gaps. */
function mixed(random) {
  const size = 14;
  const boxes = hall(size, size, 6);
  for (let x = 0; x < size; x++) {
    for (let z = 0; z < size; z++) {
      if (x >= 6 && x <= 7 && z >= 6 && z <= 7) continue;
      const draw = random.next();
      if (draw < 0.17) boxes.push(pillar(x, z, 1));
      else if (draw < 0.2) boxes.push(pillar(x, z, 2));
      else if (draw < 0.22) boxes.push(pillar(x, z, 3));
      else if (draw < 0.26) boxes.push(pillar(x, z, 1, 2));
      else if (draw < 0.28) boxes.push(pillar(x, z, 1, 1));
      else if (draw < 0.3 && x + 1 < 6 && z > 0)
        boxes.push(pillar(x, z, 2), pillar(x + 1, z - 1, 2));
    }
  }
  let yaw = random.real(-180, 180);
  return {
    boxes,
    start: [random.real(6.4, 7.6), random.pick([0, 0, 1.5]), random.real(6.4, 7.6)],
    script: script(() => {
      const keys = [];
      if (random.chance(0.8)) keys.push("forward");
      else if (random.chance(0.5)) keys.push("back");
      if (random.chance(0.15)) keys.push("left");
      if (random.chance(0.15)) keys.push("right");
      if (random.chance(0.5)) keys.push("jump");
      const ticks = random.whole(4, 20);
      const turn = random.chance(0.5) ? random.real(-6, 6) : 0;
      const segment = [ticks, keys.join(" "), yaw, turn];
      yaw += turn * ticks + random.real(-60, 60);
      return segment;
    }),
  };
}

export const KINDS = {
  walking,
  turning,
  strafing,
  backing,
  climbing,
  jumping,
  sliding,
  corners,
  ledges,
  ceilings,
  mixed,
};

/** A scene turned by quarter turns about (0, 0), seen from above clockwise, and moved. */
export function placed({ boxes, start, script }, quarters, [ox, oy, oz]) {
  for (let i = 0; i < quarters; i++) {
    boxes = boxes.map(([x0, y0, z0, x1, y1, z1]) => [-z1, y0, x0, -z0, y1, x1]);
    start = [-start[2], start[1], start[0]];
  }
  const corner = [0, 2].map((axis) => Math.min(...boxes.map((box) => box[axis])));
  const [dx, dz] = [ox - corner[0], oz - corner[1]];
  const thousandths = (value) => Math.round(value * 1000) / 1000;
  return {
    boxes: boxes.map(([x0, y0, z0, x1, y1, z1]) => [
      x0 + dx,
      y0 + oy,
      z0 + dz,
      x1 + dx,
      y1 + oy,
      z1 + dz,
    ]),
    start: [start[0] + dx, start[1] + oy, start[2] + dz].map(thousandths),
    script: script.map(([ticks, keys, yaw, turn]) => [
      ticks,
      keys,
      thousandths(yaw + 90 * quarters),
      turn,
    ]),
  };
}
