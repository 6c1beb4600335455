from .prediction import Forecast as Forecast
from .prediction import forecast as forecast
from .prediction import predict as predict
from .settings import EaseRequest as EaseRequest
from .table import Reading as Reading
from .text import ease_text as ease_text
