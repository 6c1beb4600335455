"""A stand-in for Minecraft under MineRL 0.4.4: it speaks Malmo's protocol, and is not Minecraft.

It proves client, mission and protocol, not rendering, physics or block placement in Minecraft.
What it draws and how bodies move in it is the embedded voxel engine's doing, so frames and
positions that agree with that engine show that a client read and sent the right bytes, and
nothing about the game. Blocks are placed by the rules that Malmo's drawing code applies to
Minecraft 1.11's block states, written down again here without a look at how the client chooses
them. What Minecraft does of itself is left out: sand that falls, torches and doors that drop off,
lamps that go out, leaves that decay, stairs that bend round a corner, mobs, hunger, time that
passes.

To start it:

    python -m tests.standin --schemas MALMO_SCHEMAS --port 0

It prints what the client's launcher waits for and serves until it is told to exit. With
``--config FILE`` the port is read from the file that MineRL's `launchClient.sh` writes, so that a
program named `java` that runs this module can take the game's place.

Faults are asked for in the text file ``--faults FILE``, one on each line, which is read again
whenever one might be due:

    KIND[=VALUE]@OCCASION[:N][+]

The occasion is `launch`, `connection`, `mission`, `peek` or `step`; its N-th in this process is
meant, or the next one without a number. A fault happens once and is then taken out of the file,
so a process that is started anew does not suffer it again (``hold`` stays until it is taken out,
and only then is there an answer); with ``+`` it stays and happens at
every occasion from the N-th on. `faults.KINDS` lists the kinds.
"""
