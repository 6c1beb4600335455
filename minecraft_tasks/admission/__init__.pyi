from .audit import Audit as Audit
from .audit import AuditError as AuditError
from .audit import SplitAudit as SplitAudit
from .audit import audit_split as audit_split
from .audit import shared as shared
from .rules import broken_rule as broken_rule
from .rules import candidates_seen as candidates_seen
from .rules import crosses as crosses
