"""What customers meet: contacts at touchpoints, visits through channels, steps and time in each stage."""

from journey_lib.stats.kernels.touchpoints.channels import Channels
from journey_lib.stats.kernels.touchpoints.contacts import Contacts
from journey_lib.stats.kernels.touchpoints.met import Met, Seen
from journey_lib.stats.kernels.touchpoints.tally import Split, Sums, Table

__all__ = ["Channels", "Contacts", "Met", "Seen", "Split", "Sums", "Table"]
