"""Severe and mild reviewers told apart from strong and weak applications."""

from dataclasses import replace

import numpy as np
import pytest

from cohorts.severity import Band, Beforehand, Reading, _Panel, band, reckon


def panel(seed, *, applications=30, reviewers=8, each=3, severity=0.5):
    """A made-up panel with a planted order: the truth, and the readings."""
    dice = np.random.default_rng(seed)
    worth = dice.normal(0, 0.5, applications)
    shift = dice.normal(0, severity, reviewers)
    return worth, [
        Reading(
            application=f"a{i:03d}",
            reviewer=f"r{j:02d}",
            score=2.5 + worth[i] + shift[j] + dice.normal(0, 0.4),
        )
        for i in range(applications)
        for j in dice.choice(reviewers, each, replace=False)
    ]


def places(values):
    return np.argsort(np.argsort(values)).astype(float)


def likeness(some, others):
    """Spearman's correlation of two orders."""
    return float(np.corrcoef(places(some), places(others))[0, 1])


def by_application(reckoning):
    return sorted(reckoning.standings, key=lambda one: one.application)


def recovered(seed, **shape):
    """How well the planted order is found, corrected and by the plain mean."""
    worth, readings = panel(seed, **shape)
    found = by_application(reckon(readings, seed=1))
    return (
        likeness(worth, [-one.rank for one in found]),
        likeness(worth, [one.mean for one in found]),
    )


def test_it_finds_a_planted_order_better_than_the_mean_on_200_panels():
    found = np.array([recovered(seed) for seed in range(200)])

    better = int((found[:, 0] > found[:, 1]).sum())
    assert better >= 170
    assert found[:, 0].mean() > found[:, 1].mean() + 0.05


def test_where_nobody_is_severe_nothing_is_lost():
    found = np.array([recovered(seed, severity=0.0) for seed in range(60)])

    assert found[:, 0].mean() > found[:, 1].mean() - 0.01


def test_a_severe_reviewer_added_to_half_the_files_does_not_move_the_order():
    """The same reader, once like the others and once far below them."""
    worth, readings = panel(4, applications=40, reviewers=6, each=4, severity=0.0)
    dice = np.random.default_rng(9)
    notes = [(f"a{i:03d}", 2.5 + worth[i] + dice.normal(0, 0.4)) for i in range(20)]

    def standings(severity):
        more = [
            Reading(application=key, reviewer="new", score=score - severity)
            for key, score in notes
        ]
        return by_application(reckon([*readings, *more], seed=1))

    mild, severe = standings(0), standings(1.5)

    corrected = likeness([one.rank for one in mild], [one.rank for one in severe])
    plain = likeness([one.mean for one in mild], [one.mean for one in severe])
    assert corrected > 0.985
    assert 1 - corrected < (1 - plain) / 3


def test_who_is_severe_is_told():
    _worth, readings = panel(4, applications=40, reviewers=6, each=3, severity=0.0)
    harsh = [
        Reading(
            application=one.application,
            reviewer=one.reviewer,
            score=one.score - (1.2 if one.reviewer == "r02" else 0),
        )
        for one in readings
    ]

    found = {one.reviewer: one for one in reckon(harsh, seed=1).severities}

    lowest = min(found.values(), key=lambda one: one.shift)
    assert lowest.reviewer == "r02"
    assert lowest.shift + 2 * lowest.error < 0


# --- The equations, against other ways to the same numbers ---------------------------


# Nothing is thought beforehand: the likeliest is then that of restricted likelihood.
NOTHING = Beforehand(spread=1e6, error=0.0, weight=0.0)


def likeliest(model):
    """One view of the likeliest variances, and these variances."""
    at, _bend = model.likeliest(NOTHING)
    view = model.view(at, NOTHING)
    error = view.squares / view.degrees
    return replace(view, error=error), [error * ratio for ratio in np.exp(at)], error


def covariance_of(model, of_applications, of_reviewers, of_errors):
    z, w = np.eye(model.n)[model.i], np.eye(model.q)[model.j]
    return (
        of_applications * z @ z.T
        + of_reviewers * w @ w.T
        + of_errors * np.eye(model.size)
    )


def test_the_variances_of_a_complete_panel_are_those_of_its_squares():
    """Where everybody reads everything, restricted likelihood is plain arithmetic."""
    _worth, readings = panel(2, applications=12, reviewers=5, each=5)
    table = np.zeros((12, 5))
    for one in readings:
        table[int(one.application[1:]), int(one.reviewer[1:])] = one.score
    mean = table.mean()
    rows, columns = table.mean(axis=1), table.mean(axis=0)
    of_rows = 5 * ((rows - mean) ** 2).sum() / 11
    of_columns = 12 * ((columns - mean) ** 2).sum() / 4
    rest = table - rows[:, None] - columns[None, :] + mean
    of_rest = (rest**2).sum() / 44

    _view, (application, reviewer), error = likeliest(_Panel(readings))

    assert error == pytest.approx(of_rest, rel=1e-3)
    assert application == pytest.approx((of_rows - of_rest) / 5, rel=1e-3)
    assert reviewer == pytest.approx((of_columns - of_rest) / 12, rel=1e-3)


def test_how_likely_variances_are_is_their_restricted_likelihood():
    """The textbook's formula over the whole covariance, between two places."""
    _worth, readings = panel(2, applications=9, reviewers=4, each=2)
    model = _Panel(readings)

    def written_out(application, reviewer):
        whole = covariance_of(model, np.exp(application), np.exp(reviewer), 1.0)
        inverse, one = np.linalg.inv(whole), np.ones(model.size)
        mean = one @ inverse @ model.y / (one @ inverse @ one)
        squares = (model.y - mean) @ inverse @ (model.y - mean)
        return -0.5 * (
            np.linalg.slogdet(whole)[1]
            + np.log(one @ inverse @ one)
            + (model.size - 1) * np.log(squares)
        )

    def ours(*at):
        return model.view(np.array(at), NOTHING).likely

    assert ours(0.3, -0.8) - ours(-0.5, 0.1) == pytest.approx(
        written_out(0.3, -0.8) - written_out(-0.5, 0.1)
    )


def test_the_effects_are_those_of_generalised_least_squares():
    """The whole covariance of all scores, written out and inverted."""
    _worth, readings = panel(3, applications=9, reviewers=4, each=2)
    model = _Panel(readings)
    view, (application, reviewer), error = likeliest(model)
    z = np.eye(model.n)[model.i]
    inverse = np.linalg.inv(covariance_of(model, application, reviewer, error))
    one = np.ones(model.size)
    mean = one @ inverse @ model.y / (one @ inverse @ one)
    effects = application * z.T @ inverse @ (model.y - mean)

    found = model.reckoning([view], seed=1, sure=0.9)

    assert found.mean == pytest.approx(mean)
    assert [one.score - found.mean for one in by_application(found)] == pytest.approx(
        list(effects)
    )


def test_expected_places_add_up():
    _worth, readings = panel(5)

    ranks = [one.rank for one in reckon(readings, seed=1).standings]

    assert sum(ranks) == pytest.approx(30 * 31 / 2)
    assert ranks == sorted(ranks)


def test_expected_places_are_the_mean_of_places_drawn():
    """The formula and the draws come to the same, each in its own way."""
    _worth, readings = panel(6, applications=8)
    model = _Panel(readings)
    view, (application, reviewer), error = likeliest(model)
    found = model.reckoning([view], seed=1, sure=0.9)
    z = np.eye(model.n)[model.i]
    inverse = np.linalg.inv(covariance_of(model, application, reviewer, error))
    one = np.ones((model.size, 1))
    project = inverse - inverse @ one @ one.T @ inverse / (one.T @ inverse @ one)
    prior = application * np.eye(model.n)
    covariance = prior - prior @ z.T @ project @ z @ prior
    effects = [s.score - found.mean for s in by_application(found)]

    draws = np.random.default_rng(1).multivariate_normal(effects, covariance, 40_000)
    drawn = (np.argsort(np.argsort(-draws, axis=1), axis=1) + 1).mean(axis=0)

    ranks = [one.rank for one in by_application(found)]
    assert np.abs(drawn - ranks).max() < 0.05


def test_intervals_hold_what_they_promise():
    """Nine of ten true places lie in the interval of nine of ten."""
    inside = total = 0
    for seed in range(40):
        worth, readings = panel(seed, applications=25)
        true = 25 - places(worth)
        for one, place in zip(
            by_application(reckon(readings, seed=seed)), true, strict=True
        ):
            inside += one.low <= place <= one.high
            total += 1

    assert 0.85 < inside / total < 0.97


# --- Bands -------------------------------------------------------------------------


def test_three_bands_by_the_seats():
    _worth, readings = panel(8, applications=40, each=5, severity=0.3)
    found = reckon(readings, seed=1)

    bands = {band: [] for band in Band}
    for one in found.standings:
        bands[band(one, seats=12)].append(one)

    assert all(bands.values())
    assert len(bands[Band.ABOVE]) <= 12
    assert len(bands[Band.BELOW]) <= 28
    assert max(s.rank for s in bands[Band.ABOVE]) < min(
        s.rank for s in bands[Band.BELOW]
    )


def test_more_seats_than_applications_take_everybody():
    _worth, readings = panel(8, applications=3, reviewers=3, each=2)

    found = reckon(readings, seed=1)

    assert {band(one, seats=4) for one in found.standings} == {Band.ABOVE}


# --- What can go wrong ----------------------------------------------------------------


def test_nothing_read_is_nothing_said():
    assert reckon([], seed=1) is None


@pytest.mark.parametrize(
    "readings",
    [
        [("a", "r", 3)],
        [("a", "r", 3), ("b", "r", 3)],
        [("a", "r", 3), ("a", "s", 1)],
        [("a", "r", 3), ("b", "s", 1)],
        [(f"a{n}", f"r{n % 3}", 2) for n in range(12)],
        [(f"a{n}", "r", n) for n in range(4)],
        [(f"a{n}", f"r{m}", n) for n in range(4) for m in range(3)],
    ],
    ids=[
        "one reading",
        "all alike",
        "one application",
        "nothing in common",
        "everyone the same",
        "one reviewer",
        "no disagreement at all",
    ],
)
def test_poor_panels_still_get_an_answer(readings):
    found = reckon(
        [Reading(application=a, reviewer=r, score=s) for a, r, s in readings], seed=1
    )

    n = len({a for a, _r, _s in readings})
    assert len(found.standings) == n
    assert all(1 <= one.low <= one.high <= n for one in found.standings)
    assert sum(one.rank for one in found.standings) == pytest.approx(n * (n + 1) / 2)


def test_the_same_readings_give_the_same_in_any_order():
    _worth, readings = panel(1)

    assert reckon(readings, seed=5) == reckon(readings[::-1], seed=5)


def test_equal_applications_get_equal_places():
    readings = [
        Reading(application=a, reviewer=r, score=s)
        for a, s in (("a", 4), ("b", 2), ("c", 2), ("d", 1))
        for r in ("r", "s")
    ]

    found = {one.application: one for one in reckon(readings, seed=1).standings}

    assert found["b"].rank == pytest.approx(found["c"].rank)


def test_the_truth_lies_in_the_interval_of_the_score_nine_times_of_ten():
    inside, many = 0, 0
    for seed in range(100):
        worth, readings = panel(seed)
        found = by_application(reckon(readings, seed=1))
        # What nobody can tell apart is how worthy all and how severe all are together.
        inside += sum(
            one.least <= 2.5 + true <= one.most
            for one, true in zip(found, worth, strict=True)
        )
        many += len(found)

    assert 0.85 < inside / many < 0.95


@pytest.mark.parametrize("twice", [0, 2, 6])
def test_few_second_readings_promise_no_more_than_they_can_keep(twice):
    """Where hardly anything is read twice, the likeliest variances are not the true."""
    score, place, many = 0, 0, 0
    for seed in range(60):
        dice = np.random.default_rng(seed)
        worth, shift = dice.normal(0, 0.5, 24), dice.normal(0, 0.4, 4)
        readings = [
            Reading(
                application=f"a{i:03d}",
                reviewer=f"r{j}",
                score=2.5 + worth[i] + shift[j] + dice.normal(0, 0.4),
            )
            for i in range(24)
            for j in dice.choice(4, 2 if i < twice else 1, replace=False)
        ]
        found = by_application(reckon(readings, seed=1))
        true = 24 - places(worth)
        score += sum(
            one.least <= 2.5 + mine <= one.most
            for one, mine in zip(found, worth, strict=True)
        )
        place += sum(
            one.low <= mine <= one.high for one, mine in zip(found, true, strict=True)
        )
        many += len(found)

    assert 0.84 < score / many < 0.97
    assert place / many > 0.88
