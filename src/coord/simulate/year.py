"""A year under a policy, day by day: those over make room, those that wait start as they came."""

from collections import defaultdict
from collections.abc import Hashable, Sequence

from coord.simulate.arrivals import YEAR, Proposal
from coord.simulate.policies import Policy

NEVER = -1
"""The start of what has not started in the year."""


def starts(policy: Policy, proposals: Sequence[Proposal]) -> list[int]:
    """The day on which each proposal starts, or NEVER. Proposals are in the order in which they come.

    A day begins with the end of what is over. Then those that wait are asked, the first to come first; one
    that finds no room keeps those behind it from what it claims, so nobody is overtaken by a competitor. A
    team runs one experiment at a time.
    """
    found = [NEVER] * len(proposals)
    claims = [_claims(policy, proposal) for proposal in proposals]
    distinct = len(set().union(*claims)) if claims else 0
    ends: dict[int, list[int]] = defaultdict(list)
    busy: set[int | None] = set()
    waiting: list[int] = []
    coming = 0
    for day in range(YEAR):
        over, before = ends.pop(day, []), coming
        for number in over:
            policy.end(number, proposals[number])
            busy.discard(proposals[number].team)
        while coming < len(proposals) and proposals[coming].day <= day:
            waiting.append(coming)
            coming += 1
        if not over and coming == before:
            continue
        blocked: set[Hashable] = set()
        left: list[int] = []
        for place, number in enumerate(waiting):
            proposal = proposals[number]
            free = blocked.isdisjoint(claims[number]) and proposal.team not in busy
            if free and policy.start(number, proposal):
                found[number] = day
                ends[day + proposal.length].append(number)
                if proposal.team is not None:
                    busy.add(proposal.team)
                continue
            blocked.update(claims[number])
            left.append(number)
            if len(blocked) == distinct:  # whoever is behind claims something that is blocked
                left += waiting[place + 1 :]
                break
        waiting = left
    return found


def _claims(policy: Policy, proposal: Proposal) -> frozenset[Hashable]:
    team = () if proposal.team is None else (("team", proposal.team),)
    return frozenset((*policy.claims(proposal), *team))
