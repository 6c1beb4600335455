"""The half that runs in MineRL's own environment, which has no `lazy_loader`: exports nothing."""
