// What a recording must show to stand for its kind, read from the events of its ticks.

const count = (events, holds) => events.filter(holds).length;
const speed = ({ moved: [x, , z] }) => Math.hypot(x, z);
const path = (events) => events.reduce((sum, event) => sum + speed(event), 0);
const blocked = ({ blockedX, blockedZ }) => blockedX || blockedZ;
const takesOff = ({ stood, moved }) => stood && moved[1] > 0.1;

/** Speed to the front and to the left of where the body looks. */
function heading({ keys, moved: [x, , z] }) {
  const yaw = (keys.yaw * Math.PI) / 180;
  const [sin, cos] = [Math.sin(yaw), Math.cos(yaw)];
  return { front: z * cos - x * sin, left: x * cos + z * sin };
}

/** Blocks fallen between leaving the ground, or the top of a jump, and landing. */
function falls(events) {
  const found = [];
  let top = null;
  for (const { stands, at } of events) {
    if (stands && top !== null) found.push(top - at[1]);
    top = stands ? null : Math.max(top ?? at[1], at[1]);
  }
  return found;
}

/** Stretches of being blocked that end although keys and yaw stay: the body slid off a corner. */
function releases(events) {
  return events.slice(1).filter((event, i) => {
    const before = events[i];
    return (
      blocked(before) &&
      !blocked(event) &&
      before.keys.yaw === event.keys.yaw &&
      speed(event) > 0.05
    );
  }).length;
}

const climb = (events) => Math.max(...events.map(({ at }) => at[1])) - events[0].at[1];

export const EXERCISED = {
  walking: (events) => ({
    "full walking speed for 100 ticks":
      count(events, (e) => Math.abs(speed(e) - 0.2158) < 1e-3) >= 100,
    "coasting without keys": count(events, (e) => !e.keys.forward && speed(e) > 0.01) >= 5,
    "open ground": count(events, blocked) === 0,
  }),
  turning: (events) => ({
    "30 blocks of way": path(events) > 30,
    "two full turns":
      events.slice(1).reduce((sum, e, i) => sum + Math.abs(e.keys.yaw - events[i].keys.yaw), 0) >
      720,
    "open ground": count(events, blocked) === 0,
  }),
  strafing: (events) => ({
    "straight left":
      count(events, (e) => heading(e).left > 0.2 && Math.abs(heading(e).front) < 0.05) >= 8,
    "straight right":
      count(events, (e) => heading(e).left < -0.2 && Math.abs(heading(e).front) < 0.05) >= 8,
    "ahead obliquely":
      count(events, (e) => heading(e).front > 0.1 && Math.abs(heading(e).left) > 0.1) >= 20,
    "back obliquely":
      count(events, (e) => heading(e).front < -0.1 && Math.abs(heading(e).left) > 0.1) >= 20,
    "both keys cancelling":
      count(events, (e) => e.keys.left && e.keys.right && speed(e) < 0.01) >= 3,
  }),
  backing: (events) => ({
    "100 ticks backwards": count(events, (e) => heading(e).front < -0.15) >= 100,
    "jumping backwards": count(events, (e) => takesOff(e) && heading(e).front < -0.1) >= 2,
  }),
  climbing: (events) => ({
    "six blocks up": climb(events) >= 6,
    "blocked by a step": count(events, blocked) >= 5,
    "landings on the way": new Set(events.filter((e) => e.stands).map((e) => e.at[1])).size >= 6,
  }),
  jumping: (events) => ({
    "eight take-offs": count(events, takesOff) >= 8,
    "jumps at a run": count(events, (e) => takesOff(e) && speed(e) > 0.15) >= 5,
    "20 blocks of way": path(events) > 20,
    "a pit entered or crossed":
      events.some((e) => e.at[1] < events[0].at[1] - 0.5) || climb(events) > 1,
  }),
  sliding: (events) => ({
    "100 ticks along a wall": count(events, (e) => blocked(e) && speed(e) > 0.04) >= 100,
    "walls on both axes": events.some((e) => e.blockedX) && events.some((e) => e.blockedZ),
    "sliding in a jump": count(events, (e) => blocked(e) && !e.stands && speed(e) > 0.04) >= 10,
  }),
  corners: (events) => ({
    "blocked along x": count(events, (e) => e.blockedX) >= 10,
    "blocked along z": count(events, (e) => e.blockedZ) >= 10,
    "wedged in a crevice": count(events, (e) => e.blockedX && e.blockedZ) >= 5,
    "sliding off corners": releases(events) >= 3,
  }),
  ledges: (events) => ({
    "three falls of two blocks": falls(events).filter((fall) => fall >= 2).length >= 3,
    "ten blocks down": events[0].at[1] - events.at(-1).at[1] >= 10,
    "lifted onto a block on landing": events.some((e) => e.lifted),
    "pressed against a wall in the air": count(events, (e) => blocked(e) && !e.stands) >= 3,
  }),
  ceilings: (events) => ({
    "head bumped six times": count(events, (e) => e.bumpedHead) >= 6,
    "jumps of two lengths":
      new Set(events.filter((e) => e.bumpedHead).map((e) => e.at[1])).size >= 2,
    "way made": path(events) > 10,
  }),
  mixed: (events) => ({
    "ten blocks of way": path(events) > 10,
    "walls met for 20 ticks": count(events, blocked) >= 20,
    "three take-offs": count(events, takesOff) >= 3,
    "stands on a block": events.some(
      (e) => e.stands && e.at[1] >= Math.min(...events.map((o) => o.at[1])) + 1,
    ),
  }),
};
