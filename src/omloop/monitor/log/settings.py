"""The settings of the prediction log."""

from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal

from omloop.core import Between, RoomSettings
from omloop.monitor.log.keeping import Keeping


@dataclass(frozen=True)
class LogSettings(RoomSettings):
    """What the prediction log keeps, how surely, and for how long."""

    SECTION: ClassVar[str] = "log"

    durability: Literal["process", "disk"] = "process"
    """What a recorded prediction survives: the death of the `process`, or of the machine, once it is on the `disk`."""
    policy: Literal["strict", "lenient"] = "strict"
    """`strict`: no answer without a record; `lenient`: answered all the same, counted as lost and told in the log."""
    inputs: Literal["project", "everything", "observed"] = "project"
    """What the prediction log keeps of inputs: as the `project` says, `everything`, or only what is `observed`."""
    segment_megabytes: Annotated[int, Between(1, 1_024)] = 64
    """Size at which a new segment of the prediction log begins."""
    segment_hours: Annotated[int, Between(1, 8_760)] = 24
    """Age at which a new segment of the prediction log begins."""
    days: Annotated[int, Between(0, 36_500)] = 0
    """Days after which omloop deletes predictions; 0 keeps them."""
    megabytes: Annotated[int, Between(0, 100_000_000)] = 0
    """Size of a project's segments above which omloop deletes the oldest; 0 sets no bound."""

    def keeping(self) -> Keeping:
        """How much of the log to keep, how, and for how long."""
        return Keeping(
            segment_bytes=self.segment_megabytes * 1_000_000,
            segment_seconds=self.segment_hours * 3_600.0,
            durable=self.durability == "disk",
            seconds=self.days * 86_400.0,
            most_bytes=self.megabytes * 1_000_000,
        )

    def whole_inputs(self) -> bool | None:
        """Whether to keep whole inputs; None leaves that to the project."""
        return {"everything": True, "observed": False}.get(self.inputs)
