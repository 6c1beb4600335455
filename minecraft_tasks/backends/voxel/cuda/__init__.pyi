from .backend import CudaBackend as CudaBackend
from .backend import Levels as Levels
from .backend import check_device as check_device
from .backend import lit as lit
from .slots import VoxelCudaBackend as VoxelCudaBackend
