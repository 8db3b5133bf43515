"""The field that Multi-Row Formula and Generate Rows compute: a new one, or one that is updated."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from galleria.fields.names import find_field, get_field, unique_name
from galleria.fields.types import Field, FieldType, asked_size, field_type, parse_size
from galleria.tools.configuration import Configuration


@dataclass(frozen=True)
class ComputedField:
    """As the configuration has it."""

    updated: str
    """The field to update; empty for a new one."""
    new: Field | None

    def target(self, fields: Sequence[Field], source: str) -> Field:
        """The field with its source, numbered where a new one's name is taken; raises ToolError where the one to update is missing."""
        if self.new is not None:
            return replace(self.new, name=unique_name(self.new.name, [field.name for field in fields], len(fields) + 1), source=source)
        return replace(get_field(fields, self.updated), source=source)


def read_computed_field(config: Configuration) -> ComputedField:
    """`UpdateField` and what belongs to it."""
    if config.flag("UpdateField"):
        return ComputedField(config.value("UpdateField_Name"), None)
    kind = field_type(config.value("CreateField_Type", "Int32"))
    size, scale = parse_size(config.value("CreateField_Size")) if kind.is_text or kind is FieldType.FIXED_DECIMAL else (0, 0)
    return ComputedField("", Field(config.value("CreateField_Name"), kind, asked_size(kind, size), scale))


def with_target(fields: Sequence[Field], target: Field) -> list[Field]:
    """The fields with the target in its place, or as the last."""
    if find_field(fields, target.name) is None:
        return [*fields, target]
    return [target if field.name == target.name else field for field in fields]
