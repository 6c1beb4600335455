from .backend import VoxelBackend as VoxelBackend
from .cuda import kernels as kernels
from .scene import light as light
from .scene import sky as sky
