"""Every rule there is, in the order of their codes."""

from coord.checks import bkt, bud, fit, lif, met, ref, replayed, syn, systems, wvr
from coord.checks.rule import Rule

RULES: tuple[Rule, ...] = (
    syn.Unreadable(),
    syn.DuplicateKey(),
    syn.Schema(),
    syn.Impossible(),
    syn.NameDiffers(),
    ref.UnknownName(),
    ref.UsedTwice(),
    ref.DifferentSpaces(),
    bkt.Conflict(),
    bkt.NoLedger(),
    bkt.LedgerMismatch(),
    bkt.WrongDigest(),
    bkt.OutOfRange(),
    bkt.NotRandom(),
    replayed.Restricted(),
    bud.ComponentBudget(),
    bud.PerUnitBudget(),
    bud.ConcurrentBudget(),
    bud.TeamBudget(),
    fit.DoesNotFit(),
    bud.DraftExceeds(),
    met.Loosened(),
    met.NoSuccess(),
    met.NoMargin(),
    met.WindowTooLong(),
    met.Underpowered(),
    lif.Length(),
    lif.EndBeforeStart(),
    lif.CoolDown(),
    lif.Holdbacks(),
    lif.NoOutcome(),
    systems.Adaptive(),
    systems.NoVersion(),
    systems.LearnsFromAll(),
    systems.NothingToCompare(),
    wvr.Incomplete(),
    wvr.Expired(),
    wvr.MatchesNothing(),
)

BY_CODE = {rule.code: rule for rule in RULES}
