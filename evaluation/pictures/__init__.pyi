from .clips import count_frames as count_frames
from .clips import replay_clip as replay_clip
from .clips import write_clips as write_clips
from .maps import level_map as level_map
from .maps import write_plans as write_plans
from .views import compass_bearings as compass_bearings
from .views import place as place
