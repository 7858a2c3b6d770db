from itertools import permutations

from hypothesis import given
from hypothesis import strategies as st

from harness.pattern.assignment import assign

tables = st.integers(0, 5).flatmap(
    lambda width: st.lists(st.lists(st.booleans(), min_size=width, max_size=width), max_size=5)
)


def largest(table):
    width = len(table[0]) if table else 0
    if len(table) > width:
        table = [[row[column] for row in table] for column in range(width)]
        width = len(table[0]) if table else 0
    ways = permutations(range(width), len(table))
    return max((sum(row[column] for row, column in zip(table, way, strict=True)) for way in ways), default=0)


@given(tables)
def test_the_assignment_is_a_largest_one(table):
    candidates = [range(len(row)) for row in table]
    pairs = assign(candidates, lambda left, right: table[left][right])
    assert all(table[left][right] for left, right in pairs.items())
    assert len(set(pairs.values())) == len(pairs) == largest(table)


def test_each_pair_is_looked_at_once():
    asked = []

    def fits(left, right):
        asked.append((left, right))
        return right == 2 - left

    assert len(assign([range(3)] * 3, fits)) == 3
    assert len(asked) == len(set(asked))
