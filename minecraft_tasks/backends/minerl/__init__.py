"""Real Minecraft behind `base.Backend`, through MineRL 0.4.4; docs/minerl.md says how."""
