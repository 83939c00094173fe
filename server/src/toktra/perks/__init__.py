"""The corporate side of Token Perks: who is invited, what tiers allow and bonuses are for, figures of many.

What somebody does with their allowance is not here, and cannot be asked for.
"""
