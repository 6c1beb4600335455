"""Engines that show a level. `base.Backend` says what one must do; `voxel` is the embedded one."""
