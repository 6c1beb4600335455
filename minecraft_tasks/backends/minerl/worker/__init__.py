"""The half of the MineRL backend that runs in MineRL's own environment, one process a Minecraft."""
