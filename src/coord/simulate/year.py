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
    that finds no room keeps those behind it from what it claims, so nobody is overtaken by a competitor. One
    whose team is busy is not ready, and keeps nobody from anything.
    """
    year = _Year(policy, proposals)
    for day in range(YEAR):
        changed = year.release(day)
        if year.arrive(day) or changed:
            year.admit(day)
    return year.starts


class _Year:
    def __init__(self, policy: Policy, proposals: Sequence[Proposal]) -> None:
        self.policy, self.proposals = policy, proposals
        self.claims = [frozenset(policy.claims(proposal)) for proposal in proposals]
        # when so many claims are blocked, nobody can start any more; those that claim nothing always can
        self.most = len(set().union(*self.claims)) if all(self.claims) else -1
        self.starts = [NEVER] * len(proposals)
        self.ends: dict[int, list[int]] = defaultdict(list)
        self.busy: set[int] = set()
        self.waiting: list[int] = []
        self.come = 0

    def release(self, day: int) -> bool:
        """Make room; whether anybody was over."""
        over = self.ends.pop(day, [])
        for number in over:
            proposal = self.proposals[number]
            self.policy.end(number, proposal)
            if proposal.team is not None:
                self.busy.discard(proposal.team)
        return bool(over)

    def arrive(self, day: int) -> bool:
        """Let those of the day come; whether there are any."""
        before = self.come
        while self.come < len(self.proposals) and self.proposals[self.come].day <= day:
            self.waiting.append(self.come)
            self.come += 1
        return self.come > before

    def admit(self, day: int) -> None:
        """Start those that may."""
        blocked: set[Hashable] = set()
        left: list[int] = []
        for place, number in enumerate(self.waiting):
            if self.proposals[number].team in self.busy:
                left.append(number)
            elif not blocked.isdisjoint(self.claims[number]) or not self._start(number, day):
                left.append(number)
                blocked |= self.claims[number]
                if len(blocked) == self.most:
                    left += self.waiting[place + 1 :]
                    break
        self.waiting = left

    def _start(self, number: int, day: int) -> bool:
        proposal = self.proposals[number]
        if not self.policy.start(number, proposal):
            return False
        self.starts[number] = day
        self.ends[day + proposal.length].append(number)
        if proposal.team is not None:
            self.busy.add(proposal.team)
        return True
