"""The stand-in for Minecraft keeps to Malmo's protocol and to the rules of its drawing.

It proves client, mission and protocol, not rendering, physics or block placement in Minecraft.
"""

from __future__ import annotations

import select
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from minecraft_tasks.backends.minerl.machine.home import Home
from minecraft_tasks.backends.voxel.backend import VoxelBackend
from minecraft_tasks.blocks.palette import PALETTE, block_id, connected
from minecraft_tasks.physics import motion
from minecraft_tasks.physics.collision import shapes
from tests.standin.faults import KINDS, Fault, Faults, ask_for
from tests.standin.flat import layers
from tests.standin.ground import World
from tests.standin.log import Log
from tests.standin.probe import FLAT, HANDLERS, HELLO, WALK, Client, Seen, mission
from tests.standin.server import Server
from tests.standin.showing import PALETTE_IDS, palette_id
from tests.standin.states import State, default
from tests.standin.view import warm
from tests.support.children import environment
from tests.support.ports import reserved
from tests.support.waiting import DEADLINE, wait_for


@pytest.fixture(scope="session")
def schemas(minerl: Home) -> Path:
    """Malmo's folder of schemas."""
    return minerl.malmo / "Schemas"


@pytest.fixture
def faults(tmp_path: Path) -> Path:
    return tmp_path / "faults"


@pytest.fixture(scope="session")
def compiled() -> None:
    """The engine is compiled, so that no answer waits for that."""
    warm()


@pytest.fixture
def server(compiled: None, schemas: Path, faults: Path, tmp_path: Path) -> Iterator[Server]:
    left: list[int] = []
    made = Server(0, schemas, Faults(faults), Log(tmp_path / "log"), left.append)
    thread = threading.Thread(target=made.serve, daemon=True)
    thread.start()
    yield made
    made.close()
    thread.join()


@pytest.fixture
def client(server: Server) -> Iterator[Client]:
    made = Client(server.port)
    yield made
    made.socket.close()


def playing(client: Client, **how: Any) -> Seen:
    """The first observation of a mission that begins."""
    assert client.begin(mission(**how)) == 1
    return client.peek()


def seen(server: Server, *cell: int) -> str:
    """Our name of what the engine shows in a cell, by Minecraft's coordinates."""
    assert server.game.play is not None
    view = server.game.play.view
    return PALETTE[view.backend.blocks[0][tuple(np.subtract(cell, view.origin))]].name


def room() -> np.ndarray:
    """`ROOM` as the embedded engine would hold it."""
    blocks = np.zeros((12, 7, 12), np.uint8)
    blocks[:, 0] = block_id("grass")
    blocks[:, 1:4, 8] = block_id("stone_bricks")
    blocks[4, 1, 5] = block_id("red_wool")
    blocks[6, 1, 6] = block_id("stone_brick_slab")
    return blocks


def log(tmp_path: Path) -> str:
    return (tmp_path / "log").read_text()


def test_a_mission_from_hello_to_exit(client: Client, server: Server) -> None:
    assert client.ask("<Quit/>") == 1
    frame, info, done = playing(client)
    assert (len(frame), done) == (16 * 16 * 3, 0)
    assert (info["xpos"], info["ypos"], info["zpos"], info["yaw"]) == (6.5, 4.0, 2.5, 15.0)
    _, info, done = client.step(WALK)
    assert done == 0
    assert info["zpos"] > 2.5
    assert client.ask("<Quit/>") == 1
    client.send("<Disconnect/>")
    assert client.message() is None


def test_the_small_messages(client: Client, server: Server) -> None:
    client.send("<Status/>", "<Echo>x</Echo>")
    assert [client.message(), client.message()] == [b"{}", b"<Echo><Echo>x</Echo></Echo>"]
    assert client.begin(mission()) == 1
    assert client.ask("<Find>uid1:0:0</Find>") == server.port
    assert client.ask("<Close>uid1:0:0</Close>") == 1
    assert client.ask("<Init/>") == 1
    assert client.ask("<Exit>NOW</Exit>") == 1
    assert client.message() is None


@pytest.mark.parametrize("hello", [b"<MalmoEnv0.36.0/>", HELLO + b"..........", b"GET / HTTP"])
def test_a_wrong_hello_is_shown_the_door(server: Server, hello: bytes) -> None:
    assert Client(server.port, hello).message() is None


def test_an_unknown_message_ends_the_connection_but_not_the_mission(
    client: Client, server: Server
) -> None:
    playing(client)
    client.send("<Nonsense/>")
    assert client.message() is None
    assert server.game.play is not None


def test_an_invalid_mission_is_answered_with_0_again_and_again(
    client: Client, tmp_path: Path
) -> None:
    wrong = mission(drawing='<DrawBlock x="1.5" y="4" z="0" type="stone"/>')
    assert [client.begin(wrong, uid="same") for _ in range(3)] == [0, 0, 0]
    assert "'1.5' is not a valid value" in log(tmp_path)
    assert client.begin(mission().replace(b"Summary", b"Summry")) == 0
    assert client.begin(mission(version="0.36.0")) == 0
    assert client.begin(mission()) == 1


def test_a_mission_that_is_no_xml_is_not_even_answered(client: Client) -> None:
    client.send(mission()[:-5], "uid:0:0:1:true")
    assert client.message() is None


def test_a_mission_that_began_is_not_begun_again(client: Client, server: Server) -> None:
    playing(client)
    client.step(WALK)
    play = server.game.play
    assert client.begin(mission(), uid="uid1") == 1
    assert server.game.play is play


def test_a_mission_amid_another_is_refused_once(client: Client) -> None:
    playing(client)
    assert [client.begin(mission(), uid="next") for _ in range(2)] == [0, 1]


def test_a_new_mission_starts_on_an_empty_flat_world(client: Client, server: Server) -> None:
    playing(client)
    assert seen(server, 4, 4, 5) == "red_wool"
    client.ask("<Quit/>")
    playing(client, drawing='<DrawCuboid x1="0" y1="4" z1="0" x2="11" y2="9" z2="11" type="air"/>')
    assert seen(server, 4, 4, 5) == "air"


def test_the_server_ends_the_mission_when_its_time_is_up(client: Client) -> None:
    playing(client, limit="300")
    assert [client.step()[2] for _ in range(4)] == [0, 0, 0, 1]
    client.send("<StepClient0></StepClient0 >")
    assert client.message() is None


@pytest.mark.parametrize(
    ("attributes", "name"),
    [
        ('type="wool"', "white_wool"),
        ('type="wool" colour="LIGHT_BLUE"', "light_blue_wool"),
        ('type="stone" colour="RED"', "stone"),
        ('type="stonebrick" colour="RED" face="EAST"', "stone_bricks"),
        ('type="chest"', "chest_north"),
        ('type="chest" face="WEST"', "chest_west"),
        ('type="stained_hardened_clay" colour="RED"', "apple"),
        ('type="leaves" variant="spruce"', "hedge"),
        ('type="stone_slab" variant="stone_brick"', "stone_brick_slab"),
        ('type="wooden_slab" variant="top"', "oak_slab_top"),
        ('type="wooden_door" face="SOUTH"', "oak_door_lower_south"),
        ('type="torch"', "torch"),
        ('type="torch" face="EAST"', "torch_east"),
        ('type="lever" face="UP_Z"', "lever"),
        ('type="grass" variant="top"', "grass"),
    ],
)
def test_a_drawn_block_is_what_malmo_makes_of_its_attributes(
    client: Client, server: Server, attributes: str, name: str
) -> None:
    playing(client, drawing=f'<DrawBlock x="2" y="4" z="3" {attributes}/>')
    assert seen(server, 2, 4, 3) == name


@pytest.mark.parametrize(
    "wrong",
    [
        '<DrawBlock x="1" y="4" z="1" type="chest" face="UP"/>',
        '<DrawBlock x="1" y="4" z="1" type="log" variant="acacia"/>',
        '<DrawBlock x="1" y="4" z="1" type="lever" face="UP"/>',
        '<DrawBlock x="1" y="4" z="1" type="stone_slab"/>',
        '<DrawBlock x="1" y="4" z="1" type="diamond_block"/>',
        '<DrawLine x1="1" y1="4" z1="1" x2="2" y2="4" z2="1" type="stone"/>',
    ],
)
def test_what_cannot_be_drawn_ends_the_drawing_without_a_word_to_the_client(
    client: Client, server: Server, tmp_path: Path, wrong: str
) -> None:
    blocks = '<DrawBlock x="{}" y="4" z="0" type="stone"/>'
    playing(client, drawing=blocks.format(0) + wrong + blocks.format(5))
    assert seen(server, 0, 4, 0) == "stone"
    assert server.game.play is not None
    assert server.game.play.world.placed((5, 4, 0)).name == "air"
    assert "Error drawing into the world: " in log(tmp_path)


def test_the_window_takes_in_all_that_was_drawn_and_the_top_of_the_ground(
    client: Client, server: Server
) -> None:
    drawing = '<DrawCuboid x1="-2" y1="4" z1="1" x2="3" y2="5" z2="7" type="stone"/>'
    _, info, _ = playing(client, drawing=drawing, placement='<Placement x="0.5" y="6" z="2.25"/>')
    assert server.game.play is not None
    view = server.game.play.view
    assert view.origin == (-2, 3, 0)
    assert view.backend.blocks.shape == (1, 6, 5, 8)
    assert view.body == motion.standing(2.5, 3.0, 2.25)
    assert (info["xpos"], info["ypos"], info["zpos"]) == (0.5, 6.0, 2.25)


def test_fences_and_panes_reach_for_their_neighbours(client: Client, server: Server) -> None:
    kinds = {2: "fence", 5: "glass_pane"}
    row = ("stone", "{}", "{}", "leaves")
    playing(
        client,
        drawing="".join(
            f'<DrawBlock x="{x}" y="4" z="{z}" type="{block.format(kind)}"/>'
            for z, kind in kinds.items()
            for x, block in enumerate(row)
        ),
    )
    ids = {"fence": "oak_fence", "glass_pane": "glass_pane"}
    for z, kind in kinds.items():
        # Leaves are no opaque material, which only a fence minds.
        last = ["west"] if kind == "fence" else ["west", "east"]
        for x, sides in ((1, ["west", "east"]), (2, last)):
            assert block_id(seen(server, x, 4, z)) == connected(ids[kind], sides)


def test_the_halves_of_a_door_know_of_each_other() -> None:
    world = World(layers(FLAT))
    door = default("acacia_door")
    world.place((0, 4, 0), door.having({"facing": "east", "open": "true"}))
    world.place((0, 5, 0), door.having({"half": "upper"}))
    assert PALETTE[palette_id(world.seen((0, 5, 0)))].name == "red_door_upper_east_open"


def test_every_block_of_the_palette_has_a_state_of_its_own() -> None:
    assert sorted(PALETTE_IDS.values()) == list(range(len(PALETTE)))


@pytest.mark.parametrize(
    ("generator", "names"),
    [
        (FLAT, ["bedrock", "dirt", "dirt", "grass"]),
        ("3;minecraft:bedrock,3*minecraft:stone;1;", ["bedrock", "stone", "stone", "stone"]),
        ("2;7,2x1;1;", ["bedrock", "stone", "stone"]),
        ("3;7,2x1;1;", ["bedrock", "dirt", "dirt", "grass"]),  # not how version 3 counts
        ("", ["bedrock", "dirt", "dirt", "grass"]),
    ],
)
def test_the_layers_of_the_ground(generator: str, names: list[str]) -> None:
    assert [state.name for state in layers(generator)] == names


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ("wool color=red", "red_wool"),
        ("minecraft:wool 5", "lime_wool"),
        ("stone_slab half=top,variant=stone_brick", "stone_brick_slab_top"),
        ("stone_slab 13", "stone_brick_slab_top"),
        ("wheat age=7", "wheat"),
        ("lever facing=up_z,powered=true replace", "lever_on"),
        ("air", "air"),
    ],
)
def test_a_block_set_by_chat_is_seen_a_step_later(
    client: Client, server: Server, said: str, name: str
) -> None:
    playing(client)
    kind, *rest = said.split()
    client.step(f"chat /setblock 4 4 5 {' '.join([kind, *rest])}")
    assert seen(server, 4, 4, 5) == "red_wool"
    _, info, _ = client.step()
    assert seen(server, 4, 4, 5) == name
    assert info["floor"][7] == kind.removeprefix("minecraft:")


@pytest.mark.parametrize(
    "wrong", ["4 4 5 wool color=RED", "4 4 5 wool 16", "4 4 5 nothing", "4 4 5", "4 999 5 wool"]
)
def test_a_wrong_block_by_chat_changes_nothing(
    client: Client, server: Server, tmp_path: Path, wrong: str
) -> None:
    playing(client)
    client.step(f"chat /setblock {wrong}")
    client.step()
    assert seen(server, 4, 4, 5) == "red_wool"
    assert f"chat: /setblock {wrong}: " in log(tmp_path)


def test_the_window_grows_for_a_block_outside_of_it(client: Client, server: Server) -> None:
    playing(client)
    client.step("chat /setblock -3 4 20 gold_block")
    _, info, _ = client.step()
    assert server.game.play is not None
    assert server.game.play.view.origin == (-3, 3, 0)
    assert seen(server, -3, 4, 20) == "gold_block"
    assert (info["xpos"], info["zpos"]) == (6.5, 2.5)


def test_a_grid_runs_along_x_then_z_then_y(client: Client) -> None:
    _, info, _ = playing(client)
    assert info["floor"] == ["grass"] * 6 + ["air", "wool", "air"] + ["air"] * 3


def test_a_relative_grid_goes_with_the_body(client: Client) -> None:
    grid = """<ObservationFromGrid><Grid name="near"><min x="0" y="-1" z="-1"/>
    <max x="0" y="0" z="0"/></Grid></ObservationFromGrid>"""
    place = '<Placement x="4.5" y="4" z="6.5"/>'
    _, info, _ = playing(client, handlers=HANDLERS + grid, placement=place)
    assert info["near"] == ["grass", "grass", "wool", "air"]


def test_walking_is_the_embedded_engines_to_the_bit(client: Client) -> None:
    """Decisions of four ticks: ahead, turning, jumping onto the slab, along the wall."""
    playing(client)
    blocks, body, yaw = room(), motion.standing(6.5, 1.0, 2.5), 15.0
    decisions = [(1, 0, 0, 0.0)] * 6 + [(1, 0, 0, -15.0), (1, 1, 1, 0.0), (-1, -1, 0, 15.0)] * 4
    for ahead, aside, jump, turn in decisions:
        body, yaw = motion.decide(blocks, shapes(), body, yaw, ahead, aside, bool(jump), turn, 4)
        commands = (
            f"forward {int(ahead > 0)}\nback {int(ahead < 0)}\nleft {int(aside > 0)}\n"
            f"right {int(aside < 0)}\njump {jump}\ncamera 0.0 {turn / 4}"
        )
        for _ in range(4):
            _, info, _ = client.step(commands)
        assert (info["xpos"], info["ypos"], info["zpos"]) == (body.x, body.y + 3, body.z)
        assert info["yaw"] == yaw


def test_a_frame_is_the_embedded_engines_upside_down(client: Client) -> None:
    backend = VoxelBackend(1, room().shape, threads=1)
    pose, slot = np.array([[6.5, 1.0, 2.5, 15.0, 0.0]]), np.zeros(1, np.int64)
    backend.place(slot, room()[None], pose, np.array([6000]))
    expected = np.empty((1, 16, 16, 3), np.uint8)
    backend.frames(expected)
    frame, _, _ = playing(client)
    assert frame == expected[0, ::-1].tobytes()
    backend.yaw[0], backend.pitch[0] = -172.5, 30.0
    backend.frames(expected)
    frame, info, _ = client.step("camera 30.0 172.5")
    assert (info["yaw"], info["pitch"]) == (187.5, 30.0)
    assert frame == expected[0, ::-1].tobytes()


def test_the_camera_turns_as_the_games(client: Client) -> None:
    playing(client)
    _, info, _ = client.step("camera 100.0 -25.1")
    assert (info["yaw"], info["pitch"]) == (float(str(np.float32(15) - np.float32(25.1))), 90.0)
    _, info, _ = client.step("camera -1.5 -400")
    assert info["pitch"] == 88.5
    assert -360.0 < info["yaw"] == pytest.approx(-50.1)


def test_keys_stay_down_until_they_are_let_go(client: Client) -> None:
    playing(client)
    ways = [client.step(commands)[1]["zpos"] for commands in ("forward 1", "", "forward 2")]
    assert ways == sorted(set(ways))
    client.step("forward 0")
    for _ in range(20):
        _, info, _ = client.step()
    assert client.step()[1]["zpos"] == info["zpos"]


def test_a_command_without_its_handler_does_nothing(client: Client) -> None:
    _, before, _ = playing(client, handlers="<HumanLevelCommands/>")
    _, after, _ = client.step("camera 0 90\nchat /setblock 4 4 5 air\nnonsense")
    assert after["yaw"] == before["yaw"]


def test_an_empty_command_leaves_what_follows_for_the_next_tick(client: Client) -> None:
    playing(client)
    _, info, _ = client.step("camera 0 10\n\ncamera 0 20")
    assert info["yaw"] == 25.0
    _, info, _ = client.step("")
    assert info["yaw"] == 45.0


def test_a_fault_happens_once_and_leaves_the_file(client: Client, faults: Path) -> None:
    playing(client)
    ask_for(faults, "empty-info@step:2", "done@step:9")
    assert [bool(client.step()[1]) for _ in range(3)] == [True, False, True]
    assert faults.read_text().split() == ["done=1@step:9"]


def test_a_fault_with_a_plus_goes_on(client: Client, faults: Path) -> None:
    playing(client)
    ask_for(faults, "missing-key=yaw@step:2+")
    assert ["yaw" in client.step()[1] for _ in range(4)] == [True, False, False, False]
    ask_for(faults)
    assert "yaw" in client.step()[1]


def test_faults_of_an_observation(client: Client, faults: Path) -> None:
    playing(client)
    ask_for(faults, "short-frame=7@step", "missing-key@step")
    frame, info, done = client.step()
    assert (len(frame), "xpos" in info, done) == (16 * 16 * 3 - 7, False, 0)
    ask_for(faults, "done@step")
    assert client.step()[2] == 1
    assert client.begin(mission(), uid="next") == 1
    ask_for(faults, "done@peek", "empty-info@peek")
    _, info, done = client.peek()
    assert (info, done) == ({}, 1)


@pytest.mark.parametrize("occasion", ["mission", "peek", "step"])
def test_a_connection_is_closed_by_a_fault(client: Client, faults: Path, occasion: str) -> None:
    messages = {"peek": ["<Peek/>"], "step": ["<StepClient0></StepClient0 >"]}
    if occasion != "mission":
        playing(client)
    ask_for(faults, f"close@{occasion}")
    client.send(*messages.get(occasion, [mission(), "uid1:0:0:1:true"]))
    assert client.message() is None


def suffering(fault: str, client: Client, faults: Path, tmp_path: Path) -> None:
    """Asks for a step, and waits until the fault that it meets has begun."""
    ask_for(faults, f"{fault}@step")
    client.send("<StepClient0></StepClient0 >")
    wait_for(lambda: f"fault: {fault}=1" in log(tmp_path), f"a {fault}")


def silent(*clients: Client) -> bool:
    """Whether nothing has come for them so far."""
    return not select.select([client.socket for client in clients], [], [], 0)[0]


def test_a_game_that_hangs_answers_nobody_and_still_exits(
    client: Client, server: Server, faults: Path, tmp_path: Path
) -> None:
    playing(client)
    suffering("hang", client, faults, tmp_path)
    other = Client(server.port)
    other.send("<Quit/>")
    assert Client(server.port).ask("<Exit>NOW</Exit>") == 1
    assert silent(client, other)
    assert server.game.play is not None


def test_an_answer_is_held_back_until_it_is_let_go(
    client: Client, faults: Path, tmp_path: Path
) -> None:
    playing(client)
    suffering("hold", client, faults, tmp_path)
    assert faults.read_text().split() == ["hold@step"]
    assert silent(client)
    ask_for(faults)
    assert len(client.message() or b"") == 16 * 16 * 3


def test_a_busy_game_takes_a_mission_in_the_end(client: Client, faults: Path) -> None:
    ask_for(faults, "busy=2@mission:1")
    assert [client.begin(mission(), uid="same") for _ in range(3)] == [0, 0, 1]
    client.ask("<Quit/>")
    ask_for(faults, "busy@mission:2+")
    assert [client.begin(mission(), uid="other") for _ in range(3)] == [0, 0, 0]


def test_a_drawing_that_is_swallowed(
    client: Client, server: Server, faults: Path, tmp_path: Path
) -> None:
    ask_for(faults, "swallow-drawing=2@mission")
    playing(client)
    assert (seen(server, 0, 4, 8), seen(server, 4, 4, 5)) == ("stone_bricks", "air")
    assert "Error drawing into the world: " in log(tmp_path)


def test_a_game_of_another_version(server: Server, faults: Path) -> None:
    ask_for(faults, "bad-version@connection:2+")
    assert Client(server.port).ask("<Quit/>") == 1
    assert [Client(server.port).message() for _ in range(2)] == [None, None]


@pytest.mark.parametrize("line", ["nonsense@step:1", "busy@step:1", "hang", "hang@step:x", "@"])
def test_a_line_that_is_no_fault_is_refused(faults: Path, line: str) -> None:
    ask_for(faults, line)
    with pytest.raises(ValueError, match="is no fault"):
        Faults(faults)


def test_a_fault_is_written_as_it_is_read() -> None:
    for kind, occasions in KINDS.items():
        for occasion in occasions:
            for tail in ("", ":3", "+", ":3+"):
                line = f"{kind}=2@{occasion}{tail}"
                assert str(Fault.of(line)) == line


class Process:
    """The stand-in as a program."""

    def __init__(self, schemas: Path, *options: object) -> None:
        command = [sys.executable, "-m", "tests.standin", "--schemas", schemas, *options]
        self.process = subprocess.Popen(
            [str(word) for word in command], env=environment(), stdout=subprocess.PIPE, text=True
        )

    def __enter__(self) -> Process:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.communicate()

    def line(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip()

    def port(self) -> int:
        """Port that the handshake names."""
        start, ready = self.line(), self.line()
        assert ready == "CLIENT enter state: DORMANT"
        opening, _, port = start.rpartition(" ")
        assert opening == "***** Start MalmoEnvServer on port"
        return int(port)


def test_the_program_shakes_hands_and_exits_when_told(schemas: Path) -> None:
    with Process(schemas, "--port", 0) as program:
        assert Client(program.port()).ask("<Exit>NOW</Exit>") == 1
        assert program.process.wait(timeout=DEADLINE) == 0


def test_the_program_reads_its_port_where_the_launcher_wrote_it(
    schemas: Path, tmp_path: Path
) -> None:
    holder, free = reserved()
    config = tmp_path / "malmomodCLIENT.cfg"
    config.write_text(
        f"malmoports {{\n  I:portOverride={free}\n}}\nmalmoscore {{\n  I:policy=0\n}}"
    )
    with holder, Process(schemas, "--config", config) as program:
        assert program.port() == free


def test_a_program_that_dies_in_a_step_lives_when_started_again(
    schemas: Path, faults: Path
) -> None:
    ask_for(faults, "exit@step:2")
    with Process(schemas, "--faults", faults) as program:
        client = Client(program.port())
        playing(client)
        client.step()
        with pytest.raises(ConnectionError):
            client.step()
        assert program.process.wait(timeout=DEADLINE) == 3
    assert faults.read_text() == ""


def test_programs_that_never_start(schemas: Path, faults: Path) -> None:
    ask_for(faults, "exit@launch")
    with Process(schemas, "--faults", faults) as program:
        assert program.process.wait(timeout=DEADLINE) == 3
        assert "Start MalmoEnvServer" not in program.line()
    ask_for(faults, "hang@launch")
    with Process(schemas, "--faults", faults) as program:
        assert program.line() == "fault: hang=1"
        assert program.process.poll() is None


def test_a_state_is_the_same_in_any_order() -> None:
    one = default("stone_slab").having({"half": "top"}).having({"variant": "stone_brick"})
    other = default("stone_slab").having({"variant": "stone_brick"}).having({"half": "top"})
    assert one == other == State("stone_slab", (("half", "top"), ("variant", "stone_brick")))
