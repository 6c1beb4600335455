// One player of prismarine-physics in a world of full blocks.

import minecraftData from "minecraft-data";
import prismarine from "prismarine-physics";
import vec3 from "vec3";

export const MINECRAFT = "1.11.2";
const { Vec3 } = vec3;
const data = minecraftData(MINECRAFT);
const SOLID = data.blocksByName.stone;
const AIR = data.blocksByName.air;
const { blocks: shapeIds, shapes } = data.blockCollisionShapes;

/** What prismarine-physics asks of a world: the block at a position that may lie inside a cell. */
class World {
  constructor(boxes) {
    this.cells = new Map();
    for (const [x0, y0, z0, x1, y1, z1] of boxes) {
      for (let x = x0; x < x1; x++) {
        for (let y = y0; y < y1; y++) {
          for (let z = z0; z < z1; z++) this.cells.set(`${x},${y},${z}`, [x, y, z]);
        }
      }
    }
  }

  has(x, y, z) {
    return this.cells.has(`${x},${y},${z}`);
  }

  getBlock({ x, y, z }) {
    const position = new Vec3(Math.floor(x), Math.floor(y), Math.floor(z));
    const kind = this.has(position.x, position.y, position.z) ? SOLID : AIR;
    return {
      type: kind.id,
      metadata: 0,
      position,
      boundingBox: kind.boundingBox,
      shapes: kind === AIR ? [] : shapes[shapeIds[kind.name]],
    };
  }

  /** Cells that a body built anew from its position overlaps, or would if it were wider. */
  around({ x, y, z }, wider = 0) {
    const half = 0.3 + wider;
    return [...this.cells.values()].filter(
      ([cx, cy, cz]) =>
        x - half < cx + 1 &&
        x + half > cx &&
        z - half < cz + 1 &&
        z + half > cz &&
        y < cy + 1 &&
        y + 1.8 > cy,
    );
  }
}

function player([x, y, z]) {
  return {
    version: MINECRAFT,
    jumpTicks: 0,
    jumpQueued: false,
    fireworkRocketDuration: 0,
    inventory: { slots: [] },
    entity: {
      position: new Vec3(x, y, z),
      velocity: new Vec3(0, 0, 0),
      onGround: false,
      isInWater: false,
      isInLava: false,
      isInWeb: false,
      isCollidedHorizontally: false,
      isCollidedVertically: false,
      elytraFlying: false,
      yaw: 0,
      pitch: 0,
      effects: {},
      attributes: {},
    },
  };
}

/** Keys of every tick: {forward, back, left, right, jump, yaw}. */
function keysOf(script) {
  return script.flatMap(([ticks, keys, yaw, turn]) => {
    const held = keys.split(" ");
    const names = ["forward", "back", "left", "right", "jump"];
    const pressed = Object.fromEntries(names.map((name) => [name, held.includes(name)]));
    return Array.from({ length: ticks }, (_, i) => ({ ...pressed, yaw: yaw + turn * i }));
  });
}

/** What happened in each tick, as `EXERCISED` reads it. The body starts without velocity. */
export function simulate({ boxes, start, script }, name) {
  const world = new World(boxes);
  const physics = prismarine.Physics(data, world);
  const control = { sprint: false, sneak: false };
  const state = new prismarine.PlayerState(player(start), control);
  let [x, y, z] = start;
  if (world.around(state.pos).length)
    throw new Error(`${name} starts inside ${world.around(state.pos)}`);
  return keysOf(script).map((keys, tick) => {
    const { onGround: stood, vel } = state;
    const falling = vel.y < 0;
    Object.assign(control, keys);
    // prismarine's yaw is in radians and counter-clockwise from -z, Minecraft's is in degrees and
    // clockwise from +z.
    state.yaw = Math.PI - (keys.yaw * Math.PI) / 180;
    physics.simulatePlayer(state, world);
    const { pos } = state;
    const inside = world.around(pos);
    if (inside.length)
      throw new Error(`${name}: rounding put the body at ${pos} inside ${inside} in tick ${tick}`);
    const lintels = world
      .around(pos, 1e-6)
      .filter(([cx, cy, cz]) => cy >= y + 1.8 - 1e-6 && !world.has(cx, cy - 1, cz));
    const event = {
      keys,
      at: [pos.x, pos.y, pos.z],
      moved: [pos.x - x, pos.y - y, pos.z - z],
      stood,
      stands: state.onGround,
      blockedX: state.isCollidedHorizontally && vel.x === 0,
      blockedZ: state.isCollidedHorizontally && vel.z === 0,
      bumpedHead: state.isCollidedVertically && !state.onGround,
      metLintel: stood && state.isCollidedHorizontally && lintels.length > 0,
      lifted: falling && !stood && pos.y > y,
    };
    [x, y, z] = event.at;
    return event;
  });
}
