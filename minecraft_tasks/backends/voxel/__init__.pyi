from .backend import VoxelBackend as VoxelBackend
from .scene.scene import Look as Look
from .scene.scene import Scene as Scene
