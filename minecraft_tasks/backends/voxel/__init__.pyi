from .backend import VoxelBackend as VoxelBackend
from .cuda.slots import VoxelCudaBackend as VoxelCudaBackend
from .scene.scene import Look as Look
from .scene.scene import Scene as Scene
