"""Settings that Optuna proposes."""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from nn.experiments import tune
from tests.nn.helpers import needs


def valley(rate, seed):
    if rate > 0.9:
        raise ValueError("too large")
    return {"loss": (rate - 0.3) ** 2 + 0.001 * seed}


def tuned(workers, file=None):
    import optuna

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    study = optuna.create_study(sampler=optuna.samplers.TPESampler(seed=1))
    space = {"rate": optuna.distributions.FloatDistribution(0.0, 1.0)}
    with ThreadPoolExecutor(workers) as executor:
        results = tune(valley, study, space, rounds=10, at_once=4, seeds=2, file=file, executor=executor,
                       progress=False)  # fmt: skip
    return study, results


@needs("optuna")
@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")  # Optuna's own
def test_a_study_is_told_the_means_and_finds_the_valley(tmp_path):
    study, results = tuned(1, tmp_path / "tuned.jsonl")
    assert len(study.trials) == 40 and len(results) == 80
    assert abs(results.best("loss").setting["rate"] - 0.3) < 0.05
    for trial in study.trials:
        rate = trial.params["rate"]
        assert trial.state.name == ("FAIL" if rate > 0.9 else "COMPLETE")
        if rate <= 0.9:
            assert trial.value == pytest.approx((rate - 0.3) ** 2 + 0.0005, rel=1e-12)
    assert {trial.state.name for trial in study.trials} == {"FAIL", "COMPLETE"}
    assert list(tuned(3)[1]) == list(results)  # whatever the number of workers
    before = (tmp_path / "tuned.jsonl").read_bytes()
    assert list(tuned(2, tmp_path / "tuned.jsonl")[1]) == list(results)
    assert (tmp_path / "tuned.jsonl").read_bytes() == before  # begun again, every run is there


def test_without_optuna_a_line_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "optuna.trial", None)
    with pytest.raises(ImportError, match="tune needs Optuna: pip install optuna"):
        tune(valley, None, {}, rounds=1)
