"""Whether a policy makes sense. Pure.

K1: what can never fire, or means nothing, is refused when it is written, with the field and the reason.
"""

from collections.abc import Iterator

from toktra.policies.rules.conditions import (
    MOST_DEEP,
    MOST_LEAVES,
    Condition,
    DepartmentIs,
    Leaf,
    ModelIs,
    ProviderIs,
    RiskLevel,
    TimeOfDay,
    TokenCount,
    UserIs,
    depth,
    leaves,
)
from toktra.policies.rules.policy import (
    MOST_ACTIONS,
    Block,
    Content,
    DepartmentThreshold,
    EmailUser,
    IpRiskEvent,
    Trigger,
)

Problem = tuple[str, str]
"""The field, and what is wrong with it."""

_OF_USAGE = (TokenCount, ModelIs, ProviderIs)


def problems(content: Content) -> Iterator[Problem]:
    """What is wrong with a policy, the first first."""
    yield from _trigger_problems(content.trigger)
    yield from condition_problems(content.conditions, content.trigger)
    yield from _action_problems(content)


def _trigger_problems(trigger: Trigger) -> Iterator[Problem]:
    if isinstance(trigger, DepartmentThreshold) and (trigger.limit_tokens is None) == (
        trigger.limit_micros is None
    ):
        yield "trigger", "A threshold is in tokens or in money. Give limit_tokens or limit_micros, not both."


def condition_problems(condition: Condition, trigger: Trigger) -> Iterator[Problem]:
    """What is wrong with a tree of conditions under a trigger."""
    every = list(leaves(condition))
    if len(every) > MOST_LEAVES:
        yield "conditions", f"A policy has at most {MOST_LEAVES} conditions. Make two policies of it."
    if depth(condition) > MOST_DEEP:
        yield "conditions", f"Conditions are nested at most {MOST_DEEP} deep."
    for leaf in every:
        if isinstance(leaf, RiskLevel) and not isinstance(trigger, IpRiskEvent):
            yield "conditions", "Only risk events have a risk level. Choose that trigger, or take it out."
        if isinstance(leaf, _OF_USAGE) and isinstance(trigger, IpRiskEvent):
            yield "conditions", "A risk event has no tokens, no model and no provider. Take it out."
        if wrong := _shape_problem(leaf):
            yield "conditions", wrong


def _shape_problem(leaf: Leaf) -> str | None:
    several = isinstance(getattr(leaf, "value", None), list)
    match leaf:
        case TokenCount(operator="between", value=[low, high]) if low > high:
            return "between takes the smaller number first."
        case TokenCount(operator=operator):
            return _takes("two numbers" if operator == "between" else "one", several, operator == "between")
        case RiskLevel(operator="greater", value="critical") | RiskLevel(operator="less", value="low"):
            return "There is no such risk level, so nothing would match."
        case TimeOfDay(weekdays=days) if len(set(days)) < len(days):
            return "Each weekday stands once."
        case TimeOfDay(value=hours) if hours.start == "24:00":
            return "A window begins before 24:00."
        case UserIs() | DepartmentIs() | ModelIs() | ProviderIs() | RiskLevel():
            listing = leaf.operator in ("in", "not_in")
            return _takes("a list" if listing else "one value", several, listing)
    return None


def _takes(what: str, several: bool, wanted: bool) -> str | None:
    return None if several == wanted else f"This operator takes {what}."


def _action_problems(content: Content) -> Iterator[Problem]:
    actions = content.actions
    if not 1 <= len(actions) <= MOST_ACTIONS:
        yield "actions", f"A policy has 1 to {MOST_ACTIONS} actions."
    if len({repr(one) for one in actions}) < len(actions):
        yield "actions", "The same action stands twice."
    if sum(isinstance(one, Block) for one in actions) > 1:
        yield "actions", "A policy blocks in one way. Put all models into one action."
    if sum(isinstance(one, EmailUser) for one in actions) > 1:
        yield "actions", "One mail to the user is enough."
