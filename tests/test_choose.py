"""The decision: what is recommended, refused and tied, from injected measurements."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from math import inf
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eval.choose.candidates import MODES, Candidate, Mode, layouts, own_mode, reference_modes, shipped_modes, variants
from eval.choose.figures import Aim, Figures, Scenario, Wanted, cost_of_a_million, ratio, to_figures
from eval.choose.load import highest_rate, simulate
from eval.choose.quality import Quality, agreement, difference, expected_f1, score_rows
from eval.choose.race import Runner, hopeless
from eval.choose.report import Outcome, reasons, to_html, to_json
from eval.choose.verdict import decide, tightest
from indexlm import Extractor, IndexLMError
from tests.systems import CASES, QUESTIONS

CLASSIFIER, TREES, DECODER, ALONE, _ = MODES
TOOL = Mode("tool", is_reference=True)
PAGES = 20
SPREAD = [0.8 + 0.4 * n / (PAGES - 1) for n in range(PAGES)]  # page times around their mean


def want(scenario: Scenario = "single", aim: Aim = "quality", cores: int = 2, **limits: Any) -> Wanted:
    return Wanted(scenario, aim, cores=cores, **limits)


TWO_CORES = want()


def quality(mean: float, noise: float = 0.0, recall: float = 0.9) -> Quality:
    """Values of a mean; with noise they go up and down from page to page."""
    values = tuple(mean + noise * (-1) ** n for n in range(PAGES))
    return Quality("word F1", values, (1 / PAGES,) * PAGES, (recall,) * PAGES)


def measured(
    mode: Mode,
    f1: float | Quality | None = 0.9,
    ms: float = 20.0,
    wanted: Wanted = TWO_CORES,
    threads: int = 0,
    workers: int = 1,
    mb: float = 100.0,
    **rest: Any,
) -> Figures:
    candidate = Candidate(mode, threads, workers, 2)
    of = quality(f1) if isinstance(f1, float) else f1
    return to_figures(candidate, [ms / 1000 * part for part in SPREAD], of, mb, 50.0, wanted, **rest)


def name(figures: Sequence[Figures], wanted: Wanted = TWO_CORES) -> str:
    chosen = decide(figures, wanted).recommended
    return chosen.name if chosen else ""


def test_the_best_is_recommended_where_the_difference_is_significant() -> None:
    figures = [measured(CLASSIFIER, 0.9), measured(TREES, 0.93), measured(DECODER, 0.91)]
    assert name(figures) == "trees"
    assert decide(figures, TWO_CORES).ties == ()


def test_without_a_significant_difference_the_fewest_changes_win_within_one_percent() -> None:
    best = measured(DECODER, quality(0.905, noise=0.2))
    default = measured(CLASSIFIER, 0.9)
    assert name([best, default]) == "classifier"
    assert [tie.name for tie in decide([best, default], TWO_CORES).ties] == ["decoder"]
    assert name([measured(DECODER, quality(0.95, noise=0.4)), default]) == "decoder"  # not significant, but 5 %
    assert name([measured(DECODER, 0.905), default]) == "decoder"  # within 1 %, but significant


def test_of_equal_changes_the_better_mode_wins_and_then_the_name() -> None:
    trees, decoder = measured(TREES, quality(0.901, noise=0.1)), measured(DECODER, quality(0.9, noise=0.12))
    assert name([decoder, trees]) == name([trees, decoder]) == "trees"


def test_for_quality_the_layout_of_processes_is_the_default_unless_another_is_much_faster() -> None:
    wanted = want("offline", cores=2)
    one = measured(CLASSIFIER, wanted=wanted, speeds=(10.0, 10.1, 10.2))
    two = measured(CLASSIFIER, workers=2, wanted=wanted, speeds=(19.0, 19.5, 20.0))
    assert name([one, two], wanted) == "classifier ×2"
    near = measured(CLASSIFIER, workers=2, wanted=wanted, speeds=(10.6, 10.7, 10.8))
    assert name([one, near], wanted) == "classifier"


def test_the_fastest_within_the_loss_is_recommended_for_speed() -> None:
    wanted = want(aim="speed")
    figures = [measured(CLASSIFIER, 0.9), measured(TREES, 0.885, 10), measured(ALONE, 0.7, 5)]
    assert name(figures, wanted) == "trees"
    assert {refusal.limit for refusal in decide(figures, wanted).refused} == {"loss"}
    assert name(figures, replace(wanted, max_loss=1.0)) == "classifier-alone"
    assert name(figures, replace(wanted, max_loss=0.01)) == "classifier"


def test_for_speed_a_tie_within_one_percent_goes_to_the_fewest_changes() -> None:
    wanted = want(aim="speed")
    noisy = to_figures(
        Candidate(CLASSIFIER, 0, 1, 2), [0.0201 * part for part in reversed(SPREAD)], quality(0.9), 9, 9, wanted
    )
    figures = [noisy, measured(TREES, ms=20.0)]
    assert name(figures, wanted) == "classifier"
    assert name([measured(CLASSIFIER, ms=20.5), measured(TREES, ms=20.0)], wanted) == "trees"


def test_cost_counts_the_cores() -> None:
    wanted = want(aim="cost", price=0.04)
    both, one = measured(CLASSIFIER, ms=20), measured(CLASSIFIER, ms=30, threads=1)
    assert name([both, one], wanted) == "classifier threads=1"
    assert cost_of_a_million(one, wanted) == pytest.approx(1e6 * 0.03 / 3600 * 0.04)
    assert name([both, one], replace(wanted, aim="speed")) == "classifier"


def test_a_service_costs_the_cores_that_are_reserved() -> None:
    wanted = want("server", "cost", rate=10, cores=2, max_p95_ms=100)
    slow, two = (
        measured(CLASSIFIER, ms=80, threads=1, wanted=wanted),
        measured(CLASSIFIER, ms=80, workers=2, wanted=wanted),
    )
    fast = measured(TREES, ms=20, wanted=wanted)
    assert cost_of_a_million(two, wanted) == 2 * cost_of_a_million(slow, wanted)
    assert name([slow, two, fast], wanted) == "trees"


@pytest.mark.parametrize(
    ("wanted", "changes", "limit"),
    [
        (want(max_p95_ms=20), {}, "p95"),
        (want(max_memory_mb=90), {}, "memory"),
        (want(min_f1=0.95), {}, "word F1"),
        (want(min_recall=0.95), {}, "recall"),
        (want(cold_start_ms=400), {"cold_ms": 500.0}, "cold start"),
        (TWO_CORES, {"f1": None}, "quality"),
        (want(cores=1), {"workers": 2}, "cores"),
        (want("server", rate=60, cores=2), {}, "load"),
        (want("server", rate=60, cores=2, max_p95_ms=100), {}, "p95"),
    ],
)
def test_each_limit_refuses_what_breaks_it_and_says_by_how_much(
    wanted: Wanted, changes: dict[str, Any], limit: str
) -> None:
    figures = measured(CLASSIFIER, wanted=wanted, **changes)
    (refusal,) = decide([figures], wanted).refused
    assert refusal.limit == limit
    assert refusal.excess > 0
    assert refusal.reason.startswith(limit)


def test_a_limit_that_is_just_met_holds() -> None:
    figures = measured(CLASSIFIER, 0.9, ms=20, mb=100)
    wanted = want(max_p95_ms=1000 * figures.latency.p95, max_memory_mb=100, min_f1=figures.quality.mean)  # type: ignore[union-attr]
    assert name([figures], wanted) == "classifier"


def test_memory_is_that_of_all_processes_and_of_the_one_that_sends_pages() -> None:
    wanted = want("offline", cores=2)
    assert measured(CLASSIFIER, mb=100, wanted=wanted).memory_mb == 100
    assert measured(CLASSIFIER, mb=100, workers=2, wanted=wanted).memory_mb == 250
    assert measured(CLASSIFIER, mb=100, wanted=want("server", rate=1)).memory_mb == 150


def test_nothing_that_meets_the_limits_names_the_tightest_and_what_could_be_had() -> None:
    figures = [measured(CLASSIFIER, 0.9, 20), measured(TREES, 0.8, 10)]
    wanted = want(min_f1=0.85, max_p95_ms=18)
    assert decide(figures, wanted).recommended is None
    limit, sentence = tightest(figures, wanted)
    assert limit == "word F1"  # 6 % short; the time of the classifier is 30 % too long
    assert "trees is nearest" in sentence
    assert "0.050 below" in sentence
    both = want(min_f1=0.99, max_p95_ms=1)
    assert "breaks several limits" in tightest(figures, both).sentence
    told = reasons(Outcome(both, figures, decide(figures, both), {}, [], {}, "", ""))
    assert told[0].startswith("Nothing meets all limits, and")


def test_tools_are_compared_and_never_recommended() -> None:
    figures = [measured(CLASSIFIER, 0.8, 20), measured(TOOL, 0.95, 1)]
    for aim in ("quality", "speed", "cost"):
        assert name(figures, want(aim=aim)) == "classifier"  # type: ignore[arg-type]
    told = reasons(Outcome(TWO_CORES, figures, decide(figures, TWO_CORES), {}, [], {}, "", ""))
    assert "tool is better on these pages" in told[2]


def test_a_verdict_has_three_sentences() -> None:
    for wanted in (TWO_CORES, want(aim="speed"), want(aim="cost"), want("server", rate=5, cores=2)):
        figures = [measured(CLASSIFIER, wanted=wanted), measured(TREES, quality(0.9, 0.1), 10, wanted=wanted)]
        figures.append(measured(TOOL, 0.7, 1, wanted=wanted))
        told = reasons(Outcome(wanted, figures, decide(figures, wanted), {}, [], {}, "", ""))
        assert len(told) == 3
        assert all(sentence.endswith(".") for sentence in told)


def test_a_best_mode_that_may_be_luck_is_said_to_be() -> None:
    figures = [measured(DECODER, quality(0.95, noise=0.4)), measured(CLASSIFIER, 0.9)]
    told = reasons(Outcome(TWO_CORES, figures, decide(figures, TWO_CORES), {}, [], {}, "", ""))
    assert "classifier is not significantly worse" in told[0]
    assert "more pages would tell" in told[0]


MEASURED = st.builds(
    lambda mode, f1, noise, ms, mb, threads: measured(mode, quality(f1, noise), ms, threads=threads, mb=mb),
    st.sampled_from([*MODES, TOOL]),
    st.floats(0.3, 0.95),
    st.floats(0, 0.05),
    st.floats(1, 500),
    st.floats(50, 500),
    st.sampled_from([0, 1]),
)
WANTED = st.builds(
    Wanted,
    aim=st.sampled_from(["quality", "speed", "cost"]),
    cores=st.sampled_from([1, 2]),
    max_p95_ms=st.none() | st.floats(1, 500),
    max_memory_mb=st.none() | st.floats(50, 500),
    min_f1=st.none() | st.floats(0.3, 0.95),
)


@settings(max_examples=150, deadline=None)
@given(st.lists(MEASURED, min_size=1, max_size=6, unique_by=lambda f: f.mode.name), WANTED)
def test_whatever_is_measured_the_recommended_meets_the_limits_and_is_hardly_worse_than_the_best(
    figures: list[Figures], wanted: Wanted
) -> None:
    verdict = decide(figures, wanted)
    assert verdict == decide(figures[::-1], wanted) or verdict.recommended == decide(figures[::-1], wanted).recommended
    chosen, refused = verdict.recommended, {refusal.name for refusal in verdict.refused}
    own = [f for f in figures if not f.mode.is_reference]
    met = [f for f in own if f.name not in refused]
    assert (chosen is None) == (not met)
    if chosen is None:
        if own:
            assert tightest(figures, wanted).sentence
        return
    assert chosen in met
    assert chosen.quality
    best = max(f.quality.mean for f in met if f.quality)
    if wanted.aim == "quality":
        assert chosen.quality.mean >= 0.99 * best - 1e-9
    else:
        assert all(ratio(chosen, other, wanted)[0] <= 1.01 + 1e-9 for other in met)
    json.dumps(to_json(Outcome(wanted, figures, verdict, {}, [], {}, "", "")), allow_nan=False)


def test_a_queue_without_load_adds_nothing_and_one_with_too_much_never_ends() -> None:
    assert simulate([0.01], 0.01, 1).p99 == pytest.approx(0.01, rel=0.01)
    assert simulate([0.1], 10.1, 1).p50 == inf
    assert simulate([0.1], 10.1, 2).p99 < 1
    # M/D/1 at half load: the mean wait is rho / (2 (1 - rho)) services, and half of the pages wait for none.
    assert simulate([0.1], 5, 1).p50 == pytest.approx(0.1, rel=0.1)
    rates = [simulate([0.05, 0.2], rate, 1).p95 for rate in (1, 3, 5, 7)]
    assert rates == sorted(rates)
    most = highest_rate([0.05, 0.2], 1, 0.4)
    assert simulate([0.05, 0.2], most, 1).p95 <= 0.4 < simulate([0.05, 0.2], 1.2 * most, 1).p95


def test_layouts_share_the_cores_between_processes_and_threads() -> None:
    names = [candidate.name for candidate in layouts(CLASSIFIER, 2, 2, True)]
    assert names == ["classifier", "classifier threads=1", "classifier ×2"]
    assert [c.name for c in layouts(CLASSIFIER, 2, 2, False)] == ["classifier", "classifier threads=1"]
    assert [c.name for c in layouts(CLASSIFIER, 1, 2, True)] == ["classifier threads=1"]
    assert [c.name for c in layouts(TREES, 2, 2, True)] == ["trees", "trees ×2"]
    assert all(c.cores <= 8 for c in layouts(DECODER, 8, 16, True))
    assert {(c.workers, c.cpus) for c in layouts(DECODER, 8, 8, True)} >= {(1, 8), (8, 1), (4, 2), (2, 4), (1, 1)}
    default = layouts(CLASSIFIER, 2, 2, True)[0]
    assert (default.changes, default.mode.extractor(default.threads)) == (0, Extractor())


def test_modes_are_what_extractor_takes() -> None:
    for mode in [*MODES, *(variant for shipped in MODES for variant in variants(shipped, True))]:
        assert mode.extractor().head == mode.head
    assert [mode.changes for mode in MODES] == [0, 1, 1, 1, 2]
    assert "trees" not in {mode.name for mode in shipped_modes("qe")}
    assert all(mode.is_reference and not mode.head for mode in reference_modes("me"))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("mine", "NAME=CHECKPOINT"),
        ("=x", "NAME=CHECKPOINT"),
        ("a/b=x", "NAME=CHECKPOINT"),
        ("trees=x", "is taken"),
        ("timings=x", "is taken"),
        ("mine=/nowhere/at/all", "a model is a directory"),
    ],
)
def test_a_bad_candidate_is_one_clear_sentence(text: str, words: str) -> None:
    with pytest.raises(IndexLMError, match=words):
        own_mode(text, "me")


def row(text: str = "", indices: Sequence[int] = (), error: str = "", expected: float | None = None) -> dict[str, Any]:
    return {"text": text, "indices": list(indices), "error": error, "expected_f1": expected}


def test_quality_agreement_and_expectation_are_different_things() -> None:
    rows = {case.id: row(case.text, expected=0.5) for case in CASES}
    half = {**rows, CASES[0].id: row(error="no good")}
    whole = score_rows(CASES, rows)
    partly = score_rows(CASES, half)
    assert whole
    assert partly
    assert (whole.metric, whole.mean, partly.mean) == ("word F1", 1.0, 0.75)
    assert difference(whole, partly)[0] == 0.25
    assert agreement("me", half, rows) == 0.75
    assert expected_f1(rows) == 0.5
    assert expected_f1({"a": row()}) is None
    answered = {"leader": row(indices=[11]), "none": row()}
    asked = score_rows(QUESTIONS, answered)
    assert asked
    assert (asked.metric, asked.mean, asked.recall) == ("block F1", 1.0, 1.0)
    assert score_rows([], {}) is None


def test_a_race_drops_what_can_win_no_more_and_keeps_the_default() -> None:
    default, good = Runner(CLASSIFIER, quality(0.8), 0.05, 100), Runner(TREES, quality(0.9), 0.01, 90)
    slow = Runner(DECODER, quality(0.9), 0.1, 90)
    near = Runner(ALONE, quality(0.9, 0.1), 0.012, 90)
    field = [default, good, slow, near]
    assert not hopeless(default, field, TWO_CORES)
    assert not hopeless(good, field, TWO_CORES)
    assert "trees is as good and faster" in hopeless(slow, field, TWO_CORES)
    assert not hopeless(near, field, TWO_CORES)
    assert "memory" in hopeless(default, field, want(max_memory_mb=95))
    assert "word F1" in hopeless(default, field, want(min_f1=0.85))
    assert "p95" in hopeless(slow, field, want(max_p95_ms=60))
    assert not hopeless(Runner(TOOL, quality(0.1), 9, 900), field, want(max_memory_mb=1))


EVIL = "</script><img src=x onerror=alert(1)><!--"


def test_the_report_escapes_whatever_pages_are_called() -> None:
    figures = [measured(replace(CLASSIFIER, name=EVIL))]
    outcome = Outcome(TWO_CORES, figures, decide(figures, TWO_CORES), {EVIL: EVIL}, [EVIL], {EVIL: EVIL}, EVIL, EVIL)
    html = to_html(to_json(outcome))
    assert "<img" not in html
    assert html.count("</script>") == 2
