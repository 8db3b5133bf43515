"""Which nodes of a document take part in a run."""

from collections.abc import Iterable
from pathlib import PureWindowsPath

from galleria.documents.workflow import Node, Workflow
from galleria.tools.configuration import Configuration

_SILENT = ("textbox", "htmlbox", "toolcontainer", "explorerbox")
_INTERFACE = "alteryxguitoolkit."


def live_nodes(workflow: Workflow) -> list[Node]:
    """The nodes that are not inside a disabled container, at any depth."""
    by_id = {node.tool_id: node for node in workflow.nodes}
    off = {node.tool_id for node in workflow.nodes if is_container(node) and Configuration(node.configuration).flag("Disabled")}

    def is_off(node: Node) -> bool:
        container = node.container
        while container is not None:
            if container in off:
                return True
            container = by_id[container].container if container in by_id else None
        return False

    return [node for node in workflow.nodes if not is_off(node)]


def nodes_inside(container: Node, nodes: Iterable[Node]) -> set[int]:
    """The ids of the nodes that lie in a container, at any depth."""
    inside = {container.tool_id}
    found: set[int] = set()
    nodes = list(nodes)
    while inside:
        inside = {node.tool_id for node in nodes if node.container in inside}
        found |= inside
    return found


def is_container(node: Node) -> bool:
    return _last(node) in ("toolcontainer", "controlcontainer")


def is_silent(node: Node) -> bool:
    """Comments and plain containers: they carry no rows."""
    return node.plugin.casefold().startswith(_INTERFACE) and _last(node) in _SILENT


def is_interface(node: Node) -> bool:
    """Questions, actions, conditions: they work on the document before it runs."""
    plugin = node.plugin.casefold()
    return plugin.startswith(_INTERFACE) and (".questions." in plugin or _last(node) in ("action", "condition", "error"))


def macro_name(node: Node) -> str:
    """The file name of the node's macro, without its folders."""
    return PureWindowsPath(node.macro).name


def _last(node: Node) -> str:
    return node.plugin.rpartition(".")[2].casefold()
