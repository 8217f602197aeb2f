import pytest

from music_explorer.analysis.feature_sets import block
from music_explorer.analysis.pipeline import Config
from music_explorer.analysis.presets import PRESETS
from music_explorer.analysis.study import study_configs


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_is_a_configuration_with_a_reason(name):
    preset = PRESETS[name]
    assert preset.name == name
    assert isinstance(Config(**preset.fields), Config)
    assert preset.why.endswith(".")


def test_every_preset_decides_the_same_choices():
    decided = [set(preset.fields) - {"n_clusters", "n_components"} for preset in PRESETS.values()]
    assert all(fields == decided[0] for fields in decided)


def test_the_studys_preset_is_its_best_published_pca_run():
    assert Config(**PRESETS["study"].fields) == study_configs()[0]


@pytest.mark.parametrize("name", [name for name in PRESETS if name != "study"])
def test_the_others_cluster_single_recordings_in_the_features(name):
    config = Config(**PRESETS[name].fields)
    assert (config.space, config.one_per_recording) == ("features", True)
    assert not config.features.repeat_per_genre


@pytest.mark.parametrize("name", [name for name in PRESETS if name != "study"])
def test_the_others_let_no_block_outweigh_the_other(name):
    config = Config(**PRESETS[name].fields)
    blocks = {block(column) for column in config.features.columns}
    assert len(blocks) == 1 or config.block_weights == "equal"
