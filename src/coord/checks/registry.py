"""Every rule there is, in the order of their codes."""

from coord.checks import bkt, bud, fit, lif, ref, syn, wvr
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
    bud.ComponentBudget(),
    bud.PerUnitBudget(),
    bud.ConcurrentBudget(),
    bud.TeamBudget(),
    fit.DoesNotFit(),
    bud.DraftExceeds(),
    lif.Length(),
    lif.EndBeforeStart(),
    wvr.Incomplete(),
    wvr.Expired(),
    wvr.MatchesNothing(),
)

BY_CODE = {rule.code: rule for rule in RULES}
