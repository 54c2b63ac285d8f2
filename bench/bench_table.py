# SPDX-License-Identifier: GPL-2.0-only
"""Rows of ratios: min, median and max of the rounds, and what is wanted."""
import statistics


def spread(values):
    return {"min": min(values), "median": statistics.median(values), "max": max(values)}


def ratio_row(name, ours, peers, least=None):
    """One ratio a round. The two sides' medians stand beside it."""
    row = {"name": name, "ours": statistics.median(ours), "peer": statistics.median(peers),
           "ratio": spread([mine / theirs for mine, theirs in zip(ours, peers)]), "at_least": least}
    print_ratio(row)
    return row


def print_ratio(row):
    ratio, least = row["ratio"], row["at_least"]
    verdict = "" if least is None else f"  wanted {least:.2f}: {'yes' if ratio['median'] >= least else 'NO'}"
    print(f"{row['name']:52} {row['ours']:10.0f} {row['peer']:10.0f}  "
          f"{ratio['min']:5.2f} {ratio['median']:5.2f} {ratio['max']:5.2f}{verdict}", flush=True)


def figure_row(name, value, unit, most=None, least=None):
    """One figure with a limit in it, or none."""
    good = (most is None or value <= most) and (least is None or value >= least)
    limit = f"at most {most}" if most is not None else f"at least {least}" if least is not None else ""
    verdict = f"  wanted {limit}: {'yes' if good else 'NO'}" if limit else ""
    print(f"{name:52} {value:10.2f} {unit}{verdict}", flush=True)
    return {"name": name, "value": value, "unit": unit, "at_most": most, "at_least": least}
