"""The packed engine: searches over columns instead of objects, with the same outcome.

    node_rows      a row per node: amounts, label domains, and what changed
    pod_class      pods that no plugin can tell apart: one demand, one verdict per row
    pod_counts     how many pods a selector means, per row and per label domain
    held_terms     the (anti-)affinity terms of pods that are there, per domain
    relations      gates and wishes that follow from where other pods are
    volume_rows    how many volumes a node may hold and holds at most
    volume_answers what the volume plugins say of all rows at once
    promises       room promised to pods without a node, and whose promises count for a pod
    shortages      what rows are short of, promised room counted
    losses         who must go from a row so that a pod fits, kept until the row changes
    row_dry_runs   preemption's dry runs over rows
    profile_plan   which plugins of a profile run on columns, and which as they are written
    surroundings   what is around a kind of pod besides pods and nodes
    plain_search   one search that marks and gates decide
    related_search one search that marks and other pods alone decide
    attempt        one search: find, score, choose
    refusals       why rows are closed, in the plugins' words
    engine         follows the snapshot, forks, falls back and says how often and why

Everything here is derived from the snapshot and can be thrown away at any time. Between searches
it is repaired, not rebuilt: one placement changes one row. The readable path
(`kcore.scheduler.attempt`) stays the definition; `agreement` compares both in `paranoid` mode.
"""
