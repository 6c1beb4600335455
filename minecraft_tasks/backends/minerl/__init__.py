"""Real Minecraft as a `base.Backend`, through MineRL 0.4.4; see docs/minerl.md.

Exports nothing: `make_backend("minerl", ...)` is the way in.
"""
