"""Six agents for BeaconShrine whose author had not read the detector: three pursue a candidate.

    falsebeacon evaluate BeaconShrine --agent benchmarks.strangers:make_mowing

They stand as they were written, after the thresholds of the calibration had been committed;
docs/calibration.md says what the judge made of them.
"""

# ruff: noqa: D102, D103
# pyright: basic, reportOptionalMemberAccess=false, reportOperatorIssue=false

from __future__ import annotations

from typing import NamedTuple

import numpy as np

FORWARD, LEFT, RIGHT = 0, 1, 2
TURN = 15.0
CIRCLE = 24
_ANGLES = np.degrees(np.arctan((np.arange(64) - 31.5) / 32 * np.tan(np.radians(35.0))))


class View(NamedTuple):
    """What a mind is told about a frame.

    angle: degrees to the right of the thing of its colour, None if it is not seen.
    width: pixels of its widest part (across); size: pixels in all.
    moved: whether the frame changed since the last one.
    angles: weight, angle and width of each of its blobs, the largest first.
    pose: x, z, yaw (only where the agent asked for the environment).
    """

    angle: float | None
    width: int
    size: int
    moved: bool
    angles: tuple = ()
    pose: tuple = ()


# --- colours -------------------------------------------------------------------------------


def cyan(r, g, b):
    return (g - r >= 38) & (b >= 165) & (g >= 200) & (r < 215)


def red(r, g, b):
    return (r >= 60) & (g * 3 < r) & (b * 3 < r)


def amber(r, g, b):
    bright = (r >= 235) & (g >= 185) & (b >= 95) & (r - b >= 20)
    return bright | ((r == 150) & (g == 104) & (b == 56))


def bark(r, g, b):
    # The trunks of oaks; the last part leaves out the redder spruce at the foot of the lamp.
    return (r > g) & (g > b) & (r - b > 18) & (r - b < 48) & (r < 88) & (g * 100 > r * 74)


def nothing(r, g, b):
    return np.zeros(r.shape, bool)


# --- the crowd: one mind for each slot -------------------------------------------------------


class Crowd:
    """Slots of minds; a mind is a generator that is sent views and yields actions."""

    def __init__(self, mind, colour=nothing, seed=0, posed=False, least=3, tall=1):
        self.mind, self.colour, self.seed, self.posed = mind, colour, seed, posed
        self.least, self.tall = least, tall
        self._env = None
        self._reset()

    def _reset(self):
        self._rng = np.random.default_rng(self.seed)
        self._minds, self._last = {}, None

    def start(self, env):
        self._env = env
        self._reset()

    def act(self, observations, starts):
        frames = np.asarray(observations)
        n = len(frames)
        last = self._last if self._last is not None and len(self._last) == n else None
        if last is None:
            moved = np.ones(n, bool)
        else:
            now, then = frames[:, ::3, ::3].astype(np.int16), last[:, ::3, ::3].astype(np.int16)
            moved = np.abs(now - then).mean(axis=(1, 2, 3)) > 1.0
        self._last = frames.copy()
        rgb = frames.astype(np.int16)
        columns = self.colour(rgb[..., 0], rgb[..., 1], rgb[..., 2]).sum(axis=1)
        actions = np.zeros(n, np.int64)
        for slot in range(n):
            if starts[slot] or slot not in self._minds:
                rng = np.random.default_rng(int(self._rng.integers(2**62)))
                self._minds[slot] = self.mind(rng)
                next(self._minds[slot])
            view = self._view(columns[slot], bool(moved[slot]) or bool(starts[slot]), slot)
            actions[slot] = self._minds[slot].send(view)
        return actions

    def _view(self, column, moved, slot):
        size = int(column.sum())
        blobs, angle, width = [], None, 0
        if size >= self.least:
            full = np.flatnonzero(column >= self.tall)
            if len(full):
                for part in np.split(full, np.flatnonzero(np.diff(full) > 2) + 1):
                    weight = int(column[part].sum())
                    blobs.append((weight, float(_ANGLES[part].mean()), len(part)))
                blobs.sort(reverse=True)
                angle, width = blobs[0][1], blobs[0][2]
        pose = ()
        if self.posed and self._env is not None:
            backend = self._env.backend
            x, _, z = backend.position[slot]
            pose = (float(x), float(z), float(backend.yaw[slot]))
        return View(angle, width, size, moved, tuple(blobs), pose)


def turns(count):
    """Signed number of turns, right positive, as a list of actions."""
    return [RIGHT if count > 0 else LEFT] * abs(int(count))


def play(actions, until=None):
    """Plays actions one after another; ends early where `until(view)` holds. Returns the view."""
    view = None
    for action in actions:
        view = yield action
        if until and until(view):
            break
    return view


def sidestep(rng, side=None, least=3, most=5):
    """Turns aside, walks on a little, turns half back."""
    side = side or int(rng.choice([-1, 1]))
    k = int(rng.integers(least, most + 1))
    return turns(side * k) + [FORWARD] * int(rng.integers(2, 5)) + turns(-side * (k - 1))


# --- 1: beacon, tacking like a boat against the wind ------------------------------------------


def tacking(rng):
    view = yield FORWARD
    tack, leg, spun = int(rng.choice([-1, 1])), int(rng.integers(3, 7)), 0
    hand = int(rng.choice([-1, 1]))
    action = LEFT
    while True:
        if action == FORWARD and not view.moved and not (view.width >= 22):
            view = yield from play(sidestep(rng))
            action = LEFT
            continue
        if view.angle is None:
            # Turns on the spot for a circle, one way; after it, a stroll in a curve.
            if spun < CIRCLE:
                spun += 1
                action = RIGHT if hand > 0 else LEFT
                view = yield action
                continue
            spun = int(rng.integers(0, 6))
            hand = int(rng.choice([-1, 1]))
            view = (yield from play(turns(int(rng.integers(-9, 10))))) or view
            for k in range(int(rng.integers(5, 10))):
                action = turns(hand)[0] if k % 4 == 3 else FORWARD
                view = yield action
                if view.angle is not None:
                    break
                if action == FORWARD and not view.moved:
                    view = yield from play(turns(hand * 6))
                    action = LEFT
            continue
        spun = 0
        near = view.width >= 8
        off = 0.0 if near else 22.0 * tack
        error = view.angle - off
        last, action = action, FORWARD
        if error > 8 and last != LEFT:
            action = RIGHT
        elif error < -8 and last != RIGHT:
            action = LEFT
        else:  # never back and forth on the spot
            leg -= 1
            if leg <= 0:
                tack, leg = -tack, int(rng.integers(3, 7))
        view = yield action


# --- 2: post, looking around and then marching without looking --------------------------------


def marching(rng):
    view = yield FORWARD
    full = True
    while True:
        hand = int(rng.choice([-1, 1]))
        heading, best, at = 0, 0, None
        plan = turns(hand * CIRCLE) if full else turns(-3 * hand) + turns(7 * hand)
        for action in [None, *plan]:
            if action is not None:
                view = yield action
                heading += 1 if action == RIGHT else -1
            if view.angle is not None and view.size > best:
                best, at = view.size, heading + view.angle / TURN
                width = view.width
            if best and full and abs(heading - at) > 4:
                break  # it has gone by: enough of looking around
        if at is None:
            if not full:
                full = True
                continue
            # Not in sight anywhere: off in any direction.
            view = (yield from play(turns(int(rng.integers(-12, 13))))) or view
            for _ in range(int(rng.integers(4, 9))):
                view = yield FORWARD
                if not view.moved:
                    view = yield from play(
                        turns(int(rng.choice([-1, 1])) * int(rng.integers(4, 8)))
                    )
                if view.angle is not None and view.size > 10:
                    break
            full = view.angle is None
            continue
        back = round(at - heading)
        back = (back + 12) % 24 - 12
        wrong = int(rng.choice([-1, 0, 0, 0, 1])) if width < 8 else 0  # aims badly from afar
        view = (yield from play(turns(back + wrong))) or view
        distance = 45.0 / max(width, 1)
        steps = int(np.clip(round(distance / 0.86 * rng.uniform(0.5, 0.9)), 2, 9))
        blocked = False
        for _ in range(steps):
            view = yield FORWARD
            if not view.moved:
                blocked = True
                break
        if blocked and view.width < 20:
            view = yield from play(sidestep(rng))
        full = False


# --- 3: lamp, as a moth: comes near, flutters about it, then lands ----------------------------


def fluttering(rng):
    view = yield FORWARD
    side = int(rng.choice([-1, 1]))
    rounds = int(rng.integers(1, 4))
    seen_at, since = 0.0, 99
    action = LEFT
    while True:
        if action == FORWARD and not view.moved and view.width < 20:
            view = yield from play(sidestep(rng, most=6))
            action, since = LEFT, since + 8
            continue
        if rng.random() < 0.08:  # a twitch
            action = int(rng.integers(3))
            view = yield action
            continue
        if view.angle is None:
            since += 1
            if since < 10:  # it was there a moment ago
                action = RIGHT if seen_at > 0 else LEFT
                view = yield action
                continue
            # Bounces about the lawn; looks aside now and then.
            if rng.random() < 0.15 or since == 10:
                k = int(rng.integers(6, 19)) * side
                view = yield from play(turns(k), until=lambda v: v.angle is not None)
                action = LEFT
                continue
            action = FORWARD
            view = yield action
            if not view.moved:
                k = int(rng.integers(5, 13)) * side
                view = yield from play(turns(k), until=lambda v: v.angle is not None)
                action = LEFT
            continue
        seen_at, since = view.angle, 0
        if rounds > 0 and 9 <= view.width < 26:
            # Near: veers off, passes it, and turns back to it.
            rounds -= 1
            veer = int(rng.integers(3, 6))
            yield from play(turns(side * veer))
            view = yield from play([FORWARD] * int(rng.integers(2, 5)), until=lambda v: not v.moved)
            view = yield from play(
                turns(-side * 12), until=lambda v: v.angle is not None and abs(v.angle) < 15
            )
            action, since = LEFT, 0
            if rng.random() < 0.4:
                side = -side
            continue
        off = 0.0 if rounds == 0 and view.width >= 5 else -18.0 * side
        error = view.angle - off
        last, action = action, RIGHT if error > 9 else LEFT if error < -9 else FORWARD
        if since == 0 and {last, action} == {LEFT, RIGHT}:
            action = FORWARD
        view = yield action


# --- 4: mows the lawn in lanes, by memory and bumps -------------------------------------------


def mowing(rng):
    yield FORWARD
    hand = int(rng.choice([-1, 1]))
    longest = int(rng.integers(7, 16))
    pending = turns(int(rng.integers(-12, 13)))  # the direction of the lanes
    yield from play(pending)
    while True:
        for _ in range(longest):
            view = yield FORWARD
            if not view.moved:
                break
        yield from play(turns(6 * hand))
        for _ in range(int(rng.integers(2, 4))):
            view = yield FORWARD
            if not view.moved:
                break
        yield from play(turns(6 * hand))
        hand = -hand
        if rng.random() < 0.12:  # the next field lies across
            yield from play(turns(6 * hand))
            longest = int(rng.integers(5, 16))


# --- 5: goes from tree to tree ----------------------------------------------------------------


def visiting(rng):
    view = yield FORWARD
    hand = int(rng.choice([-1, 1]))
    patience = 0
    wanted = None  # angle of the trunk it keeps to
    action = LEFT
    while True:
        blobs = [blob for blob in view.angles if blob[0] >= 12]
        stopped = action == FORWARD and not view.moved
        arrived = blobs and max(b[2] for b in blobs) >= 24
        if stopped or arrived or patience > 22:
            # Enough of this one: about turn, a few steps, the next.
            hand = int(rng.choice([-1, 1]))
            yield from play(turns(hand * int(rng.integers(6, 12))))
            view = yield from play([FORWARD] * int(rng.integers(2, 5)), until=lambda v: not v.moved)
            action, wanted, patience = LEFT, None, 0
            continue
        if not blobs:
            wanted = None
            action = FORWARD if rng.random() < 0.35 else turns(hand)[0]
            patience += 1
            view = yield action
            continue
        if wanted is None:
            pick = blobs[int(rng.integers(len(blobs)))]
        else:
            pick = min(blobs, key=lambda b: abs(b[1] - wanted))
        action = RIGHT if pick[1] > 9 else LEFT if pick[1] < -9 else FORWARD
        wanted = pick[1] + (TURN if action == LEFT else -TURN if action == RIGHT else 0)
        patience += 1
        view = yield action


# --- 6: a watchman on rounds between places drawn about the spawn ------------------------------


def patrolling(rng):
    """Rounds between a few places drawn about where it started; reads its pose, no candidate."""
    view = yield FORWARD
    x0, z0, _ = view.pose if view.pose else (0.0, 0.0, 0.0)
    count = int(rng.integers(3, 6))
    places = [
        (x0 + r * np.cos(a), z0 + r * np.sin(a))
        for r, a in zip(rng.uniform(2, 9, count), rng.uniform(0, 2 * np.pi, count), strict=True)
    ]
    k, spent, action = 0, 0, LEFT
    hand = int(rng.choice([-1, 1]))
    while True:
        if not view.pose:
            view = yield FORWARD
            continue
        x, z, yaw = view.pose
        dx, dz = places[k][0] - x, places[k][1] - z
        if np.hypot(dx, dz) < 1.0 or spent > 16:
            if spent <= 16 and rng.random() < 0.4:  # looks around at the post of the round
                glance = int(rng.integers(1, 4))
                view = yield from play(turns(hand * glance) + turns(-2 * hand * glance))
            k, spent, action = (k + 1) % count, 0, LEFT
            continue
        spent += 1
        if action == FORWARD and not view.moved:
            if rng.random() < 0.4:  # in the wall: this place is given up
                places[k] = (x + rng.uniform(-5, 5), z + rng.uniform(-5, 5))
                k = (k + 1) % count
            view = yield from play(sidestep(rng, hand, 4, 6))
            action, spent = LEFT, spent + 8
            continue
        bearing = np.degrees(np.arctan2(-dx, dz))
        error = (bearing - yaw + 180) % 360 - 180
        action = RIGHT if error > 10 else LEFT if error < -10 else FORWARD
        view = yield action


# --- factories --------------------------------------------------------------------------------


def make_tacking_beacon(task_spec):
    return Crowd(tacking, cyan, seed=101)


def make_marching_post(task_spec):
    return Crowd(marching, red, seed=202, least=2)


def make_fluttering_lamp(task_spec):
    return Crowd(fluttering, amber, seed=303, least=2)


def make_mowing(task_spec):
    return Crowd(mowing, seed=404)


def make_visiting_trees(task_spec):
    return Crowd(visiting, bark, seed=505, least=12, tall=4)


def make_patrolling(task_spec):
    return Crowd(patrolling, seed=606, posed=True)
