"""How alike two texts are: Levenshtein's and Jaro's measures, from 0 (nothing in common) to 1 (equal)."""


def levenshtein_likeness(left: str, right: str) -> float:
    """1 less the share of the longer text that must be inserted, deleted or replaced."""
    longest = max(len(left), len(right))
    return 1 - _distance(left, right) / longest if longest else 1.0


def jaro_likeness(left: str, right: str) -> float:
    """Letters that both have at about the same place, and how many of these are in another order."""
    if left == right:
        return 1.0
    reach = max(max(len(left), len(right)) // 2 - 1, 0)
    taken = [False] * len(right)
    shared: list[str] = []
    for place, letter in enumerate(left):
        start = max(place - reach, 0)
        found = next((at for at in range(start, min(place + reach + 1, len(right))) if not taken[at] and right[at] == letter), None)
        if found is not None:
            taken[found] = True
            shared.append(letter)
    if not shared:
        return 0.0
    others = [letter for letter, is_taken in zip(right, taken, strict=True) if is_taken]
    moved = sum(one != other for one, other in zip(shared, others, strict=True)) / 2
    count = len(shared)
    return (count / len(left) + count / len(right) + (count - moved) / count) / 3


def _distance(left: str, right: str) -> int:
    """Levenshtein's distance, a whole row of the table at a time in the bits of a number (Myers 1999, as Hyyrö tells it)."""
    if not left or not right:
        return len(left) + len(right)
    places: dict[str, int] = {}
    for at, letter in enumerate(left):
        places[letter] = places.get(letter, 0) | 1 << at
    every, last = (1 << len(left)) - 1, 1 << len(left) - 1
    up, down, distance = every, 0, len(left)
    for letter in right:
        here = places.get(letter, 0)
        same = (((here & up) + up) ^ up) | here | down
        rises, falls = (down | ~(same | up)) & every, up & same
        distance += bool(rises & last) - bool(falls & last)
        rises = rises << 1 | 1
        moved = here | down
        up, down = (falls << 1 | ~(moved | rises)) & every, rises & moved & every
    return distance
