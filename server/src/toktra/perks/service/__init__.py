"""Tiers, enrolments, vouchers out, bonuses, figures in."""
