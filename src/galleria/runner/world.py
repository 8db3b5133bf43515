"""The world of a run on the command line, where the user's own rights hold."""

from galleria.runner.addresses import connect_checked
from galleria.runner.transfer import Transfers


class OpenWorld(Transfers):
    """Reaches every address, starts programs, sends mail."""

    def __init__(self) -> None:
        super().__init__(connect_checked(None), unrestricted=True)
