"""Fields ticked in a list, with a tick for those that the list does not know."""

from dataclasses import dataclass

from galleria.table.select_list import UNKNOWN
from galleria.tools.configuration import Configuration


@dataclass(frozen=True)
class FieldChoice:
    listed: tuple[tuple[str, bool], ...]
    """Folded names, and whether they are chosen."""
    takes_unknown: bool

    def includes(self, name: str) -> bool:
        """Whether a field is chosen, whatever the letter case of its name."""
        return next((is_chosen for other, is_chosen in self.listed if other == name.casefold()), self.takes_unknown)


def read_field_choice(config: Configuration, path: str, *, unknown: bool = False) -> FieldChoice:
    """The `<Field>` elements below `path`: a name in `field`, `name` or `value`, chosen unless `selected="False"`.

    `unknown` holds for fields that are not listed where the list does not say (`*Unknown`).
    """
    listed: dict[str, bool] = {}
    for entry in config.each(f"{path}/Field"):
        name = entry.attribute("field") or entry.attribute("name") or entry.attribute("value")
        listed.setdefault(name.casefold(), entry.attribute_flag("selected", default=True))
    takes_unknown = listed.pop(UNKNOWN.casefold(), unknown)
    return FieldChoice(tuple(listed.items()), takes_unknown)
