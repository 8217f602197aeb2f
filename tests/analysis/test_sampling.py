import numpy as np

from music_explorer.analysis.sampling import nearest_fitted, sample


def test_a_method_that_may_see_all_points_gets_no_sample():
    assert sample(10, max_fitted=10, random_state=0) is None


def test_a_sample_holds_each_point_once_and_depends_on_the_seed():
    first, again, other = (sample(100, max_fitted=30, random_state=seed) for seed in (1, 1, 2))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)
    assert len(set(first)) == 30
    assert (np.diff(first) > 0).all()


def test_a_point_finds_its_nearest_sampled_one_and_a_sampled_one_itself():
    X = np.array([[0.0], [10.0], [1.0], [9.0], [0.0]])
    # The last point is sampled beside its twin, the first: each is its own nearest.
    assert nearest_fitted(X, np.array([0, 1, 4])).tolist()[:2] == [0, 1]
    assert nearest_fitted(X, np.array([0, 1, 4])).tolist()[3:] == [1, 2]
