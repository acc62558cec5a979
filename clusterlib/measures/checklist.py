"""How far along a line of stages can a cluster be, if some elements are seen, some are missing, and some go unsaid?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple, get_args

from clusterlib.errors import unknown

State = Literal["present", "partly", "absent", "silent", "contested"]
#: What is said of an element. Contested: present at one place, absent at another.
STATES: tuple[State, ...] = get_args(State)
#: States that fulfil a requirement beyond doubt; those that rule it out.
FULFILLED: frozenset[str] = frozenset({"present"})
RULED_OUT: frozenset[str] = frozenset({"absent"})


class StageRange(NamedTuple):
    """Stages that agree with what is said.

    Attributes
    ----------
    low, high : int
        Number of the last stage that is documented, and of the last that is not ruled out; 0 is none.
    open : tuple of int
        Positions, in their stage, of the elements of stage ``low + 1`` that keep the lower end from rising.
    ruled_out : tuple of int
        Positions of the elements of stage ``high + 1`` that keep the upper end from rising.
    """

    low: int
    high: int
    open: tuple[int, ...]
    ruled_out: tuple[int, ...]


def stage_range(stages: Sequence[Sequence[State]]) -> StageRange:
    """Bound the stage that a cluster has reached by what is said of the elements that each stage requires.

    A stage is reached if it and all before it have every required element. Of an element that goes unsaid, is there
    partly, or is said to be there and not to be there, the answer may be either; so the stage is an interval: its lower
    end takes every such element for missing, its upper end for there.

    Parameters
    ----------
    stages : sequence of sequence of {"present", "partly", "absent", "silent", "contested"}
        For each stage, the first one first, the state of each element that it requires.

    Returns
    -------
    StageRange
        Both ends and what holds them.

    Raises
    ------
    InputError
        If a state is unknown.

    Examples
    --------
    >>> stage_range([["present", "present"], ["present", "silent"], ["absent", "partly"]])
    StageRange(low=1, high=2, open=(1,), ruled_out=(0,))
    """
    for stage in stages:
        for state in stage:
            if state not in STATES:
                raise unknown("state", state, STATES)
    lacking = [tuple(i for i, state in enumerate(stage) if state not in FULFILLED) for stage in stages]
    excluded = [tuple(i for i, state in enumerate(stage) if state in RULED_OUT) for stage in stages]
    low = next((i for i, found in enumerate(lacking) if found), len(stages))
    high = next((i for i, found in enumerate(excluded) if found), len(stages))
    return StageRange(
        low, high, lacking[low] if low < len(stages) else (), excluded[high] if high < len(stages) else ()
    )


def merged(states: Sequence[State]) -> State:
    """State of an element from what several places say of it.

    Parameters
    ----------
    states : sequence of str
        What each place says; none is ``silent``.

    Returns
    -------
    str
        ``contested`` if one place says present or partly and another says absent; ``partly`` if one says so and none
        denies it.

    Raises
    ------
    InputError
        If a state is unknown.

    Examples
    --------
    >>> merged(["present", "absent"]), merged(["present", "partly"]), merged([])
    ('contested', 'partly', 'silent')
    """
    for state in states:
        if state not in STATES:
            raise unknown("state", state, STATES)
    said = set(states) - {"silent"}
    if not said:
        return "silent"
    if "contested" in said or ("absent" in said and len(said) > 1):
        return "contested"
    return "partly" if "partly" in said else said.pop()
