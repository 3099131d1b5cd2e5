"""A year under a policy, day by day: those over make room, those that wait start as they came."""

from collections import defaultdict, deque
from collections.abc import Hashable, Sequence
from heapq import heapify, heappop, heappush

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
    changed = False
    for day in range(YEAR):
        over, come = year.release(day), year.arrive(day)
        if over or come or changed:
            changed = year.admit(day)
    return year.starts


Claims = frozenset[Hashable]


class _Year:
    def __init__(self, policy: Policy, proposals: Sequence[Proposal]) -> None:
        self.policy, self.proposals = policy, proposals
        self.starts = [NEVER] * len(proposals)
        self.ends: dict[int, list[int]] = defaultdict(list)
        self.busy: set[int] = set()
        # where the first has to wait, so do all with its claims and its team: of a queue nobody else is asked
        self.queues: dict[tuple[Claims, int | None], deque[int]] = defaultdict(deque)
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
            proposal = self.proposals[self.come]
            self.queues[frozenset(self.policy.claims(proposal)), proposal.team].append(self.come)
            self.come += 1
        return self.come > before

    def admit(self, day: int) -> bool:
        """Start those that may; whether anybody did.

        Then others of their teams keep nobody from anything any more, so all are asked again the day after.
        """
        started = False
        blocked: set[Hashable] = set()
        first = [(queue[0], key) for key, queue in self.queues.items() if queue]
        heapify(first)
        while first:
            number, (claims, team) = heappop(first)
            if team in self.busy:
                continue
            if not blocked.isdisjoint(claims) or not self._start(number, day):
                blocked |= claims
                continue
            started, queue = True, self.queues[claims, team]
            queue.popleft()
            if queue:
                heappush(first, (queue[0], (claims, team)))
        return started

    def _start(self, number: int, day: int) -> bool:
        proposal = self.proposals[number]
        if not self.policy.start(number, proposal):
            return False
        self.starts[number] = day
        self.ends[day + proposal.length].append(number)
        if proposal.team is not None:
            self.busy.add(proposal.team)
        return True
