from .conflict_counts import ConflictCounts as ConflictCounts
from .conflict_counts import shares_over_training as shares_over_training
from .curves import curves_table as curves_table
from .curves import draw_curves as draw_curves
from .curves import read_curves as read_curves
from .judge import judge_checkpoints as judge_checkpoints
from .onsets import Trajectory as Trajectory
from .onsets import trajectories as trajectories
