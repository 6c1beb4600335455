from .run_page import read_evaluation as read_evaluation
from .run_page import report_text as report_text
from .run_page import write_report as write_report
from .set_page import read_set as read_set
from .set_page import set_text as set_text
from .set_page import write_set as write_set
from .training_figures import over_training_figure as over_training_figure
