from .catalogue import Reviewed as Reviewed
from .catalogue import read_reviewed as read_reviewed
from .chosen import chosen as chosen
from .serve import ReviewServer as ReviewServer
from .site import write_site as write_site
